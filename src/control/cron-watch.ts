/**
 * The watch over the watchman: computes for itself when each cron is due, and looks every few seconds whether the ledger
 * has it; watches the limits that crons set for their runs, and the heartbeat of the scheduler. What it sees becomes incidents.
 */

import type { DueTime } from '../domain/due-time.ts';
import type { Cron, Job } from '../domain/job.ts';
import type { Run } from '../domain/run.ts';
import { judgeLimits, type LimitVerdict } from '../domain/run-limits.ts';
import type { EnvironmentWish, PlatformEvent } from '../platforms/platform.ts';
import { compileSchedule } from '../scheduler/schedule.ts';
import { DueWatch } from '../scheduler/watch.ts';
import { listDifference } from '../std/list-difference.ts';
import type { Incidents } from './incidents.ts';
import type { ControlParts } from './parts.ts';

const lookMs = 10_000;

/** The scheduler gives a sign of life every 10 s, or every 30 s when nothing is due. */
const silentMs = 75_000;

/** Overdue crons asked about in the ledger in one look: when there are more, the scheduler's silence is told anyway. */
const askedMost = 1_000;

interface WatchedCron {
  readonly job: Cron;
  /** Null: it is held back, and nothing of it is to begin. */
  readonly held: string | null;
}

type Parts = Pick<ControlParts, 'store' | 'platform' | 'clock' | 'schedulerHeartbeatAt' | 'onTrouble'>;

const keyOf = (environment: string, job: string): string => `${environment}/${job}`;
const utc = (wall: number): string => `${new Date(wall).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

export class CronWatch {
  readonly #parts: Parts;
  readonly #incidents: Incidents;
  readonly #due = new DueWatch();
  readonly #crons = new Map<string, WatchedCron>();
  /** By environment: its jobs, and whether its crons may begin anything at all. */
  readonly #wished = new Map<string, { readonly jobs: readonly Job[]; readonly open: boolean }>();
  /** Open runs of crons. */
  readonly #runs = new Map<string, Run>();
  /** The last due time of each cron that began a run. */
  readonly #ranAt = new Map<string, number>();
  /** What was told of each open run already, so that each is counted once. */
  readonly #told = new Set<string>();
  #servedBefore: ReadonlyMap<string, number> = new Map();
  #heartbeat: { at: number | null; since: number } | null = null;
  #cancel: (() => void) | null = null;
  #closed = false;

  constructor(parts: Parts, incidents: Incidents) {
    this.#parts = parts;
    this.#incidents = incidents;
  }

  /** Reads up to where an earlier daemon has served each cron; before the first wish. */
  async load(): Promise<void> {
    this.#servedBefore = await this.#parts.store.lastDueTimes();
  }

  /** From now on it looks. */
  async start(): Promise<void> {
    this.#servedBefore = new Map();
    for (const run of await this.#parts.store.openRuns())
      if (run.kind === 'cron') this.#runs.set(run.id, run);
    this.#lookLater();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  /** This is what is wished of an environment now. */
  wish(wish: EnvironmentWish): void {
    const { name, paused } = wish.environment;
    const before = this.#wished.get(name);
    const { gone, fresh } = listDifference(before?.jobs ?? [], wish.jobs);
    const open = wish.plan !== null && !paused;
    this.#wished.set(name, { jobs: wish.jobs, open });
    // Wishes come whole, however little of them is new.
    for (const job of before?.open === open ? fresh : wish.jobs)
      if (job.type === 'cron') this.#watch(job, whyHeld(wish, job));
    const stays = new Set(fresh.flatMap((job) => (job.type === 'cron' ? [job.name] : [])));
    for (const job of gone)
      if (job.type === 'cron' && !stays.has(job.name))
        this.#unwatch(keyOf(name, job.name), 'the job was removed');
  }

  /** The environment is gone. */
  forget(environment: string): void {
    this.#wished.delete(environment);
    for (const [key, { job }] of this.#crons) {
      if (job.environment !== environment) continue;
      this.#crons.delete(key);
      this.#due.remove(key);
    }
    this.#incidents.forget(environment);
  }

  hear(event: PlatformEvent): void {
    if (event.kind === 'due-time') this.#accounted(event.dueTime);
    if (event.kind !== 'run-began' && event.kind !== 'run-started' && event.kind !== 'run-ended') return;
    const { run } = event;
    if (run.kind !== 'cron') return;
    this.#judge(run);
    if (event.kind === 'run-ended') this.#forgetRun(run.id);
    else this.#runs.set(run.id, run);
  }

  /** One look at everything. Never rejects: what can't be seen now is looked at the next time. */
  async look(): Promise<void> {
    const { clock, onTrouble } = this.#parts;
    try {
      for (const { key, dueAt } of this.#due.look(clock.wall(), clock.monotonic()).slice(0, askedMost))
        await this.#ask(key, dueAt);
      for (const run of this.#runs.values()) this.#judge(run);
      await this.#listen();
    } catch (error) {
      onTrouble(
        null,
        `the watch over the crons could not look: ${error instanceof Error ? error.message : error}`,
      );
    }
    await this.#incidents.flush();
  }

  #lookLater(): void {
    if (this.#closed) return;
    this.#cancel = this.#parts.clock.after(lookMs, () => {
      void this.look().then(() => this.#lookLater());
    });
  }

  #watch(job: Cron, held: string | null): void {
    const { environment, name } = job;
    const key = keyOf(environment, name);
    const before = this.#crons.get(key);
    if (before?.held === held && before.job.version === job.version && before.job.createdAt === job.createdAt)
      return;
    this.#crons.set(key, { job, held });
    if (held !== null) {
      this.#due.remove(key);
      this.#incidents.endAll(environment, name, held);
      return;
    }
    for (const { kind, limit } of limitsOf(job))
      if (limit === null)
        this.#incidents.end({ environment, job: name, kind }, 'the job has no such limit any more');
    const same = before !== undefined && before.held === null && sameSchedule(before.job, job);
    if (same && this.#due.has(key)) return;
    const now = this.#parts.clock.wall();
    const served = this.#servedBefore.get(key);
    const after = before === undefined ? Math.min(served ?? 0, now) : now;
    try {
      this.#due.set(key, compileSchedule(job.schedule), Math.max(after, job.dueSince - 1));
    } catch {
      // A schedule that this version can't read is never due; the job says so itself.
      this.#due.remove(key);
    }
  }

  #unwatch(key: string, why: string): void {
    const known = this.#crons.get(key);
    this.#crons.delete(key);
    this.#due.remove(key);
    this.#ranAt.delete(key);
    if (known !== undefined) this.#incidents.endAll(known.job.environment, known.job.name, why);
  }

  #accounted({ environment, job, dueAt, untilDueAt, fate, reason, run }: DueTime): void {
    const key = keyOf(environment, job);
    this.#due.served(key, untilDueAt ?? dueAt);
    const subject = { environment, job, kind: 'cron-missed' } as const;
    if (fate === 'missed') {
      const watched = this.#crons.get(key);
      const ranAt = this.#ranAt.get(key) ?? 0;
      // A later one that ran has caught up for it, where that is what the job wants.
      if (watched === undefined || watched.held !== null || (ranAt > dueAt && watched.job.catchUp !== 'none'))
        return;
      this.#incidents.sight({
        ...subject,
        reason: `"${job}" was due at ${utc(dueAt)}: ${reason}`,
        run,
        dueAt,
      });
      if (ranAt > dueAt) this.#incidents.end(subject, `"${job}" ran for ${utc(ranAt)}`);
      return;
    }
    if (fate === 'ran') this.#ranAt.set(key, dueAt);
    const known = this.#incidents.get(subject);
    if (known !== undefined && (fate === 'ran' || known.dueAt === dueAt))
      this.#incidents.end(subject, fate === 'ran' ? `"${job}" ran for ${utc(dueAt)}` : `${reason}`);
  }

  /** The ledger has the last word: an event may have been missed. */
  async #ask(key: string, dueAt: number): Promise<void> {
    const watched = this.#crons.get(key);
    if (watched === undefined) return;
    const { store, platform } = this.#parts;
    const { environment, name: job, maxInstances, catchUp } = watched.job;
    const [row] = await store.dueTimes({ environment, job, before: dueAt + 1, limit: 1 });
    if (row !== undefined && (row.untilDueAt ?? row.dueAt) >= dueAt) {
      this.#due.served(key, row.untilDueAt ?? row.dueAt);
      return;
    }
    const subject = { environment, job, kind: 'cron-missed' } as const;
    if (this.#incidents.get(subject)?.dueAt === dueAt) return;
    const open = platform.observe(environment).find((each) => each.job === job)?.runs.length ?? 0;
    // What was missed is caught up in its order, as far as instances are free.
    if (catchUp === 'all' && open >= maxInstances) return;
    const reason = `"${job}" was due at ${utc(dueAt)} and nothing has come of it yet`;
    this.#incidents.sight({ ...subject, reason, run: null, dueAt });
  }

  #judge(run: Run): void {
    const job = this.#crons.get(keyOf(run.environment, run.job ?? ''))?.job;
    if (job === undefined) return;
    for (const verdict of judgeLimits(job, run, this.#parts.clock.wall())) this.#take(run, verdict);
  }

  #take(run: Run, { kind, broken }: LimitVerdict): void {
    const subject = { environment: run.environment, job: run.job, kind };
    const mark = `${run.id} ${kind}`;
    if (broken === null) {
      // A run that has kept a limit says so once: an older one may break it afterwards.
      if (!this.#told.has(mark)) this.#incidents.end(subject, `run ${run.id} kept the limit`);
    } else if (!this.#told.has(mark)) {
      this.#incidents.sight({ ...subject, reason: broken, run: run.id, dueAt: run.dueAt });
    }
    this.#told.add(mark);
  }

  #forgetRun(runId: string): void {
    this.#runs.delete(runId);
    for (const { kind } of limitsOf(null)) this.#told.delete(`${runId} ${kind}`);
  }

  async #listen(): Promise<void> {
    const { clock, schedulerHeartbeatAt } = this.#parts;
    const at = await schedulerHeartbeatAt();
    const now = clock.monotonic();
    const subject = { environment: null, job: null, kind: 'scheduler-silent' } as const;
    if (this.#heartbeat === null || this.#heartbeat.at !== at) {
      if (this.#heartbeat !== null) this.#incidents.end(subject, 'the scheduler gives signs of life again');
      this.#heartbeat = { at, since: now };
    } else if (now - this.#heartbeat.since >= silentMs && this.#incidents.get(subject) === undefined) {
      const last = at === null ? 'since the daemon was started' : `since ${utc(at)}`;
      const reason = `the scheduler has given no sign of life ${last}: crons may not be started`;
      this.#incidents.sight({ ...subject, reason, run: null, dueAt: null });
    }
  }
}

/** The limits that a cron can set, and what becomes of each. */
const limitsOf = (job: Cron | null) =>
  [
    { kind: 'cron-late', limit: job?.warnLateSeconds ?? null },
    { kind: 'cron-longer', limit: job?.warnLongerSeconds ?? null },
    { kind: 'cron-shorter', limit: job?.warnShorterSeconds ?? null },
  ] as const;

const sameSchedule = (a: Cron, b: Cron): boolean =>
  a.dueSince === b.dueSince && JSON.stringify(a.schedule) === JSON.stringify(b.schedule);

function whyHeld(wish: EnvironmentWish, job: Cron): string | null {
  if (job.status === 'disabled') return 'the job is disabled';
  if (wish.plan === null) return 'no plan is booked';
  if (wish.environment.paused) return 'the crons of the environment are paused';
  return job.paused ? 'the job is paused' : null;
}
