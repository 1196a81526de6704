/** What a change of plan means, before it happens. */
import type { Environment, Plan } from '../../../../src/contract/environment.ts';
import { formatPlanSize, formatSize } from '../../../../src/contract/format.ts';

export function whatChanges(environment: Environment, from: Plan | undefined, to: Plan): string[] {
  const { jobsEnabled, usage, jobs } = environment;
  const peak = usage?.memoryMaxBytes ?? null;
  const sentences = [
    from === undefined
      ? `All jobs together get ${formatPlanSize(to.memoryBytes)} of memory and ${to.cpu} CPU; up to ${counted(to.jobs, 'job')} can be enabled.`
      : `All jobs together get ${formatPlanSize(to.memoryBytes)} instead of ${formatPlanSize(from.memoryBytes)}, ${to.cpu} instead of ${from.cpu} CPU, and up to ${counted(to.jobs, 'enabled job')} instead of ${from.jobs}.`,
  ];
  if (from !== undefined) sentences.push('It takes effect at once, on what runs: nothing is restarted.');
  else if (jobs > 0) {
    sentences.push(
      `${jobsEnabled === jobs ? '' : `Of ${counted(jobs, 'job')} defined, `}${counted(jobsEnabled, 'enabled job')} begin${jobsEnabled === 1 ? 's' : ''} to work.`,
    );
  }
  if (jobsEnabled > to.jobs) {
    sentences.push(
      `${counted(jobsEnabled, 'job')} are enabled, ${jobsEnabled - to.jobs} more than it holds: it will be refused until some are stopped.`,
    );
  }
  if (peak !== null && peak > to.memoryBytes) {
    sentences.push(
      `The jobs held ${formatSize(peak)} at their peak, more than it has: expect out-of-memory kills.`,
    );
  }
  return sentences;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
