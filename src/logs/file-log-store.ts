/**
 * The log store in plain files. Runs write them themselves (CRI format); this store reads, rotates and bounds them, and
 * is never in the path of a byte: a job waits for nobody.
 */
import { statSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../domain/clock.ts';
import { Refusal } from '../domain/errors.ts';
import { limits as allLimits } from '../domain/limits.ts';
import { checkEnvironmentName, checkJobName } from '../domain/names.ts';
import { assert } from '../std/assert.ts';
import { decodeCursor } from './cursor.ts';
import { FolderWatches } from './folder-watch.ts';
import { foundLines } from './found-lines.ts';
import { currentName, isFolderName, listJobs, type RunKey, runOfFile } from './layout.ts';
import { LogBounds } from './log-bounds.ts';
import { LogReading } from './log-reading.ts';
import type { LogQuery, LogStore, OpenLog, OwnLine, ReadProgress, ToldEntry } from './log-store.ts';
import { appendOwnLine } from './own-line.ts';
import { ReadSession } from './read-session.ts';
import { LogThreads } from './threads.ts';

export interface LogLimits {
  readonly logBytesPerEnvironment: number;
  readonly logAgeSeconds: number;
  readonly logSegmentBytes: number;
  readonly logLineBytes: number;
  readonly logPackAfterSeconds: number;
}

/** Something of the logs themselves failed; reading and writing go on. */
export interface LogTrouble {
  readonly environment: string | null;
  readonly sentence: string;
}

export interface FileLogStoreOptions {
  /** Where all logs lie; made when it is missing. */
  readonly folder: string;
  readonly clock: Clock;
  readonly limits?: Partial<LogLimits>;
  readonly onTrouble?: (trouble: LogTrouble) => void;
  /** Told each place that packing passes, which waits there meanwhile: for faults that are injected there. */
  readonly packingAt?: (place: string) => void;
}

/** A run that nobody told of and that wrote nothing for so long has ended. */
const silentMs = 5_000;
/** A run whose file was prepared is waited for so long; one that could not be started never comes. */
const preparedMs = 60_000;
/** Runs of which it is remembered that they were closed: until their files are old enough to show it. */
const closedRunsMax = 10_000;

/** Makes a store over a folder. It touches nothing before it is asked to. */
export function createFileLogStore(options: FileLogStoreOptions): LogStore {
  return new FileLogStore(options);
}

class FileLogStore implements LogStore {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #limits: LogLimits;
  readonly #onTrouble: (trouble: LogTrouble) => void;
  readonly #watches: FolderWatches;
  readonly #bounds: LogBounds;
  readonly #threads: LogThreads;
  #closed = false;
  readonly #readings = new Set<{ readonly environment: string; readonly reading: LogReading }>();
  /** Runs that are being written, with their environment and job. */
  readonly #open = new Map<string, RunKey>();
  /** Runs whose file was asked for: until when they are waited for (monotonic, ms). */
  readonly #prepared = new Map<string, number>();
  readonly #closedRuns = new Set<string>();

  constructor(options: FileLogStoreOptions) {
    this.#folder = options.folder;
    this.#clock = options.clock;
    this.#limits = { ...allLimits, ...options.limits };
    this.#onTrouble = options.onTrouble ?? (() => undefined);
    this.#threads = new LogThreads(options.packingAt);
    this.#watches = new FolderWatches(options.clock, (path, error) =>
      this.#trouble(null, `${path} can't be watched: new output is seen later`, error),
    );
    this.#bounds = new LogBounds({
      root: options.folder,
      clock: options.clock,
      bytesPerEnvironment: this.#limits.logBytesPerEnvironment,
      ageSeconds: this.#limits.logAgeSeconds,
      segmentBytes: this.#limits.logSegmentBytes,
      live: (run) => this.#isLive(run),
      trouble: (environment, sentence, error) => this.#trouble(environment, sentence, error),
    });
  }

  async prepare(environment: string, job: string, runId: string): Promise<string> {
    const path = await this.#pathOf(environment, job, runId);
    const folder = dirname(path);
    this.#closedRuns.delete(runId);
    const now = this.#clock.monotonic();
    for (const [run, until] of this.#prepared) if (until < now) this.#prepared.delete(run);
    this.#prepared.set(runId, now + preparedMs);
    this.#watches.poke(join(this.#folder, environment));
    this.#watches.poke(folder);
    return path;
  }

  /** A run's file; its folder is there afterwards. */
  async #pathOf(environment: string, job: string, runId: string): Promise<string> {
    checkEnvironmentName(environment);
    checkJobName(job);
    assert(runOfFile(currentName(runId)) === runId, `"${runId}" is no run id`);
    const folder = join(this.#folder, environment, job);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return join(folder, currentName(runId));
  }

  opened(log: OpenLog): void {
    const { environment, job, runId } = log;
    this.#open.set(runId, { environment, job, run: runId });
    this.#closedRuns.delete(runId);
    this.#bounds.opened(log, this.#prepared.delete(runId));
    this.#watches.poke(join(this.#folder, environment, job));
  }

  async note({ environment, job, runId, at, message }: OwnLine): Promise<void> {
    await appendOwnLine(await this.#pathOf(environment, job, runId), at, message);
  }

  closed(runId: string): void {
    const key = this.#open.get(runId);
    this.#open.delete(runId);
    this.#prepared.delete(runId);
    this.#closedRuns.add(runId);
    for (const oldest of this.#closedRuns) {
      if (this.#closedRuns.size <= closedRunsMax) break;
      this.#closedRuns.delete(oldest);
    }
    this.#bounds.closed(runId);
    if (key === undefined) return;
    for (const { environment, reading } of this.#readings) {
      if (environment === key.environment) reading.touch(key.job, runId);
    }
  }

  read(
    query: LogQuery,
    signal?: AbortSignal,
    progress?: (progress: ReadProgress) => void,
  ): AsyncIterable<ToldEntry> {
    if (query.follow === true && query.order === 'newest') return neverBackwards();
    return query.follow !== true && isLong(query)
      ? this.#readInThread(query, signal, progress)
      : this.#readHere(query, signal);
  }

  async *#readInThread(
    query: LogQuery,
    signal: AbortSignal | undefined,
    progress: (progress: ReadProgress) => void = () => undefined,
  ): AsyncGenerator<ToldEntry> {
    if (query.after !== undefined) decodeCursor(query.after);
    if (query.order === 'newest' && query.after !== undefined)
      throw new Refusal('request.invalid', {
        why: 'backwards in time nothing comes after a cursor: leave one out',
      });
    const leaving = signal ?? new AbortController().signal;
    const request = {
      root: this.#folder,
      query,
      lineBytes: this.#limits.logLineBytes,
      live: this.#liveRuns(),
      now: this.#clock.wall(),
    };
    const trouble = (sentence: string) => this.#onTrouble({ environment: query.environment, sentence });
    for await (const batch of this.#threads.search(request, leaving, { progress, trouble })) {
      yield* foundLines(batch);
      if (leaving.aborted) return;
    }
  }

  #readHere(query: LogQuery, signal?: AbortSignal): LogReading {
    const leaving = new AbortController();
    const leave = (): void => leaving.abort();
    if (signal?.aborted === true) leave();
    signal?.addEventListener('abort', leave, { once: true });
    const following =
      query.follow === true && (query.until === undefined || query.until > this.#clock.wall());
    const session = new ReadSession(
      following ? query : { ...query, follow: false },
      {
        root: this.#folder,
        lineBytes: this.#limits.logLineBytes,
        wall: () => this.#clock.wall(),
        finished: (key, forFollower) => this.#isFinished(key, forFollower),
        live: (run) => this.#isLive(run),
        trouble: (sentence, error) => this.#trouble(query.environment, sentence, error),
      },
      leaving.signal,
    );
    const reading = new LogReading({
      root: this.#folder,
      session,
      following,
      clock: this.#clock,
      watches: this.#watches,
      leaving,
      ended: () => {
        signal?.removeEventListener('abort', leave);
        this.#readings.delete(entry);
      },
    });
    const entry = { environment: query.environment, reading };
    if (following) this.#readings.add(entry);
    return reading;
  }

  enforce(environment: string): Promise<number> {
    return isFolderName(environment) ? this.#bounds.enforce(environment) : Promise.resolve(0);
  }

  async removeEnvironment(environment: string): Promise<void> {
    if (!isFolderName(environment)) return;
    await this.#bounds.forget(environment);
    await rm(join(this.#folder, environment), { recursive: true, force: true, maxRetries: 3 });
  }

  async compact(environment: string): Promise<void> {
    if (!isFolderName(environment)) return;
    for (const job of await listJobs(this.#folder, environment)) {
      try {
        while (!this.#closed && (await this.#packStep(environment, job)));
      } catch (error) {
        if (!this.#closed) this.#trouble(environment, `the output of ${job} could not be packed`, error);
      }
    }
  }

  /** True when there is more to be done. */
  #packStep(environment: string, job: string): Promise<boolean> {
    return this.#bounds.rearrange(environment, job, async () => {
      const now = this.#clock.wall();
      const before = now - this.#limits.logPackAfterSeconds * 1000;
      const request = { root: this.#folder, environment, job, live: this.#liveRuns(), before, now };
      const { segments, more } = await this.#threads.pack(request);
      return { answer: more, changed: segments > 0 };
    });
  }

  #liveRuns(): string[] {
    const now = this.#clock.monotonic();
    const awaited = [...this.#prepared].filter(([, until]) => until > now).map(([run]) => run);
    return [...this.#open.keys(), ...awaited];
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reading } of [...this.#readings]) await reading.return();
    await this.#threads.close();
    this.#watches.close();
    await this.#bounds.close();
  }

  #isLive(run: string): boolean {
    return this.#open.has(run) || (this.#prepared.get(run) ?? 0) > this.#clock.monotonic();
  }

  /** Who follows may meet a run that was not told of yet: while its file is young, its last line may go on. */
  #isFinished(key: RunKey, forFollower: boolean): boolean {
    if (this.#isLive(key.run)) return false;
    if (!forFollower || this.#closedRuns.has(key.run)) return true;
    const path = join(this.#folder, key.environment, key.job, currentName(key.run));
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat === undefined || stat.mtimeMs < this.#clock.wall() - silentMs;
  }

  #trouble(environment: string | null, sentence: string, error: unknown): void {
    const why = error === null ? '' : `: ${error instanceof Error ? error.message : String(error)}`;
    this.#onTrouble({ environment, sentence: `${sentence}${why}` });
  }
}

/** Is it worth a thread of its own? After a cursor, the last lines are few and near. */
const isLong = ({ contains, order, bulk, after, last }: LogQuery): boolean =>
  order === 'newest' ||
  bulk === true ||
  (contains !== undefined && !(after !== undefined && last !== undefined));

// biome-ignore lint/correctness/useYield: it refuses when it is asked for its first line
async function* neverBackwards(): AsyncGenerator<ToldEntry> {
  throw new Refusal('request.invalid', {
    why: 'what is followed comes in its own order: leave out "order" or "follow"',
  });
}
