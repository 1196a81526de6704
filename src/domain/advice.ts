/** Whether the plan fits what was measured, and which one would: said with the arithmetic, so that nobody has to believe it. */
import type { Plan } from './plan.ts';
import { formatDuration, formatPlanSize, formatSize } from './units.ts';

/** What was measured of all jobs of an environment together, over some days. */
export interface Measured {
  /** For how long; what was not watched is left out. */
  readonly watchedSeconds: number;
  /** Without page cache that is given back at need. */
  readonly memoryMaxBytes: number;
  readonly swapMaxBytes: number;
  readonly cpuSeconds: number;
  /** The most CPUs used over an hour. */
  readonly cpuHourMax: number;
  /** Seconds for which CPU was wanted beyond the limit. */
  readonly throttledSeconds: number;
  readonly outOfMemoryKills: number;
}

export interface Advice {
  readonly kind: 'larger' | 'smaller';
  /** The plan that would fit; null where none is large enough. */
  readonly plan: string | null;
  /** Why, in one sentence. */
  readonly sentence: string;
}

/** How far back is looked for what does not fit, and for what would fit into less. */
export const tooSmallDays = 7;
export const tooLargeDays = 30;

/** A peak above this part of the plan's memory leaves too little room for the next one. */
const fullShare = 0.9;
/** Waiting this long for each second of CPU that was had is felt. */
const throttledShare = 0.25;
/** Less than this says nothing yet: every start is hungry for a moment. */
const throttledSecondsMin = 60;
/** Some pages are swapped out on every machine that has been up for long. */
const swapBytesMin = 1024 * 1024;
/** A smaller plan is named only after so long, and where it would be filled to this share at most. */
const smallerAfterSeconds = 7 * 86_400;
const smallerShare = 0.75;

/**
 * The advice for a plan that does not fit, or that is larger than it need be; null while it fits.
 * @param recent of the last days ({@link tooSmallDays}), since the plan was booked; undefined where nothing was measured yet
 * @param long of more days ({@link tooLargeDays}), under whatever plan
 * @param enabledPlaces jobs that are enabled: a smaller plan has to have room for them
 */
export function advise(
  plan: Plan,
  plans: readonly Plan[],
  recent: Measured | undefined,
  long: Measured | undefined,
  enabledPlaces: number,
): Advice | null {
  return (
    (recent === undefined ? null : larger(plan, plans, recent)) ??
    (long === undefined ? null : smaller(plan, plans, long, enabledPlaces))
  );
}

function larger(plan: Plan, plans: readonly Plan[], measured: Measured): Advice | null {
  const reasons = reasonsFor(plan, measured);
  if (reasons.length === 0) return null;
  const needed = Math.max(plan.memoryBytes + 1, measured.memoryMaxBytes / fullShare);
  const fitting = bySize(plans).find((each) => each.memoryBytes >= needed && each.jobs >= plan.jobs);
  const remedy =
    fitting === undefined
      ? 'no plan is larger: let the jobs use less'
      : `plan ${fitting.name} has ${formatPlanSize(fitting.memoryBytes)} and ${fitting.cpu} CPU`;
  const sentence = `${begin(`${span(measured, tooSmallDays)} ${reasons.join(', and ')}`)}: ${remedy}.`;
  return { kind: 'larger', plan: fitting?.name ?? null, sentence };
}

function reasonsFor(plan: Plan, measured: Measured): string[] {
  const { memoryMaxBytes, swapMaxBytes, cpuSeconds, throttledSeconds, outOfMemoryKills } = measured;
  const reasons: string[] = [];
  if (outOfMemoryKills > 0)
    reasons.push(`memory ran out ${outOfMemoryKills === 1 ? 'once' : `${outOfMemoryKills} times`}`);
  else if (memoryMaxBytes > plan.memoryBytes * fullShare)
    reasons.push(
      `the jobs held ${formatSize(memoryMaxBytes)} of ${formatPlanSize(plan.memoryBytes)} at their peak`,
    );
  if (swapMaxBytes >= swapBytesMin) reasons.push(`${formatSize(swapMaxBytes)} were in swap`);
  if (throttledSeconds >= throttledSecondsMin && throttledSeconds > cpuSeconds * throttledShare)
    reasons.push(
      `the jobs waited ${formatDuration(Math.round(throttledSeconds))} for CPU while they had ${formatDuration(Math.round(cpuSeconds))} of it`,
    );
  return reasons;
}

function smaller(
  plan: Plan,
  plans: readonly Plan[],
  measured: Measured,
  enabledPlaces: number,
): Advice | null {
  const { memoryMaxBytes, cpuHourMax, throttledSeconds, cpuSeconds } = measured;
  const calm =
    measured.outOfMemoryKills === 0 &&
    measured.swapMaxBytes < swapBytesMin &&
    throttledSeconds <= cpuSeconds * throttledShare;
  if (!calm || measured.watchedSeconds < smallerAfterSeconds) return null;
  const fitting = bySize(plans).find(
    (each) =>
      each.memoryBytes < plan.memoryBytes &&
      each.memoryBytes * smallerShare >= memoryMaxBytes &&
      each.cpu * smallerShare >= cpuHourMax &&
      each.jobs >= enabledPlaces,
  );
  if (fitting === undefined) return null;
  const held = `the jobs held ${formatSize(memoryMaxBytes)} of ${formatPlanSize(plan.memoryBytes)} at their peak`;
  const used = `used ${Number(cpuHourMax.toFixed(3))} of ${plan.cpu} CPU in their busiest hour`;
  const sentence = `${begin(`${span(measured, tooLargeDays)} ${held} and ${used}`)}: plan ${fitting.name} with ${formatPlanSize(fitting.memoryBytes)} and ${fitting.cpu} CPU would hold them.`;
  return { kind: 'smaller', plan: fitting.name, sentence };
}

const bySize = (plans: readonly Plan[]): Plan[] => [...plans].sort((a, b) => a.memoryBytes - b.memoryBytes);

/** Hours at the edges of the days do not count. */
const span = ({ watchedSeconds }: Measured, days: number): string =>
  watchedSeconds > (days - 1) * 86_400
    ? `in the last ${days} days`
    : `in the ${formatDuration(Math.max(1, Math.round(watchedSeconds)))} that were measured`;

const begin = (text: string): string => (text[0] ?? '').toUpperCase() + text.slice(1);
