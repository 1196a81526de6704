/** What advice is made of: the peaks and sums of some hours. */
import type { Measure } from './measures.ts';
import { between, type Points, sumOf } from './points.ts';

export interface Peaks {
  /** For how long something was measured. */
  readonly watchedSeconds: number;
  readonly memoryMaxBytes: number;
  readonly swapMaxBytes: number;
  readonly cpuSeconds: number;
  /** The most of CPUs used over an hour. */
  readonly cpuHourMax: number;
  readonly throttledSeconds: number;
  readonly outOfMemoryKills: number;
  readonly cronFails: number;
}

/** Of an hour of which less was watched, its average says little. */
const hourMsMin = 1_800_000;

/** @param hours buckets of an hour */
export function peaksOf(hours: Points): Peaks | undefined {
  if (hours.at.length === 0) return undefined;
  const sum = sumOf(hours);
  const cpus = hours.at.flatMap((_, index) => {
    const of = (measure: Measure): number => hours.columns[measure]?.[index] ?? 0;
    return of('elapsedMs') < hourMsMin ? [] : [of('cpuMs') / of('elapsedMs')];
  });
  return {
    watchedSeconds: (sum.elapsedMs ?? 0) / 1_000,
    memoryMaxBytes: (sum.memoryKbMax ?? 0) * 1_024,
    swapMaxBytes: (sum.swapKbMax ?? 0) * 1_024,
    cpuSeconds: (sum.cpuMs ?? 0) / 1_000,
    cpuHourMax: Math.max(0, ...cpus),
    throttledSeconds: (sum.throttledMs ?? 0) / 1_000,
    outOfMemoryKills: sum.outOfMemoryKills ?? 0,
    cronFails: sum.cronFails ?? 0,
  };
}

/**
 * The hours since this limit holds. The hour in which it came is left out: what happened in it may have happened before.
 * Where it has held from the first hour on, that one counts.
 */
export function sinceLimit(hours: Points, memoryLimitBytes: number): Points {
  const limits = hours.at.map((_, index) => hours.columns.memoryLimitKb?.[index] ?? 0);
  const other = limits.findLastIndex((limit) => limit !== Math.round(memoryLimitBytes / 1_024));
  if (other === -1) return hours;
  return between(hours, (hours.at[other + 1] ?? Number.POSITIVE_INFINITY) + 1, Number.POSITIVE_INFINITY);
}
