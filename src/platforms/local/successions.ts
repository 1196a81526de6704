/**
 * Runs that are to follow others: retries of those that failed, and those that a deployment ended. What follows is derived
 * from the runs' records (`domain/succession.ts`), so that nothing is forgotten when the daemon dies between an end and what
 * follows it; and the record of a run that follows names its predecessor, so that none is begun twice.
 */
import type { Run } from '../../domain/run.ts';
import { successionOf } from '../../domain/succession.ts';
import type { CronDriver, Following } from './cron-driver.ts';
import type { Journal } from './journal.ts';
import type { LocalParts } from './parts.ts';

/** Meta key: the runs that were to be followed and never will be, because the cron was stopped, paused or unbooked meanwhile. */
const droppedKey = 'crons.not-followed';
const droppedMost = 1_000;

/** Planned runs remembered, so that a run that is told of twice is followed once. */
const plannedMost = 10_000;

/** No timer is longer, so that a suspended machine or a clock that was set is noticed. */
const longestWaitMs = 30_000;

/** The store is asked again after so long. */
const againMs = 2_000;

/** Between the last heartbeat and the death of a daemon there is no more than this. */
const heartbeatSlackMs = 60_000;

export interface SuccessionOptions {
  readonly parts: Pick<LocalParts, 'clock' | 'changed' | 'trouble'>;
  readonly journal: Pick<Journal, 'meta' | 'setMeta' | 'runsSince'>;
  readonly driver: (key: string) => CronDriver | undefined;
  /** Another run of the cron may begin now. */
  readonly free: (key: string) => boolean;
  /** Records and starts it. Rejects when it could not be recorded: nothing has begun then. */
  readonly begin: (driver: CronDriver, following: Following) => Promise<void>;
}

interface Pending extends Following {
  readonly key: string;
  /** Monotonic time, ms: a clock that was set back holds nothing up for longer. */
  readonly readyAt: number;
  cancel: () => void;
}

export class Successions {
  readonly #options: SuccessionOptions;
  readonly #pending = new Map<string, Map<string, Pending>>();
  readonly #planned = new Set<string>();
  #dropped: string[] = [];

  constructor(options: SuccessionOptions) {
    this.#options = options;
  }

  /** Plans what an earlier daemon owed. `aliveUntil`: when it gave its last sign of life; null when it never did. */
  async takeUp(keys: Iterable<string>, aliveUntil: number | null): Promise<void> {
    const { journal, driver } = this.#options;
    const dropped = await journal.meta(droppedKey);
    if (dropped !== undefined) this.#dropped = JSON.parse(dropped) as string[];
    for (const key of keys) {
      const found = driver(key);
      if (found !== undefined && (found.job.retries > 0 || found.job.onDeploy === 'restart'))
        await this.#takeUpOne(key, found, aliveUntil);
    }
  }

  /** A run has ended and its record stands. Resolves when what follows at once has begun. */
  async ended(key: string, run: Run): Promise<void> {
    const driver = this.#options.driver(key);
    if (driver === undefined || this.#planned.has(run.id)) return;
    const succession = successionOf(driver.job, run);
    if (succession === null) return;
    this.#remember(run.id);
    const { clock } = this.#options.parts;
    const wait = Math.max(0, succession.at - clock.wall());
    const longest = succession.trigger === 'failure' ? driver.job.retryDelaySeconds * 1000 : 0;
    const readyAt = clock.monotonic() + Math.min(wait, longest);
    const pending: Pending = { key, after: run, succession, readyAt, cancel: () => undefined };
    this.#ofKey(key).set(run.id, pending);
    await this.#look(pending);
  }

  /** What follows soonest. */
  next(key: string): Following | null {
    const all = [...(this.#pending.get(key)?.values() ?? [])];
    return all.sort((a, b) => a.succession.at - b.succession.at)[0] ?? null;
  }

  /** A run of the cron has ended, or its settings are others: what waits is looked at again. */
  lookAgain(key: string): void {
    for (const pending of [...(this.#pending.get(key)?.values() ?? [])]) void this.#look(pending);
  }

  /** Lets go of what follows runs of a cron, or of all; a later daemon may find it in the records. */
  forget(key?: string): void {
    for (const [each, pending] of this.#pending) {
      if (key !== undefined && each !== key) continue;
      for (const { cancel } of pending.values()) cancel();
      this.#pending.delete(each);
    }
  }

  async #takeUpOne(key: string, driver: CronDriver, aliveUntil: number | null): Promise<void> {
    const { parts, journal } = this.#options;
    const { job } = driver;
    const now = parts.clock.wall();
    const tooOld = now - job.catchUpMaxAgeSeconds * 1000;
    // One that waited for a place may have waited for as long as a run may take.
    const longestSeconds = job.retryDelaySeconds + job.maxRuntimeSeconds + job.exitTimeoutSeconds;
    const since = Math.max((aliveUntil ?? tooOld) - heartbeatSlackMs - longestSeconds * 1000, 0);
    const runs = await journal.runsSince({ environment: job.environment, job: job.name, since });
    const followed = new Set(runs.map((run) => run.predecessor));
    for (const run of runs) {
      if (run.endedAt === null || run.endedAt < tooOld) continue;
      if (!followed.has(run.id) && !this.#dropped.includes(run.id)) await this.ended(key, run);
    }
  }

  async #look(pending: Pending): Promise<void> {
    const { parts, driver, free, begin } = this.#options;
    const { key, after } = pending;
    // It was begun or dropped meanwhile.
    if (this.#pending.get(key)?.get(after.id) !== pending) return;
    pending.cancel();
    const found = driver(key);
    const succession = found === undefined ? null : successionOf(found.job, after);
    const held = found === undefined || !found.active || (found.paused && succession?.trigger === 'failure');
    if (found === undefined || succession === null || held) return await this.#drop(pending);
    const now = parts.clock.monotonic();
    const ready = now >= pending.readyAt || parts.clock.wall() >= succession.at;
    if (!ready) return this.#lookLater(pending, Math.min(pending.readyAt - now, longestWaitMs));
    if (!free(key)) return parts.changed(found);
    this.#delete(pending);
    try {
      await begin(found, { after, succession });
    } catch (error) {
      parts.trouble(found.job.environment, error);
      this.#ofKey(key).set(after.id, pending);
      this.#lookLater(pending, againMs);
    }
  }

  #lookLater(pending: Pending, ms: number): void {
    const { parts, driver } = this.#options;
    pending.cancel = parts.clock.after(ms, () => void this.#look(pending));
    const found = driver(pending.key);
    if (found !== undefined) parts.changed(found);
  }

  /** It never follows, also not after a restart of the daemon. */
  async #drop(pending: Pending): Promise<void> {
    const { parts, journal, driver } = this.#options;
    this.#delete(pending);
    this.#dropped = [...this.#dropped, pending.after.id].slice(-droppedMost);
    const found = driver(pending.key);
    if (found !== undefined) parts.changed(found);
    await journal
      .setMeta(droppedKey, JSON.stringify(this.#dropped))
      .catch((error: unknown) => parts.trouble(pending.after.environment, error));
  }

  #ofKey(key: string): Map<string, Pending> {
    const known = this.#pending.get(key) ?? new Map<string, Pending>();
    this.#pending.set(key, known);
    return known;
  }

  #delete({ key, after }: Pending): void {
    this.#pending.get(key)?.delete(after.id);
    if (this.#pending.get(key)?.size === 0) this.#pending.delete(key);
  }

  #remember(runId: string): void {
    this.#planned.add(runId);
    for (const oldest of this.#planned) {
      if (this.#planned.size <= plannedMost) return;
      this.#planned.delete(oldest);
    }
  }
}
