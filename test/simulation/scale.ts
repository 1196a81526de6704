/** What many crons cost: bytes, and the time that a year of them takes when nothing goes wrong; each due time is checked. */
import type { Interval, Schedule } from '../../src/domain/job.ts';
import { type CompiledSchedule, compileSchedule } from '../../src/scheduler/schedule.ts';
import { createScheduler, type Scheduler, type SchedulerEffect } from '../../src/scheduler/scheduler.ts';
import { DueTally } from './due-tally.ts';
import type { Random } from './random.ts';

/** Shares of 10,000, as on a machine of many small apps: most crons are nightly. */
const shares: readonly {
  readonly of10000: number;
  readonly what: Interval | string;
  readonly zone?: string;
}[] = [
  { of10000: 1, what: '1m' },
  { of10000: 5, what: '10m' },
  { of10000: 30, what: '1h' },
  { of10000: 5_964, what: '1d' },
  { of10000: 1_000, what: '1w' },
  { of10000: 500, what: '1mo' },
  { of10000: 1_000, what: '30 2 * * *', zone: 'Europe/Berlin' },
  { of10000: 1_000, what: 'H H(0-7) * * *', zone: 'America/New_York' },
  { of10000: 500, what: '15 4 * * 1-5', zone: 'UTC' },
];

/** The shares in words, for the figures. */
export const mix = shares.map(({ of10000, what }) => `${of10000} ${what}`).join(', ');

const windows: Readonly<Record<string, number>> = { '1m': 60, '10m': 600, '1h': 3_600 };

function scheduleOf(index: number, random: Random): Schedule {
  let place = (index * 7_919) % 10_000;
  for (const { of10000, what, zone } of shares) {
    place -= of10000;
    if (place >= 0) continue;
    if (zone !== undefined)
      return { kind: 'crontab', expression: what, timezone: zone, moment: random.whole(0, 40_319) };
    const day = what === '1mo' ? random.whole(0, 27) * 86_400 : 0;
    return {
      kind: 'interval',
      interval: what as Interval,
      moment: day + random.whole(0, (windows[what] ?? 36_000) - 1),
    };
  }
  throw new Error('the shares are less than a whole');
}

const keyOf = (index: number): string => `environment-${index % 1_000}/job-${index}`;

export interface Figures {
  readonly crons: number;
  readonly days: number;
  readonly due: number;
  readonly ticks: number;
  readonly bytesEach: number;
  readonly setMicroseconds: number;
  readonly seconds: number;
  readonly fireMicroseconds: number;
}

/**
 * Each run has ended before the next event; `heapBytes` reads how much memory is in use, `seconds` how much CPU time was.
 * Throws a Violation unless each due time began once.
 */
export function measure(
  count: number,
  days: number,
  random: Random,
  seconds: () => number,
  heapBytes: () => number,
  create: () => Scheduler = createScheduler,
): Figures {
  const start = Date.UTC(2026, 0, 1);
  const end = start + days * 86_400_000;
  const tally = new DueTally(count);
  // Made in its full length, so that it does not count as memory of the crons.
  const schedules = new Array<CompiledSchedule>(count);
  const before = heapBytes();
  const begun = seconds();
  const scheduler = create();
  for (let index = 0; index < count; index++) {
    const schedule = compileSchedule(scheduleOf(index, random));
    schedules[index] = schedule;
    scheduler.handle(
      {
        kind: 'set',
        cron: {
          key: keyOf(index),
          schedule,
          maxInstances: 5,
          held: null,
          catchUp: 'latest',
          catchUpMaxAgeSeconds: 172_800,
          lastDueAt: null,
          since: start,
        },
      },
      start,
    );
  }
  const set = seconds();
  const bytesEach = (heapBytes() - before) / count;
  let due = 0;
  let ticks = 0;
  const play = seconds();
  const carryOut = (effects: readonly SchedulerEffect[], now: number): void => {
    for (const effect of effects) {
      if (effect.kind !== 'begin') continue;
      due++;
      tally.begun(effect.slot, effect.key, effect.dueAt);
      scheduler.handle({ kind: 'run-ended', key: effect.key, slot: effect.slot }, now);
    }
  };
  // What is due at this very moment begins now.
  carryOut(scheduler.handle({ kind: 'taken-up', downSince: null }, start), start);
  for (let now = scheduler.next() ?? end; now < end; now = scheduler.next() ?? end) {
    ticks++;
    carryOut(scheduler.handle({ kind: 'tick' }, now), now);
  }
  const took = seconds() - play;
  tally.check(
    schedules.map((schedule, index) => [keyOf(index), schedule]),
    start,
    end,
  );
  return {
    crons: count,
    days,
    due,
    ticks,
    bytesEach: Math.round(bytesEach),
    setMicroseconds: ((set - begun) * 1e6) / count,
    seconds: took,
    fireMicroseconds: (took * 1e6) / due,
  };
}
