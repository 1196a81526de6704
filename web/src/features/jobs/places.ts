import type { Environment } from '../../../../src/contract/environment.ts';
import { formatPlanSize, formatSize } from '../../../../src/contract/format.ts';

/** `the 5th of 8 jobs in plan L · the jobs hold 540 MB of 1024 MB at their peak` */
export function placesInWords({ plan, limits, jobsEnabled, usage }: Environment): string {
  if (plan === null || limits === null) return 'no plan is booked: it starts when one is';
  const peak = usage?.memoryMaxBytes;
  const memory =
    peak == null
      ? formatPlanSize(limits.memoryBytes)
      : `the others held ${formatSize(peak)} of ${formatPlanSize(limits.memoryBytes)} at their peak`;
  const places =
    jobsEnabled >= limits.jobs
      ? `all ${limits.jobs} jobs of plan ${plan} are enabled already`
      : `the ${ordinal(jobsEnabled + 1)} of ${limits.jobs} jobs in plan ${plan}`;
  return `${places} · ${memory}`;
}

const endings: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
const rules = new Intl.PluralRules('en', { type: 'ordinal' });
export const ordinal = (count: number): string => `${count}${endings[rules.select(count)]}`;
