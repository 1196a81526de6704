/** The charts of the page, as data: what each draws, up to where, and how its values are told. */
import { formatSize } from '../../../../src/contract/format.ts';
import type { Metrics } from '../../../../src/contract/metrics.ts';

export type Values = readonly (number | null)[];

export interface ChartLine {
  readonly label: string;
  readonly values: Values;
  readonly look: 'line' | 'peak' | 'bars' | 'bad-bars';
}

export interface ChartPlan {
  readonly key: string;
  readonly title: string;
  readonly lines: readonly ChartLine[];
  /** A line across: what the plan allows. */
  readonly limit: number | null;
  /** The same over time, where it was kept. */
  readonly limitThen?: Values | null;
  readonly format: (value: number) => string;
  /** The least top of the scale, so that noise does not look like much. */
  readonly topMin: number;
  readonly height: number;
  /** `bytes` are divided by powers of two. */
  readonly unit: 'bytes' | 'cpu' | 'count';
  /** A click lands in the runs of that step. */
  readonly opensRuns?: 'bad' | 'any';
}

export const ranges = {
  hour: { seconds: 3_600, readEveryMs: 15_000 },
  day: { seconds: 86_400, readEveryMs: 60_000 },
  week: { seconds: 7 * 86_400, readEveryMs: 5 * 60_000 },
  month: { seconds: 30 * 86_400, readEveryMs: 5 * 60_000 },
} as const;
export type Range = keyof typeof ranges;

const megabyte = 1024 * 1024;
const times = (value: number): string => String(Math.round(value * 100) / 100);
const cpus = (value: number): string => `${value.toFixed(2)} CPU`;

export function chartsOf({ series, limits }: Metrics): readonly ChartPlan[] {
  const plans: ChartPlan[] = [
    {
      key: 'memory',
      title: 'Memory',
      lines: [
        { label: 'average', values: series.memoryBytes, look: 'line' },
        { label: 'peak', values: series.memoryMaxBytes, look: 'peak' },
      ],
      limit: limits?.memoryBytes ?? null,
      limitThen: series.memoryLimitBytes,
      format: formatSize,
      topMin: 8 * megabyte,
      height: 170,
      unit: 'bytes',
    },
    {
      key: 'cpu',
      title: 'CPU',
      lines: [
        { label: 'average', values: series.cpu, look: 'line' },
        { label: 'peak', values: series.cpuMax, look: 'peak' },
      ],
      limit: limits?.cpu ?? null,
      limitThen: series.cpuLimit,
      format: cpus,
      topMin: 0.05,
      height: 110,
      unit: 'cpu',
    },
  ];
  if (series.swapBytes !== null)
    plans.push({
      key: 'swap',
      title: 'Swap',
      lines: [{ label: 'average', values: series.swapBytes, look: 'line' }],
      limit: null,
      format: formatSize,
      topMin: megabyte,
      height: 80,
      unit: 'bytes',
    });
  plans.push(
    counted('runs', 'Cron runs', series.cronRuns, 'bars', 'any'),
    counted('fails', 'Cron fails', series.cronFails, 'bad-bars', 'bad'),
    { ...counted('starts', 'Worker starts', series.workerStarts, 'bars'), height: 120 },
  );
  return plans;
}

function counted(
  key: string,
  title: string,
  values: Values,
  look: ChartLine['look'],
  opensRuns?: ChartPlan['opensRuns'],
): ChartPlan {
  const base = {
    key,
    title,
    lines: [{ label: '', values, look }],
    limit: null,
    format: times,
    topMin: 1,
    height: 80,
    unit: 'count' as const,
  };
  return opensRuns === undefined ? base : { ...base, opensRuns };
}

/** Of the memory, the CPU and all counters, nothing but gaps and zeroes. */
export const isEmpty = ({ series }: Metrics): boolean =>
  [series.memoryBytes, series.cpu, series.cronRuns, series.cronFails, series.workerStarts].every((values) =>
    values.every((value) => value === null || value === 0),
  );

/** `612.0 MB of 1.0 GB`: the newest value that is known. */
export const newestOf = (values: Values): number | null => values.findLast((value) => value !== null) ?? null;

export const mostOf = (values: Values): number | null =>
  values.reduce((most, value) => (value === null ? most : Math.max(most ?? value, value)), null);

/** Of what was measured; null where nothing was. */
export function meanOf(values: Values): number | null {
  const measured = values.filter((value) => value !== null);
  return measured.length === 0 ? null : sumOf(measured) / measured.length;
}

/** Where a scale ends. */
export function topOf(plan: Pick<ChartPlan, 'lines' | 'limit' | 'limitThen' | 'topMin'>): number {
  const { lines, limit, limitThen, topMin } = plan;
  const most = Math.max(...lines.map(({ values }) => mostOf(values) ?? 0), mostOf(limitThen ?? []) ?? 0);
  return Math.max(most, limit ?? 0, topMin) * 1.06;
}

export const sumOf = (values: Values): number => values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

/** Steps of a scale of bytes: 1, 2, 4 … KB, MB, GB. */
export const byteSteps: readonly number[] = Array.from({ length: 42 }, (_, power) => 2 ** power);
