/** What a crontab expression means to people: words, and the moments that come next. */
import type { Schedule } from '../domain/job.ts';
import { compileSchedule, describeSchedule, nextDue } from './schedule.ts';

export interface CrontabMeaning {
  readonly expression: string;
  readonly timezone: string;
  /** In words. */
  readonly description: string;
  /** Wall times, ms. */
  readonly next: readonly number[];
}

/**
 * @param after wall time, ms: the due times after it
 * @param count how many of them; there are fewer when it is hardly ever due
 * @throws Refusal `cron.expression`, `cron.timezone` or `cron.never-due`
 */
export function meaningOf(
  expression: string,
  timezone: string,
  after: number,
  count: number,
): CrontabMeaning {
  const schedule: Schedule = { kind: 'crontab', expression, timezone, moment: 0 };
  const compiled = compileSchedule(schedule);
  const next: number[] = [];
  for (
    let due = nextDue(compiled, after);
    due !== null && next.length < count;
    due = nextDue(compiled, due)
  ) {
    next.push(due);
  }
  return { expression, timezone, description: describeSchedule(schedule), next };
}
