/**
 * The log as a page reads it: the last lines, then what comes, and pages back on demand. It reads at the page's pace: while it
 * is held, or full under a reader's eyes, it does not ask for more, and the daemon waits.
 */
import type { Asked } from '../../data/client.ts';
import { ApiFailure } from '../../data/failure.ts';
import { LogBuffer, type LogEntry, type LogLine, olderThan, sharingTheOldest } from './log-buffer.ts';

type Query = NonNullable<Asked<'logs'>['query']>;
export type LogsQuery = Omit<Query, 'after' | 'follow' | 'format' | 'last'>;
/** Asks for lines; batches come as they arrive. */
export type LogSource = (query: Query, signal: AbortSignal) => Promise<AsyncIterable<readonly LogEntry[]>>;

export interface FeedState {
  readonly lines: readonly LogLine[];
  /** `waiting`: the connection broke off, and it tries again. `ended`: there is nothing to follow. */
  readonly status: 'opening' | 'live' | 'held' | 'waiting' | 'ended';
  readonly failure: unknown;
  /** Nothing that is asked for lies before the first line. */
  readonly fromBeginning: boolean;
  readonly readingBack: boolean;
  /** The newest lines were let go while somebody read far back: the last line shown is not the last. */
  readonly cutOff: boolean;
  /** How many came since the log is not followed any more. */
  readonly unseen: number;
}

export interface FeedOptions {
  readonly linesMax?: number;
  readonly pageLines?: number;
  /** Between two looks at what came, ms. */
  readonly batchMs?: number;
  readonly retryMs?: number;
}

/** As many lines as the eye ever wants at once, and no page gets slow with. */
export const linesHeldMax = 20_000;

export class LogFeed {
  readonly #source: LogSource;
  readonly #query: LogsQuery;
  readonly #options: Required<FeedOptions>;
  readonly #buffer: LogBuffer;
  readonly #listeners = new Set<() => void>();
  #state: FeedState = {
    lines: [],
    status: 'opening',
    failure: undefined,
    fromBeginning: false,
    readingBack: false,
    cutOff: false,
    unseen: 0,
  };
  #reading = new AbortController();
  #arrived: LogEntry[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #held = false;
  #following = true;
  #wake: (() => void) | undefined;
  #lastCursor: string | undefined;

  constructor(source: LogSource, query: LogsQuery, options: FeedOptions = {}) {
    this.#source = source;
    this.#query = query;
    this.#options = { linesMax: linesHeldMax, pageLines: 1_000, batchMs: 60, retryMs: 1_000, ...options };
    this.#buffer = new LogBuffer(this.#options.linesMax);
  }

  readonly state = (): FeedState => this.#state;
  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Begins with the last lines; also to begin anew. */
  open(): void {
    this.close();
    this.#reading = new AbortController();
    this.#buffer.clear();
    this.#arrived = [];
    this.#lastCursor = undefined;
    this.#following = true;
    this.#become({
      lines: [],
      status: 'opening',
      failure: undefined,
      fromBeginning: false,
      cutOff: false,
      unseen: 0,
    });
    void this.#read(this.#reading.signal);
  }

  close(): void {
    this.#reading.abort();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wake?.();
  }

  /** Holds the reading, or lets it go on. */
  hold(held: boolean): void {
    this.#held = held;
    const { status } = this.#state;
    if (held && status === 'live') this.#become({ status: 'held' });
    if (!held && status === 'held') this.#become({ status: 'live' });
    this.#wake?.();
  }

  /** Whether somebody looks at the newest line: only then may the oldest lines give way. */
  follow(following: boolean): void {
    if (this.#following === following) return;
    this.#following = following;
    if (following) this.#become({ unseen: 0 });
    this.#wake?.();
  }

  /** Back to the newest line, whatever lies between. */
  toNewest(): void {
    if (this.#state.cutOff || this.#buffer.full) this.open();
    else this.follow(true);
  }

  /** The page before the oldest line. */
  async readBack(): Promise<void> {
    const { readingBack, fromBeginning, lines } = this.#state;
    const oldest = lines[0];
    if (readingBack || fromBeginning || oldest === undefined) return;
    const { signal } = this.#reading;
    this.#become({ readingBack: true });
    try {
      const until = new Date(oldest.at + 1).toISOString();
      const shared = sharingTheOldest(lines);
      for (let wanted = this.#options.pageLines; ; wanted *= 4) {
        const last = wanted + shared;
        const page: LogEntry[] = [];
        for await (const batch of await this.#source({ ...this.#query, until, last }, signal))
          page.push(...batch);
        if (signal.aborted) return;
        const older = olderThan(page, this.#buffer.lines);
        const fromBeginning = page.length < last;
        // More lines in one millisecond than a page has.
        if (older.length === 0 && !fromBeginning) continue;
        if (this.#buffer.prepend(older)) this.#cutOff();
        this.#become({ lines: this.#buffer.lines, fromBeginning });
        return;
      }
    } catch (failure) {
      if (!signal.aborted) this.#become({ failure });
    } finally {
      this.#become({ readingBack: false });
    }
  }

  /** From here on what is shown does not reach the end of the log. */
  #cutOff(): void {
    this.#become({ cutOff: true, status: 'ended' });
    const reading = this.#reading;
    this.#reading = new AbortController();
    reading.abort();
    this.#arrived = [];
    this.#wake?.();
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { retryMs, pageLines } = this.#options;
    const follow = this.#query.until === undefined;
    for (let wait = retryMs; !signal.aborted; wait = Math.min(wait * 2, 10_000)) {
      const place = this.#lastCursor === undefined ? { last: pageLines } : { after: this.#lastCursor };
      try {
        const batches = await this.#source(
          { ...this.#query, ...place, ...(follow ? { follow: 'true' } : {}) },
          signal,
        );
        if (signal.aborted) return;
        this.#become({ status: this.#held ? 'held' : 'live', failure: undefined });
        for await (const batch of batches) {
          if (signal.aborted) return;
          wait = retryMs;
          this.#take(batch);
          await this.#room(signal);
        }
        if (signal.aborted) return;
        this.#show();
        if (!follow) return this.#become({ status: 'ended' });
      } catch (failure) {
        if (signal.aborted) return;
        this.#show();
        if (failure instanceof ApiFailure && failure.status >= 400 && failure.status < 500)
          return this.#become({ status: 'ended', failure });
      }
      this.#become({ status: 'waiting' });
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, wait);
        const leave = () => {
          clearTimeout(timer);
          resolve();
        };
        signal.addEventListener('abort', leave, { once: true });
      });
    }
  }

  #take(batch: readonly LogEntry[]): void {
    this.#arrived.push(...batch);
    this.#lastCursor = batch.at(-1)?.cursor ?? this.#lastCursor;
    // Timers of a page in the background hardly run, but its memory counts.
    if (this.#arrived.length > this.#options.linesMax) this.#show();
    else this.#timer ??= setTimeout(() => this.#show(), this.#options.batchMs);
  }

  /** Many small batches are one change of the page. */
  #show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const arrived = this.#arrived;
    this.#arrived = [];
    if (arrived.length === 0) return;
    this.#buffer.append(arrived);
    this.#become({
      lines: this.#buffer.lines,
      unseen: this.#following ? 0 : this.#state.unseen + arrived.length,
      ...(this.#buffer.full ? { fromBeginning: false } : {}),
    });
  }

  /** Resolves when there is room for more: nobody holds it, and no reader would lose their place. */
  async #room(signal: AbortSignal): Promise<void> {
    const mustWait = () =>
      this.#held ||
      (!this.#following && this.#buffer.lines.length + this.#arrived.length >= this.#options.linesMax);
    while (!signal.aborted && mustWait()) {
      this.#show();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #become(change: Partial<FeedState>): void {
    this.#state = { ...this.#state, ...change };
    for (const each of this.#listeners) each();
  }
}
