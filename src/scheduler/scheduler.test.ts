import { beforeEach, describe, expect, test } from 'vitest';
import type { Schedule } from '../domain/job.ts';
import { compileSchedule } from './schedule.ts';
import {
  createScheduler,
  cronsPerEvent,
  type ScheduledCron,
  type Scheduler,
  type SchedulerEffect,
  type SchedulerEvent,
} from './scheduler.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const monday = Date.UTC(2026, 2, 2);

const crontab = (expression: string): Schedule => ({
  kind: 'crontab',
  expression,
  timezone: 'UTC',
  moment: 0,
});

function cron(expression: string, settings: Partial<ScheduledCron> = {}): ScheduledCron {
  return {
    key: 'shop/job',
    schedule: compileSchedule(crontab(expression)),
    maxInstances: 5,
    held: null,
    catchUp: 'none',
    catchUpMaxAgeSeconds: (2 * day) / second,
    lastDueAt: null,
    since: monday,
    ...settings,
  };
}

const shown = (instant: number) => new Date(instant).toISOString().slice(5, 16);

/** Effects in short: `begin 03-02T04:00 schedule`, `missed 03-02T04:00..03-02T09:00 ×6`. Wakes are left out. */
function short(effects: readonly SchedulerEffect[]): string[] {
  return effects.flatMap((effect) => {
    if (effect.kind === 'wake') return [];
    if (effect.kind === 'begin') return [`begin ${shown(effect.dueAt)} ${effect.trigger}`];
    const stretch = effect.untilDueAt === undefined ? '' : `..${shown(effect.untilDueAt)} ×${effect.count}`;
    return [`${effect.fate} ${shown(effect.dueAt)}${stretch}`];
  });
}

const reasons = (effects: readonly SchedulerEffect[]) =>
  effects.flatMap((effect) => (effect.kind === 'account' ? [effect.reason] : []));

const wakes = (effects: readonly SchedulerEffect[]) =>
  effects.flatMap((effect) => (effect.kind === 'wake' ? [shown(effect.at)] : []));

let scheduler: Scheduler;
beforeEach(() => {
  scheduler = createScheduler();
});

const handle = (event: SchedulerEvent, at: number) => scheduler.handle(event, at);
const tick = (at: number) => handle({ kind: 'tick' }, at);
const set = (settings: ScheduledCron, at = monday) => handle({ kind: 'set', cron: settings }, at);
const takeUp = (at = monday, downSince: number | null = null) => handle({ kind: 'taken-up', downSince }, at);
const end = (at: number) => handle({ kind: 'run-ended', key: 'shop/job' }, at);

describe('a cron in its normal days', () => {
  test('begins at each due time, and not before', () => {
    set(cron('0 4 * * *'));
    expect(wakes(takeUp())).toEqual(['03-02T04:00']);
    expect(short(tick(monday + 4 * hour - 1))).toEqual([]);
    const effects = tick(monday + 4 * hour);
    expect(short(effects)).toEqual(['begin 03-02T04:00 schedule']);
    expect(wakes(effects)).toEqual(['03-03T04:00']);
    expect(short(tick(monday + 4 * hour + 1))).toEqual([]);
  });

  test('counts no due time before it was added', () => {
    set(cron('* * * * *', { since: monday + 90 * second }), monday + 90 * second);
    expect(short(takeUp(monday + 90 * second))).toEqual([]);
    expect(short(tick(monday + 2 * minute))).toEqual(['begin 03-02T00:02 schedule']);
  });

  test('begins nothing before the machine is taken up', () => {
    set(cron('* * * * *'));
    expect(tick(monday + minute)).toEqual([]);
    expect(short(takeUp(monday + minute))).toEqual(['missed 03-02T00:00', 'begin 03-02T00:01 schedule']);
  });

  test('does not begin again what the store says was accounted for', () => {
    set(cron('* * * * *', { lastDueAt: monday + 3 * minute }));
    expect(short(takeUp(monday + 3 * minute))).toEqual([]);
    expect(short(tick(monday + 4 * minute))).toEqual(['begin 03-02T00:04 schedule']);
  });

  test('is gone when removed', () => {
    set(cron('* * * * *'), monday);
    takeUp(monday);
    handle({ kind: 'removed', key: 'shop/job' }, monday + second);
    expect(short(tick(monday + minute))).toEqual([]);
    expect([scheduler.size, scheduler.next(), scheduler.next('shop/job')]).toEqual([0, null, null]);
  });
});

describe('overlap', () => {
  test('is allowed up to max instances, and told beyond', () => {
    set(cron('* * * * *', { maxInstances: 2, since: monday + 1 }));
    takeUp(monday);
    expect(short(tick(monday + minute))).toEqual(['begin 03-02T00:01 schedule']);
    expect(short(tick(monday + 2 * minute))).toEqual(['begin 03-02T00:02 schedule']);
    const third = tick(monday + 3 * minute);
    expect(short(third)).toEqual(['skipped 03-02T00:03']);
    expect(reasons(third)).toEqual(['skipped: two instances run']);
    end(monday + 3 * minute + second);
    expect(scheduler.open('shop/job')).toBe(1);
    expect(short(tick(monday + 4 * minute))).toEqual(['begin 03-02T00:04 schedule']);
  });

  test('counts runs that were begun by hand or taken up, also before the cron is set', () => {
    handle({ kind: 'run-began', key: 'shop/job' }, monday);
    set(cron('* * * * *', { maxInstances: 1, since: monday + 1 }));
    takeUp(monday);
    expect(reasons(tick(monday + minute))).toEqual(['skipped: one instance runs']);
    end(monday + minute);
    expect(short(tick(monday + 2 * minute))).toEqual(['begin 03-02T00:02 schedule']);
  });

  test('is remembered when the settings change', () => {
    set(cron('* * * * *', { maxInstances: 1 }));
    takeUp(monday);
    set(cron('* * * * *', { maxInstances: 1, since: monday + 1 }), monday + 1);
    expect(short(tick(monday + minute))).toEqual(['skipped 03-02T00:01']);
  });

  test('counts an end by the slot of its begin, and by its key once another cron stands there', () => {
    const beginOf = (effects: readonly SchedulerEffect[]) =>
      effects.find((effect) => effect.kind === 'begin');
    set(cron('* * * * *', { since: monday + 1 }));
    takeUp(monday);
    const [first, second] = [beginOf(tick(monday + minute)), beginOf(tick(monday + 2 * minute))];
    expect(scheduler.open('shop/job')).toBe(2);
    handle({ kind: 'run-ended', key: 'shop/job', slot: first?.slot ?? -1 }, monday + 2 * minute);
    expect(scheduler.open('shop/job')).toBe(1);
    handle({ kind: 'removed', key: 'shop/job' }, monday + 2 * minute);
    set(cron('* * * * *', { key: 'shop/other', since: monday + 1 }), monday + 2 * minute);
    const other = beginOf(tick(monday + 3 * minute));
    expect(other).toMatchObject({ key: 'shop/other', slot: second?.slot });
    handle({ kind: 'run-ended', key: 'shop/job', slot: second?.slot ?? -1 }, monday + 3 * minute);
    expect([scheduler.open('shop/job'), scheduler.open('shop/other')]).toEqual([0, 1]);
  });

  test('an end that nobody began is no free instance', () => {
    set(cron('* * * * *', { maxInstances: 1, since: monday + 1 }));
    takeUp(monday);
    end(monday);
    tick(monday + minute);
    expect(short(tick(monday + 2 * minute))).toEqual(['skipped 03-02T00:02']);
  });
});

describe('a cron that is held', () => {
  test('accounts for its due times with the reason, and is not upcoming', () => {
    set(cron('* * * * *', { held: { reason: 'skipped: disabled' }, since: monday + 1 }));
    takeUp(monday);
    const effects = tick(monday + minute);
    expect(short(effects)).toEqual(['skipped 03-02T00:01']);
    expect(reasons(effects)).toEqual(['skipped: disabled']);
    expect(scheduler.next('shop/job')).toBeNull();
    expect(scheduler.upcoming(3)).toEqual([]);
  });

  test('goes on when it is released: what came while it was held stays skipped', () => {
    set(cron('* * * * *', { held: { reason: 'skipped: paused' }, since: monday + 1 }));
    takeUp(monday);
    expect(short(set(cron('* * * * *', { since: monday + 1 }), monday + 5 * minute + 1))).toEqual([
      'skipped 03-02T00:01..03-02T00:04 ×4',
      'skipped 03-02T00:05',
    ]);
    expect(short(tick(monday + 6 * minute))).toEqual(['begin 03-02T00:06 schedule']);
  });
});

describe('while the machine was down', () => {
  const down = (catchUp: ScheduledCron['catchUp'], expression: string, more: Partial<ScheduledCron> = {}) => {
    set(cron(expression, { catchUp, lastDueAt: monday, ...more }));
    return takeUp(monday + 10 * hour + 30 * minute, monday + 20 * minute);
  };

  test('none: due times are missed, in one record, with from when to when', () => {
    const effects = down('none', '0 * * * *');
    expect(short(effects)).toEqual(['missed 03-02T01:00..03-02T10:00 ×10']);
    expect(reasons(effects)).toEqual([
      'missed: the machine was down from 2026-03-02T00:20:00Z to 2026-03-02T10:30:00Z',
    ]);
    expect(wakes(effects)).toEqual(['03-02T11:00']);
  });

  test('latest: the last one runs, the others are missed', () => {
    expect(short(down('latest', '0 * * * *'))).toEqual([
      'missed 03-02T01:00..03-02T09:00 ×9',
      'begin 03-02T10:00 catch-up',
    ]);
  });

  test('latest: one that is older than the maximum age is missed as well', () => {
    const effects = down('latest', '0 4 * * *', { catchUpMaxAgeSeconds: 3600 });
    expect(short(effects)).toEqual(['missed 03-02T04:00']);
    expect(reasons(effects)[0]).toContain('too old to be caught up');
  });

  test('latest: nothing is caught up where the next one is due right now', () => {
    set(cron('0 * * * *', { catchUp: 'latest', lastDueAt: monday }));
    expect(short(takeUp(monday + 3 * hour + second))).toEqual([
      'missed 03-02T01:00..03-02T02:00 ×2',
      'begin 03-02T03:00 schedule',
    ]);
  });

  test('all: each runs, oldest first, no more at once than max instances', () => {
    expect(short(down('all', '0 * * * *', { maxInstances: 3 }))).toEqual([
      'begin 03-02T01:00 catch-up',
      'begin 03-02T02:00 catch-up',
      'begin 03-02T03:00 catch-up',
    ]);
    expect(short(end(monday + 10 * hour + 31 * minute))).toEqual(['begin 03-02T04:00 catch-up']);
    // A due time that comes meanwhile stands in the same line.
    expect(short(tick(monday + 11 * hour))).toEqual([]);
    const begun: string[] = [];
    for (let count = 0; count < 9; count++) begun.push(...short(end(monday + 11 * hour + 5 * minute)));
    expect(begun).toEqual([
      'begin 03-02T05:00 catch-up',
      'begin 03-02T06:00 catch-up',
      'begin 03-02T07:00 catch-up',
      'begin 03-02T08:00 catch-up',
      'begin 03-02T09:00 catch-up',
      'begin 03-02T10:00 catch-up',
      'begin 03-02T11:00 catch-up',
    ]);
    expect(short(tick(monday + 12 * hour))).toEqual(['begin 03-02T12:00 schedule']);
  });

  test('all: what is older than the maximum age is missed', () => {
    expect(short(down('all', '0 * * * *', { catchUpMaxAgeSeconds: 2 * 3600 }))).toEqual([
      'missed 03-02T01:00..03-02T08:00 ×8',
      'begin 03-02T09:00 catch-up',
      'begin 03-02T10:00 catch-up',
    ]);
  });

  test('a restart that takes seconds misses nothing', () => {
    set(cron('0 4 * * *', { lastDueAt: monday - 20 * hour }));
    expect(short(takeUp(monday + 4 * hour + 59 * second, monday + 4 * hour - second))).toEqual([
      'begin 03-02T04:00 schedule',
    ]);
  });

  test('a held one was skipped, not missed', () => {
    expect(short(down('latest', '0 * * * *', { held: { reason: 'skipped: disabled' } }))).toEqual([
      'skipped 03-02T01:00..03-02T10:00 ×10',
    ]);
  });
});

describe('a clock that is set', () => {
  beforeEach(() => {
    set(cron('* * * * *', { maxInstances: 64, since: monday + 1 }));
    takeUp(monday);
    tick(monday + minute);
  });

  test('forward by a year neither floods nor stalls', () => {
    const effects = tick(monday + 365 * day);
    expect(short(effects)).toEqual([
      `missed 03-02T00:02..03-01T23:59 ×${365 * 1440 - 2}`,
      'begin 03-02T00:00 schedule',
    ]);
    expect(reasons(effects)[0]).toContain(
      'the clock was set forward, or the machine slept, from 2026-03-02T00:01:00Z',
    );
    expect(short(tick(monday + 365 * day + minute))).toEqual(['begin 03-02T00:01 schedule']);
  });

  test('back by minutes runs nothing twice and goes on where it was', () => {
    tick(monday + 2 * minute);
    expect(short(tick(monday))).toEqual([]);
    expect(short(tick(monday + 2 * minute))).toEqual([]);
    expect(short(tick(monday + 3 * minute))).toEqual(['begin 03-02T00:03 schedule']);
  });

  test('forward by a year and back again: goes on at once, and what ran a year ahead does not run again', () => {
    tick(monday + 365 * day);
    tick(monday + 365 * day + minute);
    expect(wakes(tick(monday + 2 * minute))).toEqual(['03-02T00:03']);
    expect(short(tick(monday + 3 * minute))).toEqual(['begin 03-02T00:03 schedule']);
    tick(monday + 365 * day - minute);
    expect(short(tick(monday + 365 * day))).toEqual([]);
    expect(short(tick(monday + 365 * day + minute))).toEqual([]);
    expect(short(tick(monday + 365 * day + 2 * minute))).toEqual(['begin 03-02T00:02 schedule']);
  });

  test('back by hours, in steps, is noticed as well', () => {
    tick(monday + 8 * hour);
    tick(monday + 6 * hour);
    tick(monday + 4 * hour + second);
    expect(short(tick(monday + 4 * hour + minute))).toEqual(['begin 03-02T04:01 schedule']);
  });

  test('back by a day to just before a cron was added: its first due time is the first after that', () => {
    scheduler = createScheduler();
    set(cron('0 * * * *', { since: monday + day - 90 * minute }), monday + 2 * day);
    takeUp(monday + 2 * day);
    expect(wakes(tick(monday + day - 3 * hour))).toEqual(['03-02T23:00']);
  });

  test('back and forward again over when a cron was added: nothing is told of before', () => {
    scheduler = createScheduler();
    set(cron('0 * * * *', { since: monday }), monday);
    takeUp(monday);
    tick(monday - 300 * day);
    expect(short(tick(monday + 2 * hour))).toEqual(['missed 03-02T01:00', 'begin 03-02T02:00 schedule']);
  });

  test('what waits to be caught up is told of when another schedule takes its place', () => {
    set(
      cron('0 * * * *', { key: 'shop/all', catchUp: 'all', maxInstances: 1, since: monday + 1 }),
      monday + minute,
    );
    expect(short(tick(monday + 4 * hour + 5 * minute)).slice(-1)).toEqual(['begin 03-02T01:00 catch-up']);
    const change = set(cron('30 * * * *', { key: 'shop/all', since: monday + 5 * hour }), monday + 5 * hour);
    expect(short(change)).toEqual(['missed 03-02T02:00..03-02T04:00 ×3']);
    expect(reasons(change)).toEqual(['missed: it was to be caught up when its settings changed']);
  });

  test('a last due time from a clock that was a year ahead does not stall a cron that is loaded', () => {
    scheduler = createScheduler();
    set(cron('0 * * * *', { lastDueAt: monday + 365 * day, since: monday - day }));
    expect(wakes(takeUp(monday + second))).toEqual(['03-02T01:00']);
  });

  test('a cron that was added by a clock a year ahead runs now', () => {
    scheduler = createScheduler();
    set(cron('0 * * * *', { since: monday + 365 * day }));
    expect(wakes(takeUp(monday + second))).toEqual(['03-02T01:00']);
  });
});

describe('what is upcoming', () => {
  test('is told over all crons or some, soonest first, without changing anything', () => {
    set(cron('0 4 * * *', { key: 'shop/nightly', since: monday + 1 }));
    set(cron('*/30 * * * *', { key: 'shop/often', since: monday + 1 }));
    set(cron('15 * * * *', { key: 'blog/hourly', since: monday + 1 }));
    set(cron('* * * * *', { key: 'blog/paused', held: { reason: 'paused' } }));
    const told = (keys?: string[]) =>
      scheduler.upcoming(4, keys).map(({ key, dueAt }) => `${key} ${shown(dueAt)}`);
    expect(told()).toEqual([
      'blog/hourly 03-02T00:15',
      'shop/often 03-02T00:30',
      'shop/often 03-02T01:00',
      'blog/hourly 03-02T01:15',
    ]);
    expect(told(['shop/nightly', 'shop/unknown'])).toEqual([
      'shop/nightly 03-02T04:00',
      'shop/nightly 03-03T04:00',
      'shop/nightly 03-04T04:00',
      'shop/nightly 03-05T04:00',
    ]);
    expect(told()).toEqual(told());
  });
});

test('more crons due at once than one event serves are served by the ones that follow', () => {
  const count = cronsPerEvent + 10;
  for (let index = 0; index < count; index++) set(cron('0 4 * * *', { key: `shop/${index}` }));
  takeUp(monday);
  const begun = new Set<string>();
  const at = monday + 4 * hour;
  let events = 0;
  for (let next = at; next <= at; events++) {
    const effects = tick(at);
    for (const effect of effects) if (effect.kind === 'begin') begun.add(effect.key);
    next =
      effects.flatMap((effect) => (effect.kind === 'wake' ? [effect.at] : []))[0] ?? Number.POSITIVE_INFINITY;
  }
  expect(begun.size).toBe(count);
  expect(events).toBe(2);
});
