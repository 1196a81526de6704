/**
 * Where a new cron is placed. Its moment is chosen once and kept, so the choice looks at what is there: the starts of
 * the machine's crons over a day (UTC), second by second. A hash would collide long before the seconds are used up.
 *
 * The rule: among the moments at which the fewest start together (the worst of all its due times counts), go down a
 * tree of halves, each time into the half that would be less crowded; minutes first, then the seconds of one minute.
 * So no second has two starts while one is free, no minute two while one is free, and any number of crons lies evenly.
 * Others that come and go change nothing for those that are there.
 */
import type { Interval } from '../domain/job.ts';
import { minuteMs } from './calendar.ts';
import { type CrontabFields, parseCrontab } from './crontab-fields.ts';
import { intervalSeconds, monthlyDays, type Timing, windowSeconds } from './interval.ts';
import type { CompiledSchedule } from './schedule.ts';
import { findZone } from './zone.ts';

/** What needs a moment. A crontab expression without `H` needs none, and gets 0. */
export type Wish =
  | { readonly kind: 'interval'; readonly interval: Interval }
  | { readonly kind: 'crontab'; readonly expression: string; readonly timezone: string };

/** A cron that has its place. Its weight is what it is known to use, 1 by default. */
export interface Taken {
  readonly schedule: CompiledSchedule;
  readonly weight?: number;
}

const daySeconds = 86_400;

/** Crontab expressions start at second 0, ours and everybody else's: intervals use it last. */
const crontabSecondWeight = 0.001;

/** The starts of one machine over a day: kept up to date by who adds many crons, or made anew for one. */
export class StartMap {
  /** Weight that starts at each second of the day. Weekly and monthly crons count as if daily: they meet one day. */
  readonly #seconds = new Float64Array(daySeconds);
  /** Weight of those that run on some days of the month only. */
  readonly #days = new Float64Array(monthlyDays);
  /** Sums up to each second, of the weight and of the seconds that are free enough, so that a half costs one subtraction. */
  readonly #scratch = {
    weightUpTo: new Float64Array(windowSeconds + 1),
    freeUpTo: new Int32Array(windowSeconds + 1),
    peaks: new Float64Array(windowSeconds),
  };
  /** Zones' offsets are taken as of this instant. */
  readonly #at: number;

  constructor(at: number) {
    this.#at = at;
    for (let second = 0; second < daySeconds; second += 60) this.#seconds[second] = crontabSecondWeight;
  }

  add(schedule: CompiledSchedule, weight = 1): void {
    if (schedule.kind === 'crontab')
      this.#addFields(schedule.fields, schedule.zone.at(this.#at).offset, weight);
    else this.#addTiming(schedule, weight);
  }

  remove(schedule: CompiledSchedule, weight = 1): void {
    this.add(schedule, -weight);
  }

  /** The most weight that starts in one second of the day, and in one minute. */
  peaks(): { second: number; minute: number } {
    let [second, minute] = [0, 0];
    for (let start = 0; start < daySeconds; start += 60) {
      let sum = 0;
      for (let s = start; s < start + 60; s++) {
        const load = this.#load(s) - (s === start ? crontabSecondWeight : 0);
        second = Math.max(second, load);
        sum += load;
      }
      minute = Math.max(minute, sum);
    }
    return { second: Math.round(second * 1000) / 1000, minute: Math.round(minute * 1000) / 1000 };
  }

  /** The moment for a new cron, as `Schedule.moment` counts it. Throws Refusal `cron.expression` for a bad expression. */
  choose(wish: Wish, weight = 1): number {
    if (wish.kind === 'crontab') return this.#chooseForCrontab(wish.expression, wish.timezone);
    switch (wish.interval) {
      case '1d':
      case '1w':
        return this.#chooseSecond(daySeconds, windowSeconds, weight);
      case '1mo':
        return leastOf(this.#days) * daySeconds + this.#chooseSecond(daySeconds, windowSeconds, weight);
      default: {
        const period = intervalSeconds[wish.interval];
        return this.#chooseSecond(period, period, weight);
      }
    }
  }

  #load(second: number): number {
    return this.#seconds[second] as number;
  }

  #addTiming(timing: Timing, weight: number): void {
    const offset = Math.floor(timing.offsetMs / 1000);
    const period = timing.kind === 'monthly' ? daySeconds : Math.min(timing.periodMs / 1000, daySeconds);
    for (let second = offset % period; second < daySeconds; second += period)
      this.#seconds[second] = this.#load(second) + weight;
    if (timing.kind === 'monthly') this.#addDay(Math.floor(offset / daySeconds), weight);
  }

  #addDay(day: number, weight: number): void {
    this.#days[day] = (this.#days[day] ?? 0) + weight;
  }

  #addFields(fields: CrontabFields, offsetMs: number, weight: number): void {
    for (const second of startsOf(fields, offsetMs)) this.#seconds[second] = this.#load(second) + weight;
    const everyDay = (2 ** 28 - 1) << 1;
    if ((fields.daysOfMonth & everyDay) === everyDay) return;
    for (let day = 0; day < monthlyDays; day++)
      if ((fields.daysOfMonth & (2 << day)) !== 0) this.#addDay(day, weight);
  }

  /** A second of [0, window) for a cron that starts every `period` seconds. */
  #chooseSecond(period: number, window: number, weight: number): number {
    const { weightUpTo, peaks, freeUpTo } = this.#scratch;
    let least = Number.POSITIVE_INFINITY;
    let total = 0;
    for (let second = 0; second < window; second++) {
      let peak = 0;
      for (let start = second; start < daySeconds; start += period) {
        const load = this.#load(start);
        total += load;
        if (load > peak) peak = load;
      }
      peaks[second] = peak;
      weightUpTo[second + 1] = total;
      if (peak < least) least = peak;
    }
    let free = 0;
    for (let second = 0; second < window; second++) {
      if ((peaks[second] as number) <= least + 1e-9) free++;
      freeUpTo[second + 1] = free;
    }
    const added = weight * (daySeconds / period);
    const crowding = (from: number, to: number) =>
      ((weightUpTo[to] as number) - (weightUpTo[from] as number) + added) / (to - from);
    let [from, to] = [0, window];
    while (to - from > 1) {
      const middle = middleOf(from, to);
      const freeBelow = (freeUpTo[middle] as number) - (freeUpTo[from] as number);
      const freeAbove = (freeUpTo[to] as number) - (freeUpTo[middle] as number);
      const goBelow =
        freeAbove === 0 || (freeBelow > 0 && crowding(from, middle) <= crowding(middle, to) + 1e-9);
      if (goBelow) to = middle;
      else from = middle;
    }
    return from;
  }

  #chooseForCrontab(expression: string, timezone: string): number {
    const { chosen } = parseCrontab(expression, 0);
    const offsetMs = findZone(timezone)?.at(this.#at).offset ?? 0;
    const count = chosen.hour ? (chosen.minute ? 1440 : 24) : chosen.minute ? 60 : 1;
    const step = chosen.hour && !chosen.minute ? 60 : 1;
    let [best, bestPeak, bestAround] = [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (const candidate of evenOrder(count)) {
      const moment = candidate * step;
      let [peak, around] = [0, 0];
      for (const second of startsOf(parseCrontab(expression, moment), offsetMs)) {
        peak = Math.max(peak, this.#load(second));
        for (let s = second; s < second + 60; s++) around += this.#load(s);
      }
      if (peak > bestPeak + 1e-9 || (peak > bestPeak - 1e-9 && around >= bestAround - 1e-9)) continue;
      [best, bestPeak, bestAround] = [moment, peak, around];
    }
    return (chosen.day ? leastOf(this.#days) * 1440 : 0) + best;
  }
}

/**
 * The moment of a new cron beside those that have one. `at` (wall time, ms) says which offsets zones have;
 * it matters only for crontab expressions in zones with daylight saving.
 */
export function chooseMoment(wish: Wish, taken: Iterable<Taken>, at = 0): number {
  const map = new StartMap(at);
  for (const one of taken) map.add(one.schedule, one.weight ?? 1);
  return map.choose(wish);
}

/** Halves end at whole minutes as long as there are any inside. */
function middleOf(from: number, to: number): number {
  const minute = Math.round((from + to) / 120) * 60;
  return minute > from && minute < to ? minute : Math.floor((from + to) / 2);
}

/** The seconds of the day (UTC) at which an expression starts something on days that it matches. */
function* startsOf(fields: CrontabFields, offsetMs: number): Generator<number> {
  const offset = Math.round(offsetMs / minuteMs);
  for (let hour = 0; hour < 24; hour++) {
    if ((fields.hours & (1 << hour)) === 0) continue;
    for (let minute = 0; minute < 60; minute++) {
      const mask = minute < 30 ? fields.minutesLow : fields.minutesHigh;
      if ((mask & (1 << (minute % 30))) === 0) continue;
      yield ((hour * 60 + minute - offset + 2880) % 1440) * 60;
    }
  }
}

/** The index with the least value; equal ones in an order that spreads. */
function leastOf(values: Float64Array): number {
  let best = 0;
  for (const index of evenOrder(values.length))
    if ((values[index] as number) < (values[best] as number) - 1e-9) best = index;
  return best;
}

/** 0 … count - 1 in van der Corput's order: every beginning of it lies evenly. */
function* evenOrder(count: number): Generator<number> {
  const bits = Math.ceil(Math.log2(Math.max(count, 2)));
  for (let index = 0; index < 2 ** bits; index++) {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit++) if ((index & (1 << bit)) !== 0) reversed |= 1 << (bits - 1 - bit);
    if (reversed < count) yield reversed;
  }
}
