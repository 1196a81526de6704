/**
 * What is counted of an environment, or of one job, in a stretch of time. All figures are whole numbers and grow by two rules
 * only, `sum` and `max`, so that a coarser bucket is exactly what its finer ones are together, in whatever order they come.
 * New ones go to the end: what is kept names them by their place.
 */
export const measures = {
  /** How many looks at memory there were: averages divide by it. Zero only where nothing is known: that is a gap. */
  samples: 'sum',
  /** For how long CPU was watched, ms. Less than the bucket's length where the daemon was away. */
  elapsedMs: 'sum',
  /** Without page cache that is given back at need. */
  memoryKb: 'sum',
  memoryKbMax: 'max',
  /** The page cache that was left out. */
  cacheKb: 'sum',
  swapKb: 'sum',
  swapKbMax: 'max',
  cpuMs: 'sum',
  /** The most of a CPU that one look found, in thousandths. */
  cpuMilliMax: 'max',
  throttledMs: 'sum',
  cronRuns: 'sum',
  cronFails: 'sum',
  workerStarts: 'sum',
  outOfMemoryKills: 'sum',
  /** Ends of a cron's runs, and how long those took. */
  ends: 'sum',
  durationMs: 'sum',
  durationMsMax: 'max',
  /** What the plan allowed; zero without one. */
  memoryLimitKb: 'max',
  cpuLimitMilli: 'max',
} as const satisfies Record<string, 'sum' | 'max'>;

export type Measure = keyof typeof measures;
export const measureNames = Object.keys(measures) as readonly Measure[];

/** What is left out is zero. */
export type Bucket = Readonly<Partial<Record<Measure, number>>>;

export const grown = (measure: Measure, before: number, more: number): number =>
  measures[measure] === 'sum' ? before + more : Math.max(before, more);

/** Two buckets as one. */
export function together(a: Bucket, b: Bucket): Bucket {
  const both: Partial<Record<Measure, number>> = {};
  for (const name of measureNames) {
    const value = grown(name, a[name] ?? 0, b[name] ?? 0);
    if (value !== 0) both[name] = value;
  }
  return both;
}
