/** What a crontab expression means, in words and moments; needs no daemon. */
import type { CrontabInput, CrontabMeaning } from '../cli/local.ts';
import type { Schedule } from '../domain/job.ts';
import { compileSchedule, describeSchedule, nextDue } from '../scheduler/schedule.ts';

/** @throws Refusal `cron.expression`, `cron.timezone` or `cron.never-due` */
export async function explainCrontab(input: CrontabInput): Promise<CrontabMeaning> {
  const { expression, timezone } = input;
  const schedule: Schedule = { kind: 'crontab', expression, timezone, moment: 0 };
  const compiled = compileSchedule(schedule);
  const next: number[] = [];
  for (let at: number | null = input.from ?? Date.now(); next.length < input.next; next.push(at)) {
    at = nextDue(compiled, at);
    if (at === null) break;
  }
  return { expression, timezone, description: describeSchedule(schedule), next };
}
