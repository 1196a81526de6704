import { z } from 'zod';
import { run, runOutcomes } from './run.ts';
import { bytes, count, name, seconds, time } from './wire.ts';

/** The states that people see, the same words everywhere; each comes with a reason in a sentence. */
export const jobStates = [
  'running',
  'starting',
  'backing-off',
  'crash-loop',
  'stopping',
  'stopped',
  'disabled',
  'scheduled',
  'waiting',
] as const;

/** How the last run of a job ended that is over. */
export const lastEnd = z.strictObject({
  run: z.string(),
  endedAt: time,
  outcome: z.enum(runOutcomes),
  reason: z.string().nullable(),
});
export type LastEnd = z.infer<typeof lastEnd>;

/** A job as lists have it. The fields up to `memoryMaxBytes` are stable; the figures are since the last reset. */
export const jobSummary = z.strictObject({
  name: z.string(),
  type: z.enum(['worker', 'cron']),
  status: z.enum(['enabled', 'disabled']),
  state: z.enum(jobStates),
  running: z.boolean(),
  fails: z.int().nonnegative(),
  exitsOk: z.int().nonnegative(),
  restarts: z.int().nonnegative(),
  /** Null for workers, and before the first end. */
  durationAvgSeconds: seconds.nullable(),
  durationMaxSeconds: seconds.nullable(),
  memoryAvgBytes: bytes.nullable(),
  memoryMaxBytes: bytes.nullable(),
  environment: z.string(),
  /** Why it is in its state. */
  reason: z.string(),
  /** Since when it runs or starts, where the state has such a moment. */
  stateSince: time.nullable(),
  /** The end of a wait: of backing off, or when KILL follows. */
  stateUntil: time.nullable(),
  /** Quick failures in a row, while backing off. */
  attempt: z.int().nonnegative().nullable(),
  /** Instances wished for; 1 for a cron. */
  instances: z.int().positive(),
  instancesRunning: z.int().nonnegative(),
  /** What its open runs hold now. */
  memoryBytes: bytes.nullable(),
  statisticsSince: time,
  nextDueAt: time.nullable(),
  /** Null before the first end. */
  lastEnd: lastEnd.nullable(),
});
export type JobSummary = z.infer<typeof jobSummary>;

/** A job with its settings. The fields that do not belong to its type are null. */
export const job = jobSummary.extend({
  command: z.string(),
  exitSignal: z.string(),
  exitTimeoutSeconds: seconds,
  interval: z.string().nullable(),
  crontab: z.string().nullable(),
  timezone: z.string().nullable(),
  maxRuntimeSeconds: seconds.nullable(),
  maxInstances: z.int().positive().nullable(),
  handover: z.enum(['stop-first', 'start-first']).nullable(),
  catchUp: z.enum(['none', 'latest', 'all']).nullable(),
  catchUpMaxAgeSeconds: seconds.nullable(),
  onDeploy: z.enum(['finish', 'restart', 'wait']).nullable(),
  /** Held back by a person; null for a worker. */
  paused: z.boolean().nullable(),
  retries: z.int().nonnegative().nullable(),
  retryDelaySeconds: seconds.nullable(),
  /** Only after these exit codes; null: after every failure. */
  retryOn: z.array(z.int()).nullable(),
  warnLateSeconds: seconds.nullable(),
  warnLongerSeconds: seconds.nullable(),
  warnShorterSeconds: seconds.nullable(),
  openRuns: z.array(z.string()),
  lastRun: run.nullable(),
  createdAt: time,
  version: z.int().nonnegative(),
  /** Of these settings: send it as `If-Match` to change only what you have seen. */
  etag: z.string(),
  /** The file that states it, `nightshift.yml`; null when people do. */
  managedBy: z.string().nullable(),
});
export type Job = z.infer<typeof job>;

/** What is left out has its default (on adding) or stays (on editing). The domain refuses what does not fit together. */
export const jobSettings = z.strictObject({
  command: z.string().optional(),
  status: z.enum(['enabled', 'disabled']).optional(),
  exitSignal: z.string().max(100).optional(),
  exitTimeoutSeconds: z.number().optional(),
  instances: z.number().optional(),
  handover: z.enum(['stop-first', 'start-first']).optional(),
  interval: z.string().max(100).optional(),
  crontab: z.string().max(1_000).optional(),
  timezone: z.string().max(100).optional(),
  maxRuntimeSeconds: z.number().optional(),
  maxInstances: z.number().optional(),
  catchUp: z.enum(['none', 'latest', 'all']).optional(),
  catchUpMaxAgeSeconds: z.number().optional(),
  onDeploy: z.enum(['finish', 'restart', 'wait']).optional(),
  retries: z.number().optional(),
  retryDelaySeconds: z.number().optional(),
  /** Null, or an empty list: after every failure. */
  retryOn: z.array(z.number()).max(255).nullable().optional(),
  /** Null: not watched. */
  warnLateSeconds: z.number().nullable().optional(),
  warnLongerSeconds: z.number().nullable().optional(),
  warnShorterSeconds: z.number().nullable().optional(),
});
export type JobSettings = z.infer<typeof jobSettings>;

export const newJob = jobSettings.extend({ name, type: z.enum(['worker', 'cron']) });
export type NewJob = z.infer<typeof newJob>;

export const jobsQuery = z.strictObject({
  /** Only jobs whose name comes after this one: the `next` of the page before. */
  after: name.optional(),
  /** All of them when absent. */
  limit: count(20_000, 20_000),
});
