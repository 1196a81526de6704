/**
 * Sends the output of one environment to its receiver, as it comes. The log itself is what waits: of it no more than two requests
 * are held here, and a receiver that is away is behind until it is back, or the bounds of the log drop what it missed. How far it
 * is stands in the store after each request that was taken: a crash in between sends that request once more.
 */
import type { Clock } from '../domain/clock.ts';
import { limits } from '../domain/limits.ts';
import type { KeptLogReceiver, LogProgress } from '../domain/log-receiver.ts';
import type { Reach } from '../domain/reach.ts';
import type { LogSender } from '../logs/log-sender.ts';
import type { LogEntry, LogStore, ToldEntry } from '../logs/log-store.ts';
import { backoffMs } from '../std/backoff.ts';

export interface ShipmentParts {
  readonly logs: Pick<LogStore, 'read'>;
  readonly sender: LogSender;
  readonly clock: Clock;
  readonly reach: () => Reach;
  /** Keeps how far it is. */
  readonly keep: (progress: LogProgress) => Promise<void>;
}

/** Why nothing is taken at the moment. */
export interface Held {
  readonly why: string;
  /** When the first attempt failed; wall times, ms. */
  readonly since: number;
  readonly attempts: number;
  readonly nextAt: number;
}

/** A line waits so long for others to go with it. */
const gatherMs = 1_000;
const endedMs = 5_000;
/** Between attempts: 1 s, 2 s, 4 s … a minute, or what the receiver asks for, but never longer than this. */
const pauseMostMs = 600_000;
/** A line of ours in place of what the bounds of the log have dropped. */
const gap = /^nightshift: .*output.* dropped here \(/;

export class LogShipment {
  readonly kept: KeptLogReceiver;
  readonly #parts: ShipmentParts;
  readonly #leaving = new AbortController();
  #progress: LogProgress;
  #waiting: ToldEntry[] = [];
  #waitingBytes = 0;
  /** The time of the oldest line of the request that is under way. */
  #underWay: number | null = null;
  #held: Held | null = null;
  #sending: Promise<void> | null = null;
  #cancelGathering: (() => void) | null = null;

  constructor(kept: KeptLogReceiver, parts: ShipmentParts) {
    this.kept = kept;
    this.#parts = parts;
    this.#progress = kept.progress;
  }

  get progress(): LogProgress {
    return this.#progress;
  }

  get held(): Held | null {
    return this.#held;
  }

  /** The time of the oldest line that was read and is not taken yet; wall time, ms. */
  get behindSince(): number | null {
    return this.#underWay ?? this.#waiting[0]?.entry.time ?? null;
  }

  start(): void {
    void this.#run();
  }

  /** What is under way may still arrive; nothing more is begun. */
  close(): void {
    this.#leaving.abort();
    this.#cancelGathering?.();
  }

  async #run(): Promise<void> {
    for (let attempt = 1; !this.#leaving.signal.aborted; attempt++) {
      try {
        await this.#readOn();
        // The log ends by itself only where it is closed.
        await this.#wait(endedMs);
      } catch (error) {
        await this.#pause(error instanceof Error ? error.message : String(error), attempt, null);
      }
      // It begins again behind what was taken.
      await this.#sending?.catch(() => undefined);
      this.#waiting = [];
      this.#waitingBytes = 0;
    }
  }

  /** Rejects when the log can't be read or masked, or what was read can't be sent at all. */
  async #readOn(): Promise<void> {
    const { environment, since } = this.kept.receiver;
    const { cursor } = this.#progress;
    const from = cursor === null ? { since } : { after: cursor };
    const broken = new AbortController();
    let why: unknown;
    const sendWaiting = (): Promise<void> =>
      this.#sendWaiting().catch((error: unknown) => {
        why = error;
        broken.abort();
      });
    const signal = AbortSignal.any([this.#leaving.signal, broken.signal]);
    for await (const told of this.#parts.logs.read({ environment, follow: true, ...from }, signal)) {
      this.#waiting.push(told);
      this.#waitingBytes += told.entry.message.length;
      if (this.#waiting.length >= limits.logBatchLines || this.#waitingBytes >= limits.logBatchBytes)
        await sendWaiting();
      else this.#cancelGathering ??= this.#parts.clock.after(gatherMs, () => void sendWaiting());
      if (signal.aborted) break;
    }
    if (broken.signal.aborted) throw why;
  }

  /** Resolves when nothing waits any more. */
  #sendWaiting(): Promise<void> {
    this.#cancelGathering?.();
    this.#cancelGathering = null;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
      this.#underWay = null;
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#leaving.signal.aborted) {
      const batch = this.#waiting;
      this.#waiting = [];
      this.#waitingBytes = 0;
      await this.#send(batch);
    }
  }

  async #send(batch: readonly ToldEntry[]): Promise<void> {
    const { url, headers } = this.kept.secrets;
    const { environment } = this.kept.receiver;
    const entries = batch.map(({ entry }) => entry);
    for (let attempt = 1; !this.#leaving.signal.aborted; attempt++) {
      this.#underWay = entries[0]?.time ?? null;
      const reach = this.#parts.reach();
      const sent = await this.#parts.sender.send({ url, headers, reach, environment, entries });
      if (sent.kind === 'failed') {
        await this.#pause(sent.why, attempt, sent.pauseMs);
        continue;
      }
      if (sent.kind === 'refused' && sent.tooLarge && batch.length > 1) {
        const half = batch.length >> 1;
        await this.#send(batch.slice(0, half));
        return await this.#send(batch.slice(half));
      }
      return await this.#noteTaken(batch, sent.kind === 'taken' ? sent.refusedLines : batch.length);
    }
  }

  async #noteTaken(batch: readonly ToldEntry[], refusedLines: number): Promise<void> {
    const before = this.#progress;
    this.#held = null;
    this.#progress = {
      cursor: batch.at(-1)?.cursor ?? before.cursor,
      sentLines: before.sentLines + batch.length - refusedLines,
      refusedLines: before.refusedLines + refusedLines,
      gaps: before.gaps + batch.filter(({ entry }) => isGap(entry)).length,
      sentAt: this.#parts.clock.wall(),
    };
    // Not kept, it is sent once more after a restart; the next request keeps it all the same.
    await this.#parts.keep(this.#progress).catch(() => undefined);
  }

  async #pause(why: string, attempts: number, askedMs: number | null): Promise<void> {
    const { clock } = this.#parts;
    const ms = Math.min(pauseMostMs, Math.max(backoffMs(attempts, 0), askedMs ?? 0));
    const now = clock.wall();
    this.#held = { why, since: this.#held?.since ?? now, attempts, nextAt: now + ms };
    await this.#wait(ms);
  }

  /** Resolves after so long, or when it is to end. */
  async #wait(ms: number): Promise<void> {
    const { signal } = this.#leaving;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#parts.clock.after(ms, done);
      signal.addEventListener('abort', done, { once: true });
      function done(): void {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      }
    });
  }
}

const isGap = ({ level, message }: LogEntry): boolean =>
  level === 'ERR' && message.length < 200 && gap.test(Buffer.from(message).toString('latin1'));
