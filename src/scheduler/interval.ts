/** The seven intervals: their words, their lengths, and where their due times lie. All in UTC. */
import { Refusal } from '../domain/errors.ts';
import { type Interval, intervals } from '../domain/job.ts';
import { dateOf, dayMs, dayNumberOf } from './calendar.ts';

/** Lengths in seconds; a month has none. */
export const intervalSeconds: Readonly<Record<Exclude<Interval, '1mo'>, number>> = {
  '1m': 60,
  '10m': 600,
  '30m': 1_800,
  '1h': 3_600,
  '1d': 86_400,
  '1w': 604_800,
};

/** Daily, weekly and monthly crons run between 00:00 and 10:00 UTC, monthly ones on a day that every month has. */
export const windowSeconds = 10 * 3600;
export const monthlyDays = 28;

/** 1 January 1970 was a Thursday: weeks are counted from the Monday after it. */
const firstMondayMs = 4 * dayMs;

const words: ReadonlyMap<string, Interval> = new Map([
  ['minute', '1m'],
  ['hour', '1h'],
  ['hourly', '1h'],
  ['day', '1d'],
  ['daily', '1d'],
  ['week', '1w'],
  ['weekly', '1w'],
  ['month', '1mo'],
  ['monthly', '1mo'],
  ['1month', '1mo'],
]);

/** Seconds, by the unit's name without its plural. */
const units: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['sec', 1],
  ['second', 1],
  ['m', 60],
  ['min', 60],
  ['minute', 60],
  ['h', 3600],
  ['hour', 3600],
  ['d', 86_400],
  ['day', 86_400],
  ['w', 604_800],
  ['week', 604_800],
]);

/**
 * Reads an interval: one of the seven, or the same said otherwise (`60m`, `24h`, `10 minutes`, `daily`).
 * `1M` might be a minute or a month, `30d` is no month: refused with `cron.interval`, which lists the seven.
 */
export function parseInterval(text: string): Interval {
  const trimmed = text.trim();
  const exact = intervals.find((interval) => interval === trimmed);
  if (exact !== undefined) return exact;
  const plain = trimmed.toLowerCase().replaceAll(' ', '');
  const word = words.get(plain);
  if (word !== undefined) return word;
  const match = /^(\d{1,6})(s|[a-z]+?)s?$/.exec(plain);
  const unit = units.get(match?.[2] ?? '');
  if (match !== null && unit !== undefined && !/\dM$/.test(trimmed)) {
    const seconds = Number(match[1]) * unit;
    for (const interval of intervals) {
      if (interval !== '1mo' && intervalSeconds[interval] === seconds) return interval;
    }
  }
  throw new Refusal('cron.interval', { interval: text.slice(0, 100) });
}

/** Due times at equal distances, or on one day of each month. Milliseconds; a month's offset counts from its first day. */
export type Timing =
  | { readonly kind: 'steady'; readonly periodMs: number; readonly offsetMs: number }
  | { readonly kind: 'monthly'; readonly offsetMs: number };

/** A moment outside its interval (there is none from us) is brought inside, so that a cron is never lost. */
export function timingOf(interval: Interval, moment: number): Timing {
  const length = interval === '1mo' ? monthlyDays * 86_400 : intervalSeconds[interval];
  const within = ((Math.floor(moment) % length) + length) % length;
  if (interval === '1mo') return { kind: 'monthly', offsetMs: within * 1000 };
  const offsetMs = within * 1000 + (interval === '1w' ? firstMondayMs : 0);
  return { kind: 'steady', periodMs: length * 1000, offsetMs: offsetMs % (length * 1000) };
}

/** The month, counted from year 0, that holds an instant. */
function monthOf(instant: number): number {
  const { year, month } = dateOf(Math.floor(instant / dayMs));
  return year * 12 + month - 1;
}

const inMonth = (month: number, offsetMs: number): number =>
  dayNumberOf(Math.floor(month / 12), (((month % 12) + 12) % 12) + 1, 1) * dayMs + offsetMs;

export function nextOfTiming(timing: Timing, after: number): number {
  if (timing.kind === 'steady')
    return (Math.floor((after - timing.offsetMs) / timing.periodMs) + 1) * timing.periodMs + timing.offsetMs;
  const month = monthOf(after);
  const here = inMonth(month, timing.offsetMs);
  return here > after ? here : inMonth(month + 1, timing.offsetMs);
}

/** The last due time at or before an instant. */
export function previousOfTiming(timing: Timing, upTo: number): number {
  if (timing.kind === 'steady')
    return Math.floor((upTo - timing.offsetMs) / timing.periodMs) * timing.periodMs + timing.offsetMs;
  const month = monthOf(upTo);
  const here = inMonth(month, timing.offsetMs);
  return here <= upTo ? here : inMonth(month - 1, timing.offsetMs);
}

/** How many due times lie in (after, upTo]. */
export function countOfTiming(timing: Timing, after: number, upTo: number): number {
  const first = nextOfTiming(timing, after);
  if (first > upTo) return 0;
  const last = previousOfTiming(timing, upTo);
  return timing.kind === 'steady' ? (last - first) / timing.periodMs + 1 : monthOf(last) - monthOf(first) + 1;
}
