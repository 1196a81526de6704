/**
 * What a reader holds: an iterator over a session's lines. It reads files only when it is asked for a line and has none,
 * so a slow reader holds one batch and no more; leaving it (or the signal) ends it at once, also while it waits.
 */
import { join } from 'node:path';
import type { Clock } from '../domain/clock.ts';
import type { FolderWatches } from './folder-watch.ts';
import { currentName, isFolderName, listJobs, runOfFile } from './layout.ts';
import type { ToldEntry } from './log-store.ts';
import type { ReadSession } from './read-session.ts';

export interface ReadingOptions {
  readonly root: string;
  readonly session: ReadSession;
  readonly following: boolean;
  readonly clock: Clock;
  readonly watches: FolderWatches;
  readonly leaving: AbortController;
  /** Called once, when the reading has ended. */
  readonly ended: () => void;
}

/** A reading that follows until a moment ends so many ms after it. */
const endMs = 1_000;

interface Changes {
  readonly runs: Set<string>;
  listing: boolean;
}

const done: IteratorResult<ToldEntry, undefined> = { value: undefined, done: true };

export class LogReading implements AsyncIterableIterator<ToldEntry, undefined> {
  readonly #options: ReadingOptions;
  #batch: readonly ToldEntry[] = [];
  #next = 0;
  #begun = false;
  #over = false;
  #pulling: Promise<unknown> = Promise.resolve();
  /** By job: what changed since it was last looked at. */
  #changes = new Map<string, Changes>();
  #jobsChanged = false;
  #wake: (() => void) | null = null;
  readonly #subscriptions = new Map<string, () => void>();

  constructor(options: ReadingOptions) {
    this.#options = options;
    options.leaving.signal.addEventListener('abort', () => this.#wake?.(), { once: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<ToldEntry, undefined>> {
    const told = this.#batch[this.#next];
    if (told !== undefined && !this.#options.leaving.signal.aborted) {
      this.#next++;
      return Promise.resolve({ value: told, done: false });
    }
    const pulled = this.#pulling.then(() => this.#pull());
    this.#pulling = pulled.catch(() => undefined);
    return pulled;
  }

  /** Leaves; a line that is being waited for does not come. */
  return(): Promise<IteratorResult<ToldEntry, undefined>> {
    this.#options.leaving.abort();
    this.#end();
    return Promise.resolve(done);
  }

  /** Somebody knows that a run's file changed, or will not change any more. */
  touch(job: string, run: string): void {
    if (!this.#options.following || !this.#options.session.wants(job)) return;
    this.#changed(job, [run], false);
  }

  async #pull(): Promise<IteratorResult<ToldEntry, undefined>> {
    const { session, following, leaving } = this.#options;
    const told = this.#batch[this.#next];
    if (told !== undefined && !leaving.signal.aborted) {
      this.#next++;
      return { value: told, done: false };
    }
    try {
      if (!this.#begun) {
        await this.#begin();
        if (this.#batch.length > 0) return await this.#pull();
      }
      while (!this.#over && !leaving.signal.aborted) {
        const batch = await session.next();
        const first = batch?.[0];
        if (batch !== undefined && first !== undefined && !leaving.signal.aborted) {
          this.#batch = batch;
          this.#next = 1;
          return { value: first, done: false };
        }
        if (!following || session.isOver(this.#options.clock.wall())) break;
        await this.#wait();
        await this.#look();
      }
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#end();
    return done;
  }

  async #begin(): Promise<void> {
    const { session, following } = this.#options;
    this.#begun = true;
    // Watched before it is listed: what comes in between is seen twice, and never missed.
    if (following) await this.#subscribe();
    await session.begin();
    const { after, last } = session.query;
    if (after !== undefined && last !== undefined) await this.#skipToLast(last);
  }

  /** Of what comes after a cursor, only the last lines: the others are read and forgotten. */
  async #skipToLast(count: number): Promise<void> {
    let last: ToldEntry[] = [];
    for (
      let batch = await this.#options.session.next();
      batch !== undefined;
      batch = await this.#options.session.next()
    ) {
      last = count === 0 ? [] : [...last, ...batch].slice(-count);
    }
    this.#batch = last;
    this.#next = 0;
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#batch = [];
    for (const unsubscribe of this.#subscriptions.values()) unsubscribe();
    this.#subscriptions.clear();
    this.#options.ended();
  }

  /** Watches the environment's folder and those of its jobs; answers which are new. */
  async #subscribe(): Promise<string[]> {
    const { root, session, watches } = this.#options;
    const { environment } = session.query;
    if (!isFolderName(environment)) return [];
    if (!this.#subscriptions.has('')) {
      const changed = () => {
        this.#jobsChanged = true;
        this.#wake?.();
      };
      this.#subscriptions.set('', watches.subscribe(join(root, environment), { files: () => [], changed }));
    }
    const jobs = await listJobs(root, environment).catch(() => []);
    const added = jobs.filter((job) => session.wants(job) && !this.#subscriptions.has(job));
    if (this.#over) return [];
    for (const job of added) {
      const files = () => [...session.openRuns(job)].map(currentName);
      const changed = (names: readonly string[], listing: boolean) =>
        this.#changed(
          job,
          names.flatMap((name) => runOfFile(name) ?? []),
          listing,
        );
      this.#subscriptions.set(job, watches.subscribe(join(root, environment, job), { files, changed }));
    }
    return added;
  }

  #changed(job: string, runs: readonly string[], listing: boolean): void {
    let changes = this.#changes.get(job);
    if (changes === undefined) {
      changes = { runs: new Set(), listing: false };
      this.#changes.set(job, changes);
    }
    for (const run of runs) changes.runs.add(run);
    changes.listing ||= listing;
    this.#wake?.();
  }

  /** Until something changes, a line that was held back can be told, or the reader leaves. */
  async #wait(): Promise<void> {
    const { session, clock, leaving } = this.#options;
    const held = session.heldForMs;
    await new Promise<void>((resolve) => {
      const goOn = (): void => {
        cancel?.();
        cancelEnd?.();
        this.#wake = null;
        resolve();
      };
      const { until } = session.query;
      const cancelEnd = until === undefined ? null : clock.after(until + endMs - clock.wall(), goOn);
      const cancel = held === undefined ? null : clock.after(held, goOn);
      this.#wake = () => {
        // A line that is held back waits its time out, whatever else comes: they are told together.
        if (held === undefined || leaving.signal.aborted) goOn();
      };
      if (leaving.signal.aborted || this.#changes.size > 0 || this.#jobsChanged) this.#wake();
    });
  }

  async #look(): Promise<void> {
    const { session, clock } = this.#options;
    const now = clock.wall();
    if (this.#jobsChanged) {
      this.#jobsChanged = false;
      for (const job of await this.#subscribe()) await session.look(job, [], true);
    }
    const changes = this.#changes;
    this.#changes = new Map();
    for (const [job, { runs, listing }] of changes) await session.look(job, runs, listing);
    session.lookedAt(now);
  }
}
