/** From what people state about when a cron is due to a checked schedule with its moment. */
import { Refusal } from '../domain/errors.ts';
import { jobDefaults, type Schedule } from '../domain/job.ts';
import { compileSchedule, parseInterval } from '../scheduler/schedule.ts';
import type { Wish } from '../scheduler/spread.ts';
import type { JobSettingsInput } from './control.ts';

/** Chooses a moment beside all the other crons of the machine. */
export type Spread = (wish: Wish) => number;

type Stated = Pick<JobSettingsInput, 'interval' | 'crontab' | 'timezone'>;

/**
 * The schedule that is stated, or what it was before where nothing is. A moment is kept as long as it means the same:
 * for the same interval, and for crontab expressions whose `H` it stands for.
 *
 * @param before the schedule of a job that is edited; null for a new one
 */
export function scheduleOf(stated: Stated, before: Schedule | null, spread: Spread): Schedule {
  if (stated.interval !== undefined && stated.crontab !== undefined) throw new Refusal('job.schedule-both');
  if (stated.interval !== undefined) return ofInterval(stated.interval, stated.timezone, before, spread);
  if (before !== null && stated.crontab === undefined && stated.timezone === undefined) return before;
  const known = before?.kind === 'crontab' ? before : null;
  const expression = stated.crontab?.trim() ?? known?.expression;
  if (expression !== undefined) {
    return ofCrontab(expression, stated.timezone ?? known?.timezone ?? jobDefaults.timezone, known, spread);
  }
  if (before === null) throw new Refusal('job.schedule-missing');
  refuseZone(stated.timezone);
  return before;
}

function ofInterval(
  text: string,
  timezone: string | undefined,
  before: Schedule | null,
  spread: Spread,
): Schedule {
  refuseZone(timezone);
  const interval = parseInterval(text);
  if (before?.kind === 'interval' && before.interval === interval) return before;
  return { kind: 'interval', interval, moment: spread({ kind: 'interval', interval }) };
}

function ofCrontab(
  expression: string,
  timezone: string,
  before: Extract<Schedule, { kind: 'crontab' }> | null,
  spread: Spread,
): Schedule {
  const schedule = { kind: 'crontab', expression, timezone, moment: 0 } as const;
  compileSchedule(schedule);
  const keeps = before !== null && (before.expression === expression || hasChosen(before.expression));
  const moment =
    keeps && hasChosen(expression) ? before.moment : spread({ kind: 'crontab', expression, timezone });
  return { ...schedule, moment };
}

/** `H` stands where a field or one part of a list begins. */
const hasChosen = (expression: string): boolean => /(^|[\s,])H/i.test(expression);

/** Intervals are counted in UTC; naming just that is no mistake. */
function refuseZone(timezone: string | undefined): void {
  if (timezone !== undefined && timezone !== 'UTC') throw new Refusal('job.timezone-of-interval');
}
