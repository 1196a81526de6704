import { Refusal } from './errors.ts';
import { formatPlanSize } from './units.ts';

/** What an environment's jobs may use, all of them together. */
export interface Plan {
  readonly name: string;
  readonly memoryBytes: number;
  /** The most jobs that may be enabled at once. */
  readonly jobs: number;
  /** CPUs: 0.125 is an eighth of one. Linear with memory unless the operator says otherwise. */
  readonly cpu: number;
  /** A default that the job itself may lift, up to the plan's memory. */
  readonly softLimitPerJobBytes: number | null;
}

export const megabyte = 1024 * 1024;

/** At least this much memory for each enabled job. */
export const memoryPerJobBytes = 128 * megabyte;

/** CPU is linear with memory: 1024 MB is one CPU. */
export const cpuOfMemory = (memoryBytes: number): number => memoryBytes / (1024 * megabyte);

const plan = (name: string, memory: number, jobs: number, soft: number | null): Plan => ({
  name,
  memoryBytes: memory * megabyte,
  jobs,
  cpu: cpuOfMemory(memory * megabyte),
  softLimitPerJobBytes: soft === null ? null : soft * megabyte,
});

/** The default plans; an operator's `plans.yml` replaces them. */
export const defaultPlans: readonly Plan[] = [
  plan('XS', 128, 1, null),
  plan('S', 256, 2, null),
  plan('M', 512, 4, null),
  plan('L', 1024, 8, 1024),
  plan('XL', 2048, 16, 1024),
  plan('2XL', 4096, 32, 1024),
];

export function findPlan(plans: readonly Plan[], name: string): Plan {
  const found = plans.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (found === undefined)
    throw new Refusal('plan.unknown', { plan: name, plans: plans.map((each) => each.name) });
  return found;
}

/**
 * Refuses a plan that can't hold so many enabled jobs, naming the number that is exceeded.
 * An instance counts as a job: it is a process of its own.
 */
export function checkPlanHolds(plan: Plan, enabledJobs: number, environment: string): void {
  if (enabledJobs > plan.jobs) {
    throw new Refusal('plan.jobs-exceeded', {
      plan: plan.name,
      jobs: plan.jobs,
      enabled: enabledJobs,
      environment,
    });
  }
  if (enabledJobs * memoryPerJobBytes > plan.memoryBytes) {
    throw new Refusal('plan.memory-exceeded', {
      plan: plan.name,
      memory: formatPlanSize(plan.memoryBytes),
      needed: formatPlanSize(enabledJobs * memoryPerJobBytes),
      enabled: enabledJobs,
      environment,
    });
  }
}

/** The smallest plan that holds so many enabled jobs and so much memory; undefined where none does. */
export function smallestPlan(
  plans: readonly Plan[],
  enabledJobs: number,
  memoryBytes: number,
): Plan | undefined {
  const needed = Math.max(enabledJobs * memoryPerJobBytes, memoryBytes);
  return plans
    .filter((each) => each.jobs >= enabledJobs && each.memoryBytes >= needed)
    .sort((a, b) => a.memoryBytes - b.memoryBytes || a.jobs - b.jobs)[0];
}
