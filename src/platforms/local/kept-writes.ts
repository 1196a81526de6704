/**
 * Writes that must reach the store in the end. While it can't be written (a full disk, say) they wait, in memory, and one
 * small write asks every few seconds whether it is back; jobs wait for none of it.
 */
import type { Clock } from '../../domain/clock.ts';
import { Refusal } from '../../domain/errors.ts';
import { formatDuration } from '../../domain/units.ts';
import type { Journal } from './journal.ts';

/** Meta key: written to see whether the store can be written. */
const probeKey = 'store.probe';
const askAgainMs = 2_000;

interface Outage {
  readonly diskFull: boolean;
  readonly since: number;
  readonly over: Promise<void>;
  /** Writes that waited. */
  late: number;
}

export interface KeptWritesOptions {
  readonly journal: Pick<Journal, 'setMeta'>;
  readonly clock: Clock;
  /** Told the beginning and the end of a time in which the store can't be written. */
  readonly tell: (sentence: string) => void;
  /** The disk is full, or has room again. */
  readonly diskFull?: (full: boolean) => void;
}

export class KeptWrites {
  readonly #options: KeptWritesOptions;
  #outage: Outage | null = null;
  #closed = false;

  constructor(options: KeptWritesOptions) {
    this.#options = options;
  }

  /** Carries out a write as soon as the store lets it. Rejects for other reasons only; then it was not carried out. */
  async keep<T>(write: () => Promise<T>): Promise<T> {
    for (;;) {
      if (this.#outage !== null) {
        this.#outage.late++;
        await this.#outage.over;
      }
      try {
        return await write();
      } catch (error) {
        if (!saysUnavailable(error)) throw error;
        this.failed(error);
      }
    }
  }

  /** Somebody found out that the store can't be written: it is asked again and again from now on. */
  failed(error: Refusal): void {
    if (this.#outage !== null) return;
    const { clock, tell, diskFull } = this.#options;
    const over = Promise.withResolvers<void>();
    const full = error.message.includes('the disk is full');
    this.#outage = { since: clock.monotonic(), over: over.promise, late: 0, diskFull: full };
    if (full) diskFull?.(true);
    tell(`${error.message}; what happens meanwhile is recorded as soon as it can be`);
    this.#askLater(over.resolve);
  }

  /** When the store can be written again, as far as is known: at once where nobody found that it can't. */
  get writable(): Promise<void> {
    return this.#outage?.over ?? Promise.resolve();
  }

  /** Waits for nothing any more: what was not written by now is lost. */
  close(): void {
    this.#closed = true;
  }

  #askLater(over: () => void): void {
    if (this.#closed) return;
    const { clock, journal } = this.#options;
    clock.after(askAgainMs, () => {
      if (this.#closed) return;
      journal.setMeta(probeKey, String(clock.wall())).then(
        () => this.#isBack(over),
        () => this.#askLater(over),
      );
    });
  }

  #isBack(over: () => void): void {
    const { clock, tell } = this.#options;
    const { since, late, diskFull } = this.#outage ?? { since: clock.monotonic(), late: 0, diskFull: false };
    this.#outage = null;
    if (diskFull) this.#options.diskFull?.(false);
    const seconds = Math.round((clock.monotonic() - since) / 1000);
    tell(
      `the database can be written again after ${formatDuration(seconds)}; ${late} records that waited follow`,
    );
    over();
  }
}

export const saysUnavailable = (error: unknown): error is Refusal =>
  error instanceof Refusal && error.code === 'store.unavailable';
