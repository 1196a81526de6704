/** How long a cron's runs took on each day, from its metrics. Pure. */
import type { Metrics } from '../../../../src/contract/metrics.ts';

/** Seconds on average, by the midnight at which each day begins; days without an end are missing. */
export function dayLengths(
  { from, stepSeconds, series }: Pick<Metrics, 'from' | 'stepSeconds' | 'series'>,
  days: readonly number[],
): ReadonlyMap<number, number> {
  const sums = new Map<number, { runs: number; seconds: number }>();
  let day = 0;
  for (const [index, length] of (series.durationAvgSeconds ?? []).entries()) {
    const at = Date.parse(from) + index * stepSeconds * 1_000;
    while (day + 1 < days.length && at >= (days[day + 1] ?? 0)) day += 1;
    const begin = days[day];
    if (length === null || begin === undefined || at < begin) continue;
    // A run that ends in one step may have begun in the one before: then it counts once.
    const runs = series.cronRuns[index] || 1;
    const sum = sums.get(begin) ?? { runs: 0, seconds: 0 };
    sums.set(begin, { runs: sum.runs + runs, seconds: sum.seconds + runs * length });
  }
  return new Map([...sums].map(([at, { runs, seconds }]) => [at, seconds / runs]));
}

/** From 0, the shortest day, to 1, the longest; by the logarithm, and the same for all where they hardly differ. */
export function shadeOf(length: number, lengths: ReadonlyMap<number, number>): number {
  const all = [...lengths.values()].map((seconds) => Math.log(Math.max(seconds, 0.001)));
  const [least, most] = [Math.min(...all), Math.max(...all)];
  if (most - least < hardly) return 0;
  return (Math.log(Math.max(length, 0.001)) - least) / (most - least);
}

/** A tenth more or less is nothing that should be seen. */
const hardly = Math.log(1.1);
