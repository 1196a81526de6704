/**
 * Keeps the logs within their bounds: looks at the files that are being written (and at no others) about once a second,
 * more often the faster they grow, rotates the long ones, and drops the oldest when an environment has too much.
 */
import { join } from 'node:path';
import type { Clock } from '../domain/clock.ts';
import { planAged, planExcess, shareOut } from './drop-plan.ts';
import { carryOut } from './dropping.ts';
import { bytesOfJob, findRun, type JobFiles, listJob, listJobs, type RunFiles } from './layout.ts';
import type { OpenLog } from './log-store.ts';
import { WatchedLog } from './open-log.ts';

export interface BoundsOptions {
  readonly root: string;
  readonly clock: Clock;
  readonly bytesPerEnvironment: number;
  readonly ageSeconds: number;
  readonly segmentBytes: number;
  /** It is or will be written. */
  readonly live: (run: string) => boolean;
  readonly trouble: (environment: string, sentence: string, error: unknown) => void;
}

const lookMs = 1_000;
const lookMsMin = 50;
/** A file that was opened just now may be flooded from its first moment on. */
const youngLookMs = 200;
/** So much is dropped beyond what must be that it need not be done again at once. */
const slack = 0.05;
const segmentBytesMin = 64 * 1024;

interface Watched {
  readonly environment: string;
  readonly logs: Map<string, WatchedLog>;
  /** By job: all bytes but those of the files that are being written. Null until they were counted. */
  rest: Map<string, number> | null;
  /** Bytes that came in each ms, of late. */
  perMs: number;
  lookedAt: number;
  next: { readonly at: number; readonly cancel: () => void } | null;
  /** Drops and counts happen one after the other. */
  work: Promise<unknown>;
  dropping: boolean;
}

export class LogBounds {
  readonly #options: BoundsOptions;
  readonly #environments = new Map<string, Watched>();
  #closed = false;

  constructor(options: BoundsOptions) {
    this.#options = options;
  }

  /** From now on the file is looked at. A `fresh` run has no files of before. */
  opened(log: OpenLog, fresh: boolean): void {
    const watched = this.#watched(log.environment);
    this.#inTurn(watched, async () => {
      const key = { environment: log.environment, job: log.job, run: log.runId };
      const files = fresh ? undefined : await findRun(this.#options.root, key);
      if (!this.#options.live(log.runId) || this.#closed) return;
      const folder = join(this.#options.root, log.environment, log.job);
      const trouble = (sentence: string, error: unknown) =>
        this.#options.trouble(log.environment, sentence, error);
      watched.logs.set(log.runId, new WatchedLog(log, folder, files, this.#options.clock, trouble));
      if (watched.rest === null) await this.#count(watched);
      this.#schedule(watched, youngLookMs);
    });
  }

  /** The file gets no more. */
  closed(run: string): void {
    for (const watched of this.#environments.values()) {
      const log = watched.logs.get(run);
      if (log === undefined) continue;
      const finished = log.look();
      watched.logs.delete(run);
      add(watched.rest, log.log.job, finished + log.bytes);
      this.#schedule(watched, lookMsMin);
      return;
    }
  }

  /** Brings an environment within its bounds of age and size; answers how many bytes went. */
  enforce(environment: string): Promise<number> {
    const watched = this.#watched(environment);
    return this.#inTurn(watched, async () => {
      const aged = await this.#dropAged(environment);
      await this.#count(watched);
      const excess = await this.#dropExcess(watched);
      return aged + excess;
    });
  }

  /** Moves files of a job while nothing is dropped there, and counts them anew. */
  rearrange<T>(
    environment: string,
    job: string,
    act: () => Promise<{ readonly answer: T; readonly changed: boolean }>,
  ): Promise<T> {
    const watched = this.#watched(environment);
    const moved = watched.work.then(async () => {
      const { answer, changed } = await act();
      if (changed && watched.rest !== null)
        watched.rest.set(job, this.#restOf(watched, await listJob(this.#options.root, environment, job)));
      return answer;
    });
    // Who asked says what failed.
    watched.work = moved.catch(() => undefined);
    return moved;
  }

  /** Stops looking at an environment whose logs are removed; resolves when nothing is under way there. */
  async forget(environment: string): Promise<void> {
    const watched = this.#environments.get(environment);
    if (watched === undefined) return;
    this.#environments.delete(environment);
    watched.next?.cancel();
    watched.logs.clear();
    await watched.work;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#environments.keys()].map((environment) => this.forget(environment)));
  }

  #watched(environment: string): Watched {
    let watched = this.#environments.get(environment);
    if (watched === undefined) {
      watched = {
        environment,
        logs: new Map(),
        rest: null,
        perMs: 0,
        lookedAt: this.#options.clock.monotonic(),
        next: null,
        work: Promise.resolve(),
        dropping: false,
      };
      this.#environments.set(environment, watched);
    }
    return watched;
  }

  #inTurn<T>(watched: Watched, act: () => Promise<T>): Promise<T> {
    const acted = watched.work.then(act);
    watched.work = acted.catch((error: unknown) =>
      this.#options.trouble(watched.environment, 'the logs could not be kept within their bounds', error),
    );
    return acted;
  }

  /** Counts what is there besides the files that are being written. */
  async #count(watched: Watched): Promise<void> {
    const rest = new Map<string, number>();
    for (const job of await listJobs(this.#options.root, watched.environment)) {
      rest.set(job, this.#restOf(watched, await listJob(this.#options.root, watched.environment, job)));
    }
    watched.rest = rest;
    this.#look(watched);
  }

  /** Bytes of a job but those of the files that are being written. */
  #restOf(watched: Watched, files: JobFiles): number {
    return files.runs.reduce((bytes, run) => bytes - this.#written(watched, run), bytesOfJob(files));
  }

  /** Bytes of the run's file that is being written and looked at. */
  #written(watched: Watched, run: RunFiles): number {
    return watched.logs.has(run.key.run) ? (run.segments.at(-1)?.bytes ?? 0) : 0;
  }

  /** The next look is after so long, or earlier if it was to be. */
  #schedule(watched: Watched, ms: number): void {
    const { clock } = this.#options;
    const at = clock.monotonic() + ms;
    if (this.#closed || (watched.next !== null && watched.next.at <= at)) return;
    watched.next?.cancel();
    const cancel = clock.after(ms, () => {
      watched.next = null;
      this.#look(watched);
    });
    watched.next = { at, cancel };
  }

  #look(watched: Watched): void {
    if (this.#closed || watched.rest === null) return;
    const now = this.#options.clock.monotonic();
    const { bytesPerEnvironment } = this.#options;
    // With many writers at once segments are smaller, so that there is something to drop.
    const fair = Math.max(segmentBytesMin, Math.floor(bytesPerEnvironment / (4 * watched.logs.size)));
    const segmentBytes = Math.min(this.#options.segmentBytes, fair);
    let rotating = false;
    for (const log of watched.logs.values()) {
      add(watched.rest, log.log.job, log.look());
      if (log.bytes > segmentBytes && !log.rotating) this.#rotate(watched, log);
      rotating ||= log.rotating;
    }
    const total = sum(this.#sizes(watched).values());
    const grown = sum([...watched.logs.values()].map((log) => log.grown));
    // A flood that pauses is expected back for a while.
    const perMs = Math.max(grown / Math.max(1, now - watched.lookedAt), watched.perMs / 2);
    watched.perMs = perMs;
    watched.lookedAt = now;
    if (total > bytesPerEnvironment && !watched.dropping) this.#dropSoon(watched);
    if (watched.logs.size === 0) return;
    const wait = perMs > 0 ? segmentBytes / 2 / perMs : lookMs;
    this.#schedule(watched, rotating ? lookMsMin : Math.min(lookMs, Math.max(lookMsMin, wait)));
  }

  #rotate(watched: Watched, log: WatchedLog): void {
    try {
      log.rotate();
    } catch (error) {
      this.#options.trouble(
        watched.environment,
        `the output of run ${log.log.runId} can't be rotated`,
        error,
      );
    }
  }

  #dropSoon(watched: Watched): void {
    watched.dropping = true;
    this.#inTurn(watched, () => this.#dropExcess(watched))
      .finally(() => {
        watched.dropping = false;
      })
      // Said by #inTurn already.
      .catch(() => 0);
  }

  /** By job: all its bytes. */
  #sizes(watched: Watched): Map<string, number> {
    const sizes = new Map(watched.rest ?? []);
    for (const { log, bytes } of watched.logs.values()) add(sizes, log.job, bytes);
    return sizes;
  }

  async #dropExcess(watched: Watched): Promise<number> {
    const { root, bytesPerEnvironment: limit, live } = this.#options;
    const sizes = this.#sizes(watched);
    if (sum(sizes.values()) <= limit) return 0;
    const shares = shareOut(sizes, limit * (1 - slack));
    let gone = 0;
    for (const [job, bytes] of sizes) {
      const share = shares.get(job) ?? 0;
      if (bytes <= share) continue;
      const files = await listJob(root, watched.environment, job);
      // Files may have gone behind our back: what is there now counts.
      watched.rest?.set(job, this.#restOf(watched, files));
      const bytesGone = await carryOut(planExcess(files, live, share), this.#dropping(watched.environment));
      add(watched.rest, job, -bytesGone);
      gone += bytesGone;
    }
    return gone;
  }

  async #dropAged(environment: string): Promise<number> {
    const { root, clock, ageSeconds, live } = this.#options;
    const before = clock.wall() - ageSeconds * 1000;
    let gone = 0;
    for (const job of await listJobs(root, environment)) {
      const files = await listJob(root, environment, job);
      gone += await carryOut(planAged(files, live, before), this.#dropping(environment));
    }
    return gone;
  }

  #dropping(environment: string) {
    return {
      limitBytes: this.#options.bytesPerEnvironment,
      trouble: (sentence: string, error: unknown) => this.#options.trouble(environment, sentence, error),
    };
  }
}

function add(bytes: Map<string, number> | null, job: string, more: number): void {
  if (bytes !== null && more !== 0) bytes.set(job, Math.max(0, (bytes.get(job) ?? 0) + more));
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((all, each) => all + each, 0);
