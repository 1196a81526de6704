/** What charts show, made from buckets: one value a step, null where nothing was measured. */
import type { Measure } from './measures.ts';
import type { Points } from './points.ts';

type Series = (number | null)[];

export interface MetricsSeries {
  /** Average and peak; without page cache that is given back at need, and with it. */
  readonly memoryBytes: Series;
  readonly memoryMaxBytes: Series;
  readonly memoryWithCacheBytes: Series;
  readonly swapBytes: Series;
  readonly swapMaxBytes: Series;
  /** CPUs in use: 0.5 is half of one. Null also where nobody watched for long enough. */
  readonly cpu: Series;
  readonly cpuMax: Series;
  /** Seconds of waiting for CPU beyond the limit, for each second; over several threads it may be more than one. */
  readonly throttled: Series;
  readonly cronRuns: Series;
  readonly cronFails: Series;
  readonly workerStarts: Series;
  readonly outOfMemoryKills: Series;
  /** What the plan allowed then; null without one. */
  readonly memoryLimitBytes: Series;
  readonly cpuLimit: Series;
  /** Of crons' runs that ended in the step; null where none did. */
  readonly durationAvgSeconds: Series;
  readonly durationMaxSeconds: Series;
}

type Value = (of: (measure: Measure) => number) => number | null;

const average =
  (measure: Measure, scale: number): Value =>
  (of) =>
    Math.round((of(measure) * scale) / of('samples'));
const most =
  (measure: Measure, scale: number): Value =>
  (of) =>
    of(measure) * scale;
const perElapsed =
  (measure: Measure): Value =>
  (of) =>
    of('elapsedMs') === 0 ? null : Math.round((of(measure) / of('elapsedMs')) * 10_000) / 10_000;
const counted =
  (measure: Measure): Value =>
  (of) =>
    of(measure);

const values: Readonly<Record<keyof MetricsSeries, Value>> = {
  memoryBytes: average('memoryKb', 1_024),
  memoryMaxBytes: most('memoryKbMax', 1_024),
  memoryWithCacheBytes: (of) => Math.round(((of('memoryKb') + of('cacheKb')) * 1_024) / of('samples')),
  swapBytes: average('swapKb', 1_024),
  swapMaxBytes: most('swapKbMax', 1_024),
  cpu: perElapsed('cpuMs'),
  cpuMax: (of) => (of('elapsedMs') === 0 ? null : of('cpuMilliMax') / 1_000),
  throttled: perElapsed('throttledMs'),
  cronRuns: counted('cronRuns'),
  cronFails: counted('cronFails'),
  workerStarts: counted('workerStarts'),
  outOfMemoryKills: counted('outOfMemoryKills'),
  memoryLimitBytes: (of) => (of('memoryLimitKb') === 0 ? null : of('memoryLimitKb') * 1_024),
  cpuLimit: (of) => (of('cpuLimitMilli') === 0 ? null : of('cpuLimitMilli') / 1_000),
  durationAvgSeconds: (of) => (of('ends') === 0 ? null : of('durationMs') / of('ends') / 1_000),
  durationMaxSeconds: (of) => (of('ends') === 0 ? null : of('durationMsMax') / 1_000),
};

/** @param points in the step of the series; `from` and `until` are numbers of its buckets */
export function seriesOf(points: Points, from: number, until: number): MetricsSeries {
  const length = until - from;
  const all = Object.fromEntries(
    Object.keys(values).map((name) => [name, new Array<number | null>(length).fill(null)]),
  ) as Record<keyof MetricsSeries, Series>;
  points.at.forEach((at, index) => {
    if (at < from || at >= until) return;
    const of = (measure: Measure): number => points.columns[measure]?.[index] ?? 0;
    if (of('samples') === 0) return;
    for (const [name, value] of Object.entries(values)) {
      all[name as keyof MetricsSeries][at - from] = value(of);
    }
  });
  return all;
}
