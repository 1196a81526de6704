/** Tells a monitor outside that the scheduler lives: when the machine or the daemon dies, it misses what does not come. */
import type { AlertBook } from './alert-book.ts';
import type { ControlParts } from './parts.ts';

/** No timer is longer than 30 s; every second one tells. */
const lookMs = 30_000;
const tellMs = 60_000;
/** The scheduler gives a sign of life every 10 s, or every 30 s when nothing is due. */
const freshMs = 75_000;

type Parts = Pick<ControlParts, 'clock' | 'senders' | 'schedulerHeartbeatAt' | 'onTrouble'>;

export class AlertHeartbeat {
  readonly #parts: Parts;
  readonly #book: Pick<AlertBook, 'settings'>;
  #toldAt = Number.NEGATIVE_INFINITY;
  #failing = false;
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor(parts: Parts, book: Pick<AlertBook, 'settings'>) {
    this.#parts = parts;
    this.#book = book;
  }

  start(): void {
    this.#later();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  /** Never rejects. A beat that does not arrive is not sent again: the next one says the same. */
  async beat(): Promise<void> {
    const { clock, senders, schedulerHeartbeatAt, onTrouble } = this.#parts;
    const url = this.#book.settings.heartbeatUrl;
    if (url === null || clock.monotonic() - this.#toldAt < tellMs) return;
    const at = await schedulerHeartbeatAt().catch(() => null);
    // A clock that was set back makes the last sign of life one of the future.
    if (at === null || Math.abs(clock.wall() - at) > freshMs) return;
    this.#toldAt = clock.monotonic();
    const failure = await senders.post({ url, body: '', headers: {}, reach: 'anywhere' });
    if (failure !== null && !this.#failing)
      onTrouble(null, `the monitor of the scheduler does not hear: ${failure.why}`);
    this.#failing = failure !== null;
  }

  #later(): void {
    if (this.#closed) return;
    this.#cancel = this.#parts.clock.after(lookMs, () => {
      void this.beat().finally(() => this.#later());
    });
  }
}
