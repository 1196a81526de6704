/** A cron in the simulation: what is set, what runs, what is in its ledger; and what may be told or begun of it. */
import { type CompiledSchedule, compileSchedule } from '../../src/scheduler/schedule.ts';
import { type ScheduledCron, type SchedulerEffect, servedLateMs } from '../../src/scheduler/scheduler.ts';
import { holds } from './invariants.ts';
import { Ledger } from './ledger.ts';
import type { SomeCron } from './some-cron.ts';

export interface Report {
  begun: number;
  skipped: number;
  missed: number;
  caughtUp: number;
  ticks: number;
  crashes: number;
  clockChanges: number;
  sleeps: number;
  edits: number;
  deployments: number;
  /** Begins that the store's key refused: only ever after a restart under a clock that was behind the ledger. */
  refused: number;
}

export const emptyReport = (): Report => ({
  begun: 0,
  skipped: 0,
  missed: 0,
  caughtUp: 0,
  ticks: 0,
  crashes: 0,
  clockChanges: 0,
  sleeps: 0,
  edits: 0,
  deployments: 0,
  refused: 0,
});

export class CronUnderTest {
  /** As people last set them: what a restart reads. */
  settings: ScheduledCron;
  /** As the scheduler has them. */
  inForce: ScheduledCron;
  readonly ledger: Ledger;
  /** How long its runs last, on average. */
  readonly runMs: number;
  /** Open runs by their slot. */
  readonly runs = new Set<number>();
  /** The last due time that the scheduler was started with: of those before it only the store knows whether they were served. */
  blindUntil = Number.NEGATIVE_INFINITY;

  constructor(key: string, some: SomeCron, since: number) {
    this.inForce = {
      key,
      ...settingsOf(some),
      held: null,
      lastDueAt: null,
      since,
    };
    this.settings = this.inForce;
    this.ledger = new Ledger(key, this.inForce.schedule, since);
    this.runMs = some.runMs;
  }

  /** Something is told of due times that begin nothing. */
  account(effect: Extract<SchedulerEffect, { kind: 'account' }>, wall: number, report: Report): void {
    const { key, dueAt, fate, reason, untilDueAt = dueAt, count = 1 } = effect;
    holds(reason.startsWith(`${fate}: `), 'accounted-once', () => `a reason that is none: ${reason}`);
    holds(untilDueAt <= wall, 'not-before', () => `${key} was ${fate} before it was due`);
    if (fate === 'skipped') report.skipped += count;
    else report.missed += count;
    const inTime = fate === 'skipped' && dueAt > wall - servedLateMs;
    this.#write(dueAt, untilDueAt, count, inTime, wall);
  }

  /** A run is to begin. False: the store's key refuses it. */
  begin(effect: Extract<SchedulerEffect, { kind: 'begin' }>, wall: number, report: Report): boolean {
    const { key, dueAt, trigger } = effect;
    const { held, maxInstances } = this.inForce;
    holds(held === null, 'held-back', () => `${key} began`);
    holds(this.runs.size < maxInstances, 'max-instances', () => `${key} has ${this.runs.size}`);
    this.#checkLateness(key, trigger, wall - dueAt);
    if (trigger === 'catch-up') report.caughtUp++;
    if (this.ledger.isServed(dueAt)) {
      holds(
        dueAt <= this.blindUntil,
        'at-most-once',
        () => `${key} began twice for ${new Date(dueAt).toISOString()}`,
      );
      report.refused++;
      return false;
    }
    this.#write(dueAt, dueAt, 1, true, wall);
    report.begun++;
    return true;
  }

  #checkLateness(key: string, trigger: 'schedule' | 'catch-up', lateMs: number): void {
    holds(lateMs >= 0, 'not-before', () => `${key} began ${-lateMs} ms early`);
    if (trigger === 'schedule') {
      holds(lateMs < servedLateMs, 'not-late', () => `${key} began ${lateMs} ms late`);
      return;
    }
    const { catchUp, catchUpMaxAgeSeconds } = this.inForce;
    holds(catchUp !== 'none', 'catch-up-as-wished', () => `${key} was caught up`);
    holds(
      lateMs <= catchUpMaxAgeSeconds * 1000,
      'catch-up-as-wished',
      () => `${key} was caught up after ${lateMs} ms`,
    );
  }

  #write(from: number, to: number, count: number, served: boolean, wall: number): void {
    const { key, since } = this.inForce;
    holds(from >= since || wall < since, 'known-due-time', () => `${key}: ${from} is before it counts`);
    this.ledger.write(from, to, count, served, this.blindUntil);
  }
}

/** The part of a cron's settings that `someCron` makes. */
export function settingsOf(some: SomeCron): {
  schedule: CompiledSchedule;
  maxInstances: number;
  catchUp: ScheduledCron['catchUp'];
  catchUpMaxAgeSeconds: number;
} {
  const { maxInstances, catchUp, catchUpMaxAgeSeconds } = some;
  return { schedule: compileSchedule(some.schedule), maxInstances, catchUp, catchUpMaxAgeSeconds };
}
