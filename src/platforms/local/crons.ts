/**
 * The crons of the machine: asks the pure scheduler what is due, records it, and begins the runs.
 * A due time is committed with its run before that is started: at most one run for each, whatever crashes.
 */
import type { DueTime, LedgerChange } from '../../domain/due-time.ts';
import type { Cron } from '../../domain/job.ts';
import type { EndRequest, Run } from '../../domain/run.ts';
import { type CompiledSchedule, compileSchedule } from '../../scheduler/schedule.ts';
import { createScheduler, type Scheduler, type SchedulerEffect } from '../../scheduler/scheduler.ts';
import { roomFor, untoldOf } from '../../scheduler/told-again.ts';
import type { EnvironmentWish } from '../platform.ts';
import { CronDriver, type Following } from './cron-driver.ts';
import type { Journal } from './journal.ts';
import { saysUnavailable } from './kept-writes.ts';
import type { Beginning } from './open-run.ts';
import type { LocalParts } from './parts.ts';
import { Successions } from './successions.ts';

/** The store remembers when the scheduler was last alive: what it missed while it was not can be named. */
export const heartbeatKey = 'scheduler.heartbeat';

/** It is written so often, ms. */
const heartbeatMs = 10_000;

/** No timer is longer, so that a suspended machine or a clock that was set is noticed. */
const longestWaitMs = 30_000;

export const keyOf = (environment: string, job: string): string => `${environment}/${job}`;

export class Crons {
  readonly #parts: LocalParts;
  readonly #journal: Journal;
  readonly #tell: (dueTime: DueTime) => void;
  readonly #scheduler: Scheduler = createScheduler();
  readonly #drivers = new Map<string, CronDriver>();
  readonly #successions: Successions;
  /** Who waits for the end of a run, and for what follows it. */
  readonly #ending = new Map<string, () => void>();
  #lastDueAt: Map<string, number> = new Map();
  /** Due times whose fate could not be recorded yet. */
  #unrecorded: DueTime[] = [];
  #cancelTimer: (() => void) | null = null;
  #heartbeatAt = Number.NEGATIVE_INFINITY;
  /** Monotonic time, ms: no tick comes later. */
  #tickBy = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(parts: LocalParts, journal: Journal, tell: (dueTime: DueTime) => void) {
    this.#parts = parts;
    this.#journal = journal;
    this.#tell = tell;
    this.#successions = new Successions({
      parts,
      journal,
      driver: (key) => this.#drivers.get(key),
      free: (key) => this.#scheduler.open(key) < (this.#drivers.get(key)?.job.maxInstances ?? 0),
      begin: (driver, following) => this.#follow(driver, following),
    });
  }

  /** Reads what was accounted for; to be called before any cron is set. */
  async load(): Promise<void> {
    this.#lastDueAt = new Map(await this.#journal.lastDueTimes());
  }

  driver(key: string): CronDriver | undefined {
    return this.#drivers.get(key);
  }

  /** The driver of a cron, made when it is new. Its due times are not looked at before `set`. */
  driverOf(wish: EnvironmentWish, job: Cron): CronDriver {
    const key = keyOf(wish.environment.name, job.name);
    const known = this.#drivers.get(key);
    if (known !== undefined) return known;
    const driver = new CronDriver(this.#parts, wish, job, {
      runEnded: () => {
        this.#handle({ kind: 'run-ended', key, slot: driver.slot });
        this.#successions.lookAgain(key);
      },
      nextDueAt: () => this.#scheduler.next(key),
      follows: () => this.#successions.next(key),
    });
    this.#drivers.set(key, driver);
    return driver;
  }

  apply(wish: EnvironmentWish, job: Cron): CronDriver {
    const key = keyOf(wish.environment.name, job.name);
    const driver = this.driverOf(wish, job);
    driver.apply(wish, job);
    const schedule = this.#compiled(driver, job);
    if (schedule === null) {
      this.#handle({ kind: 'removed', key });
      return driver;
    }
    this.#handle({
      kind: 'set',
      cron: {
        key,
        schedule,
        maxInstances: job.maxInstances,
        held: heldBack(wish, job),
        catchUp: job.catchUp,
        catchUpMaxAgeSeconds: job.catchUpMaxAgeSeconds,
        lastDueAt: this.#lastDueAt.get(key) ?? null,
        since: job.dueSince,
      },
    });
    this.#successions.lookAgain(key);
    return driver;
  }

  remove(key: string, request: EndRequest): void {
    this.#handle({ kind: 'removed', key });
    this.#successions.forget(key);
    this.#lastDueAt.delete(key);
    const driver = this.#drivers.get(key);
    driver?.remove(request);
    this.forget(key);
  }

  /** Forgets a removed cron as soon as its last run has ended. */
  forget(key: string): void {
    if (this.#drivers.get(key)?.gone) this.#drivers.delete(key);
  }

  /** A run that was begun without the scheduler counts towards its max instances. */
  adopt(wish: EnvironmentWish, job: Cron, run: Run): void {
    this.driverOf(wish, job).adopt(run);
    this.#handle({ kind: 'run-began', key: keyOf(wish.environment.name, job.name) });
  }

  /** A run that an earlier daemon recorded and did not come to start; null when it is not to be started any more. */
  beginAgain(run: Run): Beginning | null {
    const key = keyOf(run.environment, run.job ?? '');
    const driver = run.kind === 'cron' ? this.#drivers.get(key) : undefined;
    if (driver === undefined || !driver.mayBeginLate(run)) return null;
    this.#handle({ kind: 'run-began', key });
    return driver.beginningOf(run);
  }

  /** From now on crons are started; before it, what was missed is told or caught up. */
  async takeUp(): Promise<void> {
    const heartbeat = await this.#journal.meta(heartbeatKey);
    const aliveUntil = heartbeat === undefined ? null : Number(heartbeat);
    this.#handle({ kind: 'taken-up', downSince: aliveUntil });
    await this.#wake();
    await this.#successions.takeUp([...this.#drivers.keys()], aliveUntil);
  }

  /** Runs a cron now because this person asked. */
  async runNow(key: string, askedBy: string): Promise<Run> {
    const driver = this.#drivers.get(key);
    if (driver === undefined) throw new Error(`no cron ${key}`);
    return await this.#begin(key, driver.beginning({ trigger: 'manual', askedBy }));
  }

  /** Ends the open runs of a cron for a deployment. Resolves when each has ended, and what follows it has begun. */
  async restart(key: string): Promise<void> {
    const driver = this.#drivers.get(key);
    if (driver === undefined) return;
    const ended = driver
      .endRuns('deploy')
      .map((runId) => new Promise<void>((resolve) => this.#ending.set(runId, resolve)));
    await Promise.all(ended);
  }

  /** The end of a run is recorded: what follows it is planned, or begun at once. */
  async ended(run: Run): Promise<void> {
    const key = keyOf(run.environment, run.job ?? '');
    if (!this.#closed) await this.#successions.ended(key, run);
    this.#ending.get(run.id)?.();
    this.#ending.delete(run.id);
  }

  upcoming(environment: string, count: number, job?: string): { job: string; dueAt: number }[] {
    const prefix = `${environment}/`;
    const keys =
      job === undefined
        ? [...this.#drivers.keys()].filter((key) => key.startsWith(prefix))
        : [keyOf(environment, job)];
    return this.#scheduler
      .upcoming(
        count,
        keys.filter((key) => this.#drivers.get(key)?.active === true),
      )
      .map(({ key, dueAt }) => ({ job: key.slice(prefix.length), dueAt }));
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#successions.forget();
  }

  /** One that can't be read, such as one with a zone that only a newer machine knows, is never due; the others are. */
  #compiled(driver: CronDriver, job: Cron): CompiledSchedule | null {
    try {
      const schedule = compileSchedule(job.schedule);
      driver.readable(null);
      return schedule;
    } catch (error) {
      this.#parts.trouble(job.environment, error);
      driver.readable(error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  async #follow(driver: CronDriver, { after, succession }: Following): Promise<void> {
    const { trigger, attempt } = succession;
    const { dueAt, id: predecessor } = after;
    const key = keyOf(after.environment, driver.job.name);
    await this.#begin(key, driver.beginning({ trigger, attempt, dueAt, predecessor }));
  }

  /** Begins a run that no due time began. */
  async #begin(key: string, beginning: Beginning): Promise<Run> {
    this.#handle({ kind: 'run-began', key });
    await this.#parts.runs.begin([beginning]);
    return beginning.run;
  }

  #handle(event: Parameters<Scheduler['handle']>[0]): void {
    this.#carryOut(this.#scheduler.handle(event, this.#parts.clock.wall()));
  }

  #carryOut(effects: readonly SchedulerEffect[]): void {
    const beginnings: Beginning[] = [];
    const accounts: DueTime[] = [];
    const again: Again = { begun: [], accounted: [] };
    let wake = false;
    for (const effect of effects) {
      if (effect.kind === 'wake') {
        wake = true;
        continue;
      }
      const driver = this.#drivers.get(effect.key);
      if (driver === undefined) continue;
      const latest = effect.kind === 'account' ? (effect.untilDueAt ?? effect.dueAt) : effect.dueAt;
      const told = this.#lastDueAt.get(effect.key) ?? 0;
      this.#lastDueAt.set(effect.key, Math.max(told, latest));
      const isAgain = effect.dueAt <= told;
      if (effect.kind === 'begin') {
        driver.slot = effect.slot;
        const beginning = driver.serving(effect.trigger, effect.dueAt);
        (isAgain ? again.begun : beginnings).push(beginning);
      } else (isAgain ? again.accounted : accounts).push(accountOf(driver, effect));
    }
    if (beginnings.length + accounts.length > 0) void this.#record(beginnings, accounts);
    if (again.begun.length + again.accounted.length > 0) void this.#recordAgain(again);
    if (wake) this.#setTimer();
  }

  /** Due times up to one that the ledger has: a wrong clock told of them before they came, and what it told gives way. */
  async #recordAgain({ begun, accounted }: Again): Promise<void> {
    const changes: LedgerChange[] = [];
    const untold: DueTime[] = [];
    try {
      for (const { dueTime } of begun) {
        if (dueTime === null) continue;
        const [told] = await this.#toldOf(dueTime, dueTime.dueAt);
        const change = roomFor(this.#scheduleOf(dueTime), dueTime.dueAt, told);
        if (change !== null) changes.push(change);
      }
      for (const row of accounted) {
        const told = await this.#toldOf(row, row.untilDueAt ?? row.dueAt);
        untold.push(...untoldOf(this.#scheduleOf(row), row, told));
      }
    } catch (error) {
      // What can't be read can't make room: the ledger stays as it is, and refuses what it has.
      this.#parts.trouble(null, error);
    }
    await this.#record(begun, untold, changes);
  }

  /** The rows of the ledger from a due time's moment to `until`, newest first. */
  async #toldOf({ environment, job, dueAt }: DueTime, until: number): Promise<DueTime[]> {
    const told: DueTime[] = [];
    for (let before = until + 1; ; ) {
      const page = await this.#journal.dueTimes({ environment, job, before, limit: toldPerRead });
      told.push(...page.filter((row) => (row.untilDueAt ?? row.dueAt) >= dueAt));
      const last = page.at(-1);
      if (last === undefined || last.dueAt <= dueAt || page.length < toldPerRead) return told;
      before = last.dueAt;
    }
  }

  #scheduleOf({ environment, job }: DueTime): CompiledSchedule {
    const driver = this.#drivers.get(keyOf(environment, job));
    if (driver === undefined) throw new Error(`no cron ${keyOf(environment, job)}`);
    return compileSchedule(driver.job.schedule);
  }

  async #record(
    beginnings: readonly Beginning[],
    accounts: readonly DueTime[],
    changes: readonly LedgerChange[] = [],
  ): Promise<void> {
    const late = this.#unrecorded;
    this.#unrecorded = [];
    try {
      const created = new Set(await this.#parts.runs.begin(beginnings, [...late, ...accounts], changes));
      for (const { run, dueTime } of beginnings) {
        if (created.has(run.id)) {
          if (dueTime !== null) this.#tell(dueTime);
        } else this.#drivers.get(keyOf(run.environment, run.job ?? ''))?.drop(run.id);
      }
      for (const account of [...late, ...accounts]) this.#tell(account);
    } catch (error) {
      // Without the record there is no start: never twice is worth more. It is told as soon as it can be written.
      const unstarted = beginnings.flatMap(({ dueTime }) =>
        dueTime === null
          ? []
          : [
              {
                ...dueTime,
                fate: 'skipped' as const,
                run: null,
                reason: 'skipped: the database could not be written',
              },
            ],
      );
      // Another record may have failed meanwhile.
      this.#unrecorded = [...late, ...unstarted, ...accounts, ...this.#unrecorded].slice(-unrecordedMost);
      this.#parts.trouble(null, error);
      if (saysUnavailable(error)) void this.#recordWhenWritable();
    }
  }

  async #recordWhenWritable(): Promise<void> {
    await this.#parts.runs.writable;
    // Whoever is first tells of all.
    if (!this.#closed && this.#unrecorded.length > 0) await this.#record([], []);
  }

  #setTimer(): void {
    if (this.#closed) return;
    this.#cancelTimer?.();
    const { clock } = this.#parts;
    const next = this.#scheduler.next() ?? Number.POSITIVE_INFINITY;
    // Counted from the last tick: however often something changes, the scheduler gives its sign of life.
    const longest = Math.min(longestWaitMs, this.#tickBy - clock.monotonic());
    const wait = Math.max(0, Math.min(next - clock.wall(), longest));
    this.#cancelTimer = clock.after(wait, () => void this.#wake());
  }

  async #wake(): Promise<void> {
    if (this.#closed) return;
    this.#tickBy = this.#parts.clock.monotonic() + longestWaitMs;
    this.#handle({ kind: 'tick' });
    this.#setTimer();
    try {
      const now = this.#parts.clock.monotonic();
      if (now - this.#heartbeatAt >= heartbeatMs) {
        this.#heartbeatAt = now;
        await this.#journal.setMeta(heartbeatKey, String(this.#parts.clock.wall()));
      }
      if (this.#unrecorded.length > 0) await this.#record([], []);
    } catch (error) {
      this.#parts.trouble(null, error);
    }
  }
}

/** Due times that were told of before, and come (again). */
interface Again {
  readonly begun: Beginning[];
  readonly accounted: DueTime[];
}

/** Rows of the ledger in one reading. */
const toldPerRead = 1_000;

/** Fates kept in memory while the store can't be written. */
const unrecordedMost = 100_000;

function heldBack(wish: EnvironmentWish, job: Cron): { reason: string } | null {
  if (job.status === 'disabled') return { reason: 'skipped: disabled' };
  if (wish.plan === null) return { reason: 'skipped: no plan is booked' };
  if (wish.environment.paused) return { reason: 'skipped: the crons of the environment are paused' };
  if (job.paused) return { reason: 'skipped: paused' };
  return null;
}

function accountOf(driver: CronDriver, effect: Extract<SchedulerEffect, { kind: 'account' }>): DueTime {
  return {
    environment: driver.wish.environment.name,
    job: driver.job.name,
    dueAt: effect.dueAt,
    fate: effect.fate,
    run: null,
    reason: effect.reason,
    ...(effect.untilDueAt === undefined ? {} : { untilDueAt: effect.untilDueAt }),
    ...(effect.count === undefined ? {} : { count: effect.count }),
  };
}
