/** What ran out of memory, told so that somebody can act on it: who held what, and which plan would have kept it. */
import type { Plan } from './plan.ts';
import type { OutOfMemory } from './run.ts';
import { formatPlanSize, formatSize } from './units.ts';

/** Whose memory it was and what could be booked: known to the platform, not to the kernel. */
export interface MemorySurroundings {
  /** The job's name; null for a remote command. */
  readonly job: string | null;
  /** All plans that can be booked. */
  readonly plans: readonly Plan[];
}

/**
 * The smallest plan that holds what the run and the others held, and more than the limit that was hit: at that limit
 * the kernel cut what was wanted short, so the same amount again would not do. Undefined when no plan is large enough.
 */
export function planThatHolds(
  plans: readonly Plan[],
  { limitBytes, heldBytes, othersBytes }: OutOfMemory,
): Plan | undefined {
  const wanted = (heldBytes ?? 0) + (othersBytes ?? 0);
  return plans
    .filter((plan) => plan.memoryBytes >= wanted && plan.memoryBytes > (limitBytes ?? 0))
    .reduce<Plan | undefined>(
      (best, plan) => (best === undefined || plan.memoryBytes < best.memoryBytes ? plan : best),
      undefined,
    );
}

/** `"mailer" held 190.1 MB, the others 60.2 MB, and the plan has 256 MB for all: plan M (512 MB) would have kept it`. */
export function memoryInWords(memory: OutOfMemory, { job, plans }: MemorySurroundings): string {
  const { heldBytes, othersBytes, limitBytes } = memory;
  const who = job === null ? 'the remote command' : `"${job}"`;
  const held =
    heldBytes === null ? `${who} held what nobody measured` : `${who} held ${formatSize(heldBytes)}`;
  const others = othersBytes === null ? '' : `, the others ${formatSize(othersBytes)}`;
  if (limitBytes === null) return held + others;
  const booked = plans.find((plan) => plan.memoryBytes === limitBytes);
  const limit = `, and ${booked === undefined ? 'the plan' : `plan ${booked.name}`} has ${formatPlanSize(limitBytes)} for all`;
  const larger = planThatHolds(plans, memory);
  const remedy =
    larger === undefined
      ? 'no plan is large enough, let the jobs use less'
      : `plan ${larger.name} (${formatPlanSize(larger.memoryBytes)}) would have kept it`;
  return `${held}${others}${limit}: ${remedy}`;
}

/** The line that stands in a job's log where memory ran out. */
export const memoryLine = (memory: OutOfMemory, surroundings: MemorySurroundings): string =>
  `nightshift: out of memory: ${memoryInWords(memory, surroundings)}`;
