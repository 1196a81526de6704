import type { Plan } from './plan.ts';
import { formatDuration, formatPlanSize, formatSize } from './units.ts';

/** What was measured of all jobs of an environment together, since its group was made. */
export interface Measured {
  readonly memoryMaxBytes: number | null;
  readonly swapBytes: number;
  readonly cpuSeconds: number;
  /** Seconds for which CPU was wanted beyond the limit. */
  readonly throttledSeconds: number | null;
  readonly outOfMemoryKills: number | null;
}

/** A peak above this part of the plan's memory leaves too little room for the next one. */
const fullShare = 0.9;
/** Waiting this long for each second of CPU that was had is felt. */
const throttledShare = 0.25;
/** Less than this says nothing yet: every start is hungry for a moment. */
const throttledSecondsMin = 60;

/**
 * Which plan would fit, and why, in sentences; none while the plan booked does. Only ever a larger one: that less would do can't
 * be told from what one stretch of time has shown.
 */
export function advise(plan: Plan, plans: readonly Plan[], measured: Measured): string[] {
  const reasons = reasonsFor(plan, measured);
  if (reasons.length === 0) return [];
  const needed = Math.max(plan.memoryBytes + 1, (measured.memoryMaxBytes ?? 0) / fullShare);
  const larger = [...plans]
    .sort((a, b) => a.memoryBytes - b.memoryBytes)
    .find((each) => each.memoryBytes >= needed && each.jobs >= plan.jobs);
  const remedy =
    larger === undefined
      ? 'no plan is larger: let the jobs use less'
      : `plan ${larger.name} has ${formatPlanSize(larger.memoryBytes)} and ${larger.cpu} CPU`;
  return [`${reasons.join(', and ')}: ${remedy}.`];
}

function reasonsFor(plan: Plan, measured: Measured): string[] {
  const { memoryMaxBytes, swapBytes, cpuSeconds, throttledSeconds, outOfMemoryKills } = measured;
  const reasons: string[] = [];
  if (outOfMemoryKills !== null && outOfMemoryKills > 0)
    reasons.push(`memory ran out ${outOfMemoryKills === 1 ? 'once' : `${outOfMemoryKills} times`}`);
  else if (memoryMaxBytes !== null && memoryMaxBytes > plan.memoryBytes * fullShare)
    reasons.push(
      `the jobs held ${formatSize(memoryMaxBytes)} of ${formatPlanSize(plan.memoryBytes)} at their peak`,
    );
  if (swapBytes > 0) reasons.push(`${formatSize(swapBytes)} are in swap`);
  if (
    throttledSeconds !== null &&
    throttledSeconds >= throttledSecondsMin &&
    throttledSeconds > cpuSeconds * throttledShare
  )
    reasons.push(`the jobs waited ${formatDuration(throttledSeconds)} for CPU`);
  return reasons.map((reason, index) => (index === 0 ? reason[0]?.toUpperCase() + reason.slice(1) : reason));
}
