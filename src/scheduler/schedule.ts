/** When a cron is due: schedules compiled once, and the questions asked of them. Instants are wall times in ms. */
import { Refusal } from '../domain/errors.ts';
import type { CatchUp, Schedule } from '../domain/job.ts';
import { type CrontabFields, parseCrontab } from './crontab-fields.ts';
import { everMatches, matchesPerDay } from './crontab-matching.ts';
import { countDueInZone, nextDueInZone, previousDueInZone } from './due-in-zone.ts';
import { countOfTiming, nextOfTiming, previousOfTiming, type Timing, timingOf } from './interval.ts';
import { findZone, nearestZone, type Zone } from './zone.ts';

export { describeSchedule } from './description.ts';
export { parseInterval } from './interval.ts';

/** A schedule made ready: cheap to ask, never asked of Intl again. */
export type CompiledSchedule =
  | Timing
  | { readonly kind: 'crontab'; readonly fields: CrontabFields; readonly zone: Zone };

/**
 * Checks a schedule and makes it ready. Throws Refusal `cron.expression` (names the field and what is allowed there),
 * `cron.never-due`, `cron.timezone` (suggests the nearest).
 */
export function compileSchedule(schedule: Schedule): CompiledSchedule {
  if (schedule.kind === 'interval') return timingOf(schedule.interval, schedule.moment);
  const zone = findZone(schedule.timezone);
  if (zone === undefined) {
    const timezone = schedule.timezone.slice(0, 100);
    throw new Refusal('cron.timezone', { timezone, nearest: nearestZone(timezone) });
  }
  const fields = parseCrontab(schedule.expression, Math.max(0, Math.floor(schedule.moment)));
  if (!everMatches(fields)) {
    throw new Refusal('cron.never-due', {
      expression: schedule.expression,
      why: 'none of its months has such a day',
    });
  }
  return { kind: 'crontab', fields, zone };
}

/** The first due time strictly after an instant; null when none comes within 45 years or before the year 9999. */
export function nextDue(compiled: CompiledSchedule, afterMs: number): number | null {
  return compiled.kind === 'crontab'
    ? nextDueInZone(compiled.fields, compiled.zone, afterMs)
    : nextOfTiming(compiled, afterMs);
}

/** The last due time in (after, upTo], or null. */
export function previousDue(compiled: CompiledSchedule, afterMs: number, upToMs: number): number | null {
  if (compiled.kind === 'crontab') return previousDueInZone(compiled.fields, compiled.zone, afterMs, upToMs);
  const due = previousOfTiming(compiled, upToMs);
  return due > afterMs ? due : null;
}

/** How many due times lie in (after, upTo]: a year of every minute costs no more than its days. */
export function countDue(compiled: CompiledSchedule, afterMs: number, upToMs: number): number {
  if (upToMs <= afterMs) return 0;
  return compiled.kind === 'crontab'
    ? countDueInZone(compiled.fields, compiled.zone, afterMs, upToMs)
    : countOfTiming(compiled, afterMs, upToMs);
}

/** The due times in (fromExclusive, toInclusive], oldest first, `limit` at most. */
export function dueBetween(
  compiled: CompiledSchedule,
  fromExclusive: number,
  toInclusive: number,
  limit: number,
): number[] {
  const found: number[] = [];
  for (
    let due = nextDue(compiled, fromExclusive);
    due !== null && due <= toInclusive;
    due = nextDue(compiled, due)
  ) {
    if (found.length === limit) break;
    found.push(due);
  }
  return found;
}

/** What becomes of missed due times unless the job says otherwise: daily and rarer crons run once, others wait for their next time. */
export function defaultCatchUp(schedule: Schedule): CatchUp {
  if (schedule.kind === 'interval')
    return schedule.interval === '1d' || schedule.interval === '1w' || schedule.interval === '1mo'
      ? 'latest'
      : 'none';
  const compiled = compileSchedule(schedule);
  return compiled.kind === 'crontab' && matchesPerDay(compiled.fields) === 1 ? 'latest' : 'none';
}
