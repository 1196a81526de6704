import { z } from 'zod';
import { bytes, name, time, timeInput } from './wire.ts';

/** One value a step; null where nothing was measured: a gap is drawn as a gap. */
const series = z.array(z.number().nullable());

/** All of the same length. What is not counted for a job alone is null there, and the other way round. */
export const metricsSeries = z.strictObject({
  /** Average and peak, without page cache that is given back at need. */
  memoryBytes: series,
  memoryMaxBytes: series,
  /** Null for a job. */
  memoryWithCacheBytes: series.nullable(),
  swapBytes: series.nullable(),
  swapMaxBytes: series.nullable(),
  /** CPUs in use, average and peak: 0.5 is half of one. */
  cpu: series,
  cpuMax: series,
  /** Seconds of waiting for CPU beyond the plan's limit, for each second. Null for a job. */
  throttled: series.nullable(),
  /** How many in the step. */
  cronRuns: series,
  cronFails: series,
  workerStarts: series,
  outOfMemoryKills: series,
  /** What the plan allowed all jobs together then; null for a job, and without a plan. */
  memoryLimitBytes: series.nullable(),
  cpuLimit: series.nullable(),
  /** Of a cron's runs that ended in the step, and null where none did; null for an environment. */
  durationAvgSeconds: series.nullable(),
  durationMaxSeconds: series.nullable(),
});
export type MetricsSeries = z.infer<typeof metricsSeries>;

/** A moment worth a line across the charts. */
export const metricsMark = z.strictObject({
  at: time,
  kind: z.enum(['deployment', 'restart', 'out-of-memory']),
  /** Null for a deployment, and for a remote command that ran out of memory. */
  job: z.string().nullable(),
  /** Of the deployment, or of the run: its begin for a restart, its end for a kill. */
  id: z.string(),
  /** Why, in a few words: the trigger of a restart, the reason of a kill, the outcome and commit of a deployment. */
  text: z.string(),
});
export type MetricsMark = z.infer<typeof metricsMark>;

/** What an environment or one of its jobs used over time: value `i` of each series is about the step that begins at `from` + `i` steps. */
export const metrics = z.strictObject({
  environment: z.string(),
  /** Null: all jobs together. */
  job: z.string().nullable(),
  from: time,
  until: time,
  stepSeconds: z.int().positive(),
  series: metricsSeries,
  /** Oldest first; the newest 500 where there are more. */
  marks: z.array(metricsMark),
  /** What the plan that is booked now allows all jobs together. */
  limits: z.strictObject({ memoryBytes: bytes, cpu: z.number().positive() }).nullable(),
});
export type Metrics = z.infer<typeof metrics>;

export const metricsQuery = z.strictObject({
  /** An hour before `until` when absent. */
  from: timeInput.optional(),
  /** Now when absent. */
  until: timeInput.optional(),
  /** Seconds; as fine as the range and its age allow when absent, and never finer than that. */
  step: z.coerce.number().int().min(1).max(31_622_400).optional(),
  /** Only this job. */
  job: name.optional(),
});

/** The last hour of an environment, for lists: 60 steps of a minute, the last of them being the one that passes now. */
export const metricsNow = z.strictObject({
  environment: z.string(),
  /** Peaks of each minute; null where nothing was measured. */
  memoryBytes: z.array(bytes.nullable()),
  /** CPUs in use at the last look. */
  cpu: z.number().nonnegative().nullable(),
  /** Of all jobs together, as the plan has it; null without a plan. */
  limits: z.strictObject({ memoryBytes: bytes, cpu: z.number().positive() }).nullable(),
  /** Those of which something ran in that hour, in order of their names. */
  jobs: z.array(z.strictObject({ name: z.string(), memoryBytes: z.array(bytes.nullable()) })),
});
export type MetricsNow = z.infer<typeof metricsNow>;

export const metricsNowQuery = z.strictObject({
  /** All that the caller may see when absent. */
  environment: name.optional(),
});
