/** `nightshift crontab`: needs no daemon. */
import type { CrontabInput, CrontabMeaning } from '../cli/local.ts';
import { meaningOf } from '../scheduler/crontab-meaning.ts';

/** @throws Refusal `cron.expression`, `cron.timezone` or `cron.never-due` */
export const explainCrontab = async (input: CrontabInput): Promise<CrontabMeaning> =>
  meaningOf(input.expression, input.timezone, input.from ?? Date.now(), input.next);
