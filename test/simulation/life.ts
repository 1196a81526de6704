/**
 * A life of the scheduler, in one seed: crons of all kinds on a machine whose daemon crashes at any line, whose clock is
 * set, that sleeps, stalls and restarts, while people pause, edit, deploy and run by hand. Every effect is checked.
 */

import { correctionMs } from '../../src/scheduler/cron-entry.ts';
import {
  createScheduler,
  cronsPerEvent,
  type ScheduledCron,
  type Scheduler,
  type SchedulerEffect,
  type SchedulerEvent,
} from '../../src/scheduler/scheduler.ts';
import { SlotHeap } from '../../src/std/heap.ts';
import { CronUnderTest, emptyReport, type Report, settingsOf } from './cron-under-test.ts';
import { holds } from './invariants.ts';
import type { Random } from './random.ts';
import { someCron } from './some-cron.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** The driver's longest wait: what the clock does is noticed within it. */
const longestWaitMs = 30 * second;

export interface Settings {
  readonly crons: number;
  readonly days: number;
  readonly start: number;
  /** Trouble comes so often, on average, in ms. */
  readonly troubleEveryMs: number;
}

export class Life {
  readonly report: Report = emptyReport();
  readonly #random: Random;
  readonly #settings: Settings;
  readonly #crons = new Map<string, CronUnderTest>();
  readonly #keys: string[] = [];
  readonly #create: () => Scheduler;
  #scheduler: Scheduler;
  #takenUp = false;
  /** True time, ms; the wall clock shows it with an error. */
  #now: number;
  #clockError = 0;
  #wakeAt = Number.POSITIVE_INFINITY;
  /** Runs by slot: when they end in true time, whose they are, and where the scheduler of then had their cron. */
  readonly #ends = new SlotHeap();
  readonly #runOf: ({ readonly key: string; readonly slot?: number | undefined } | undefined)[] = [];
  readonly #freeRuns: number[] = [];
  #heartbeatAt: number;
  #crashNext = false;
  readonly #refused: string[] = [];
  #isTelling = false;

  /** `create` makes the scheduler: ours, or one that errs on purpose. */
  constructor(random: Random, settings: Settings, create: () => Scheduler = createScheduler) {
    this.#create = create;
    this.#scheduler = create();
    this.#random = random;
    this.#settings = settings;
    this.#now = settings.start;
    this.#heartbeatAt = settings.start;
    for (let index = 0; index < settings.crons; index++) {
      const key = `environment-${index % 97}/job-${index}`;
      this.#keys.push(key);
      this.#crons.set(key, new CronUnderTest(key, someCron(random), this.#wall));
    }
  }

  /** Plays it to its end; throws a Violation. */
  play(): Report {
    const end = this.#settings.start + this.#settings.days * day;
    this.#startDaemon();
    let troubleAt = this.#now + this.#pause();
    let checkAt = this.#now + day;
    while (this.#now < end) {
      this.#driveUntil(Math.min(troubleAt, checkAt, end));
      if (this.#now >= checkAt) {
        this.#check(7);
        checkAt += day;
      }
      if (this.#now < troubleAt) continue;
      this.#trouble();
      troubleAt = this.#now + this.#pause();
    }
    this.#settle();
    this.#check(1);
    return this.report;
  }

  get #wall(): number {
    return this.#now + this.#clockError;
  }

  #pause(): number {
    return Math.ceil(-Math.log(1 - this.#random.fraction()) * this.#settings.troubleEveryMs);
  }

  // The driver: timers, ticks and the ends of runs, in true time.

  #driveUntil(until: number): void {
    while (this.#now < until) {
      const wait = Math.min(Math.max(0, this.#wakeAt - this.#wall), longestWaitMs);
      const tickAt = this.#takenUp ? this.#now + wait : Number.POSITIVE_INFINITY;
      const endAt = this.#ends.topPriority();
      if (Math.min(tickAt, endAt) > until) {
        this.#now = until;
        return;
      }
      if (endAt <= tickAt) {
        this.#now = Math.max(this.#now, endAt);
        this.#endRun(this.#ends.top());
      } else {
        // A timer is seldom exact, and sometimes the event loop is busy.
        this.#now =
          tickAt +
          (this.#random.chance(0.001) ? this.#random.whole(0, 45 * second) : this.#random.whole(0, 3));
        this.report.ticks++;
        this.#handle({ kind: 'tick' });
        this.#heartbeatAt = this.#wall;
      }
    }
  }

  #handle(event: SchedulerEvent): void {
    const effects = this.#scheduler.handle(event, this.#wall);
    if (effects.length > 0) this.#carryOut(effects, event.kind);
    this.#tellRefused();
  }

  /** The commit has said which runs were not created: they end as they would have ended. */
  #tellRefused(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let key = this.#refused.pop(); key !== undefined; key = this.#refused.pop())
      this.#handle({ kind: 'run-ended', key });
    this.#isTelling = false;
  }

  #carryOut(effects: readonly SchedulerEffect[], event: SchedulerEvent['kind']): void {
    holds(
      this.#takenUp || event === 'taken-up',
      'not-before',
      () => `${event} had effects before the machine was taken up`,
    );
    holds(
      effects.length <= 1 + Math.min(cronsPerEvent, this.#crons.size) * 70,
      'no-flood',
      () => `${event} had ${effects.length} effects`,
    );
    if (this.#crashNext) {
      // Killed before anything was committed: as if it had not happened.
      this.#crashNext = false;
      this.#crash();
      return;
    }
    for (const effect of effects) {
      if (effect.kind === 'wake') this.#wakeAt = effect.at;
      else if (effect.kind === 'begin') this.#begin(effect);
      else this.#cron(effect.key).account(effect, this.#wall, this.report);
    }
    if (event === 'tick' && effects.length < cronsPerEvent)
      holds(
        this.#wakeAt > this.#wall,
        'no-spin',
        () => `a tick at ${this.#wall} asked for the next at ${this.#wakeAt}`,
      );
  }

  #begin(effect: Extract<SchedulerEffect, { kind: 'begin' }>): void {
    const cron = this.#cron(effect.key);
    if (cron.begin(effect, this.#wall, this.report))
      this.#startRun({ key: effect.key, slot: effect.slot }, cron);
    else this.#refused.push(effect.key);
  }

  #cron(key: string): CronUnderTest {
    const cron = this.#crons.get(key);
    if (cron === undefined) throw new Error(`an effect for ${key}, which is not there`);
    return cron;
  }

  #startRun(of: { readonly key: string; readonly slot?: number | undefined }, cron: CronUnderTest): void {
    const slot = this.#freeRuns.pop() ?? this.#runOf.length;
    this.#runOf[slot] = of;
    cron.runs.add(slot);
    this.#ends.set(slot, this.#now + Math.ceil(cron.runMs * (0.5 + this.#random.fraction())));
  }

  #endRun(slot: number): void {
    const run = this.#runOf[slot];
    this.#ends.remove(slot);
    this.#runOf[slot] = undefined;
    this.#freeRuns.push(slot);
    if (run === undefined) return;
    this.#crons.get(run.key)?.runs.delete(slot);
    if (this.#takenUp) this.#handle({ ...run, kind: 'run-ended' });
  }

  // Trouble.

  #trouble(): void {
    const kind = this.#random.whole(0, 99);
    if (kind < 20) this.#crash();
    else if (kind < 30) this.#crashNext = true;
    else if (kind < 38) this.#sleep();
    else if (kind < 50) this.#setClock();
    else if (kind < 70) this.#holdOrRelease();
    else if (kind < 80) this.#edit();
    else if (kind < 90) this.#runByHand();
    else this.#deploy();
  }

  /** The daemon is killed; its runs go on, unless the machine went down as well. */
  #crash(): void {
    this.report.crashes++;
    this.#refused.length = 0;
    this.#takenUp = false;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const downMs = this.#random.pick([second, 20 * second, 5 * minute, 3 * hour, 30 * hour]);
    if (this.#random.chance(0.3)) for (const slot of [...this.#ends.inOrder()]) this.#endRun(slot);
    this.#driveUntil(this.#now + this.#random.whole(1, downMs));
    this.#startDaemon();
  }

  #startDaemon(): void {
    this.#scheduler = this.#create();
    for (const [key, cron] of this.#crons) {
      const lastDueAt = cron.ledger.lastDueAt;
      cron.ledger.allowAgain();
      cron.blindUntil = lastDueAt ?? Number.NEGATIVE_INFINITY;
      cron.settings = { ...cron.settings, lastDueAt };
      cron.inForce = cron.settings;
      this.#handle({ kind: 'set', cron: cron.settings });
      for (const _ of cron.runs) this.#handle({ kind: 'run-began', key });
    }
    const takeUp = {
      kind: 'taken-up',
      downSince: this.#random.chance(0.9) ? this.#heartbeatAt : null,
    } as const;
    const effects = this.#scheduler.handle(takeUp, this.#wall);
    this.#takenUp = true;
    this.#carryOut(effects, 'taken-up');
    this.#tellRefused();
  }

  #sleep(): void {
    this.report.sleeps++;
    // True time passes and nothing happens, not even the end of a run.
    this.#now += this.#random.pick([90 * second, hour, 12 * hour, 4 * day]);
  }

  /** Most changes are small; a clock that was hours wrong is put right later. */
  #setClock(): void {
    this.report.clockChanges++;
    for (const cron of this.#crons.values()) cron.ledger.allowAgain();
    if (this.#clockError !== 0 && this.#random.chance(0.7)) this.#clockError = 0;
    else {
      const by = this.#random.pick([
        2 * second,
        90 * second,
        40 * minute,
        2 * hour,
        5 * hour,
        2 * day,
        365 * day,
      ]);
      this.#clockError += this.#random.chance(0.5) ? by : -by;
    }
  }

  #someKey(): string {
    return this.#random.pick(this.#keys);
  }

  #holdOrRelease(): void {
    const environment = this.#someKey().split('/')[0] as string;
    const pause = this.#random.chance(0.5);
    for (const [key, cron] of this.#crons) {
      if (!key.startsWith(`${environment}/`)) continue;
      this.#set(cron, { ...cron.settings, held: pause ? { reason: 'skipped: paused' } : null });
    }
    this.report.edits++;
  }

  /** Another schedule; what was due under the old one must be accounted for by then. */
  #edit(): void {
    const cron = this.#cron(this.#someKey());
    const { ledger } = cron;
    const wall = this.#wall;
    if (this.#clockError !== 0 || (ledger.lastDueAt ?? 0) > wall || !this.#takenUp) return;
    this.#crashNext = false;
    // What is due by now is told of under the old settings.
    const changed = settingsOf(someCron(this.#random));
    this.#set(cron, { ...cron.settings, ...changed, held: null, since: wall + 1 });
    ledger.checkComplete(wall);
    ledger.startAnew(changed.schedule, wall + 1);
    this.report.edits++;
  }

  #set(cron: CronUnderTest, settings: ScheduledCron): void {
    cron.settings = settings;
    const effects = this.#scheduler.handle({ kind: 'set', cron: settings }, this.#wall);
    // Due times up to now belong to the settings before.
    if (effects.length > 0) this.#carryOut(effects, 'set');
    cron.inForce = cron.settings;
    this.#tellRefused();
  }

  #runByHand(): void {
    const key = this.#someKey();
    const cron = this.#cron(key);
    if (cron.runs.size >= cron.settings.maxInstances) return;
    this.#handle({ kind: 'run-began', key });
    this.#startRun({ key }, cron);
  }

  /** Crons with `on_deploy: restart` have their runs ended; nothing else may change. */
  #deploy(): void {
    this.report.deployments++;
    const environment = this.#someKey().split('/')[0] as string;
    for (const [key, cron] of this.#crons) {
      if (!key.startsWith(`${environment}/`)) continue;
      for (const slot of [...cron.runs]) this.#endRun(slot);
    }
  }

  // What must be true whenever one looks.

  /** The clock is put right, what still waits to be caught up is let go, and everything due is served. */
  #settle(): void {
    this.#crashNext = false;
    this.#clockError = 0;
    for (const cron of this.#crons.values()) cron.ledger.allowAgain();
    this.#driveUntil(this.#now + 2 * minute);
    for (const cron of this.#crons.values())
      this.#set(cron, { ...cron.settings, held: { reason: 'skipped: the end' } });
    this.#handle({ kind: 'tick' });
  }

  #check(each: number): void {
    if (this.#clockError !== 0) return;
    // A clock that was set just now must have been seen.
    this.#handle({ kind: 'tick' });
    let index = this.#random.whole(0, each - 1);
    for (const [key, cron] of this.#crons) {
      if (index++ % each !== 0) continue;
      const next = this.#scheduler.next(key);
      const unserved = cron.ledger.nextUnserved(this.#wall);
      if (next === null || unserved === null || next <= unserved) continue;
      // Missed by a clock that was ahead by less than the hours that make a correction: it stays so.
      const staysMissed = unserved <= this.#wall + correctionMs && cron.ledger.isMissed(unserved);
      holds(staysMissed, 'no-stall', () => `${key} waits until ${new Date(next).toISOString()}`);
    }
    if (each === 1) for (const cron of this.#crons.values()) cron.ledger.checkComplete(this.#wall);
  }
}
