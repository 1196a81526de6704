/** Crons of all kinds, as a machine has them: most run daily or rarer, some every hour, few every minute. */
import type { CatchUp, Interval, Schedule } from '../../src/domain/job.ts';
import type { Random } from './random.ts';

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Asia/Kolkata',
  'Pacific/Auckland',
  'Antarctica/Troll',
] as const;

/** Expressions with how many of a thousand crons have them. */
const expressions = [
  { of1000: 1, text: '* * * * *' },
  { of1000: 4, text: '*/10 * * * *' },
  { of1000: 5, text: '*/15 6-20 * * 1-5' },
  { of1000: 20, text: 'H * * * *' },
  { of1000: 20, text: '0 */2 * * *' },
  { of1000: 100, text: 'H H(0-7) * * *' },
  { of1000: 100, text: '30 2 * * *' },
  { of1000: 50, text: '0 2,3 * * *' },
  { of1000: 50, text: '0 4 * * 1-5' },
  { of1000: 50, text: '15 1 1,15 * 0' },
  { of1000: 30, text: '0 0 L * *' },
  { of1000: 20, text: '30 1 * * 0#1' },
  { of1000: 5, text: '0 0 29 2 *' },
] as const;

const intervalShares: readonly { readonly of1000: number; readonly interval: Interval }[] = [
  { of1000: 1, interval: '1m' },
  { of1000: 10, interval: '10m' },
  { of1000: 10, interval: '30m' },
  { of1000: 40, interval: '1h' },
  { of1000: 300, interval: '1d' },
  { of1000: 130, interval: '1w' },
  { of1000: 54, interval: '1mo' },
];

export interface SomeCron {
  readonly schedule: Schedule;
  readonly catchUp: CatchUp;
  readonly catchUpMaxAgeSeconds: number;
  readonly maxInstances: number;
  /** How long its runs last, on average. */
  readonly runMs: number;
}

export function someCron(random: Random): SomeCron {
  return {
    schedule: someSchedule(random),
    catchUp: random.pick(['none', 'latest', 'all']),
    catchUpMaxAgeSeconds: random.pick([3_600, 86_400, 2 * 86_400, 30 * 86_400]),
    maxInstances: random.pick([1, 2, 5]),
    runMs: random.pick([200, 5_000, 5_000, 45_000, 200_000, 4_000_000]),
  };
}

function someSchedule(random: Random): Schedule {
  let share = random.whole(0, 999);
  for (const { of1000, text } of expressions) {
    share -= of1000;
    if (share < 0)
      return {
        kind: 'crontab',
        expression: text,
        timezone: random.pick(zones),
        moment: random.whole(0, 40_319),
      };
  }
  for (const { of1000, interval } of intervalShares) {
    share -= of1000;
    if (share < 0) return { kind: 'interval', interval, moment: someMoment(interval, random) };
  }
  return { kind: 'interval', interval: '1d', moment: someMoment('1d', random) };
}

function someMoment(interval: Interval, random: Random): number {
  const seconds = {
    '1m': 59,
    '10m': 599,
    '30m': 1_799,
    '1h': 3_599,
    '1d': 35_999,
    '1w': 35_999,
    '1mo': 35_999,
  };
  return random.whole(0, seconds[interval]) + (interval === '1mo' ? random.whole(0, 27) * 86_400 : 0);
}
