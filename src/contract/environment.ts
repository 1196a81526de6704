import { z } from 'zod';
import { bytes, name, seconds, time } from './wire.ts';

export const plan = z.strictObject({
  name: z.string(),
  memoryBytes: bytes,
  /** The most jobs that may be enabled at once. */
  jobs: z.int().positive(),
  cpu: z.number().positive(),
  softLimitPerJobBytes: bytes.nullable(),
});
export type Plan = z.infer<typeof plan>;

/** What all jobs of an environment use together, now. */
export const usage = z.strictObject({
  /** Without page cache that is given back at need. */
  memoryBytes: bytes,
  /** That page cache. */
  cacheBytes: bytes,
  memoryMaxBytes: bytes.nullable(),
  swapBytes: bytes,
  cpuSeconds: seconds,
  throttledSeconds: seconds.nullable(),
  outOfMemoryKills: z.int().nonnegative().nullable(),
  processes: z.int().nonnegative(),
});
export type Usage = z.infer<typeof usage>;

/** An online version of an app, with its jobs component. */
export const environment = z.strictObject({
  name: z.string(),
  root: z.string(),
  user: z.string(),
  trial: z.boolean(),
  /** All crons held back by a person. */
  paused: z.boolean(),
  /** What its jobs print is shown with the names of secret variables in place of their values. */
  maskSecrets: z.boolean(),
  /** The name of the plan; null when no component is booked. */
  plan: z.string().nullable(),
  /** What that plan holds. */
  limits: plan.omit({ name: true }).nullable(),
  jobs: z.int().nonnegative(),
  jobsEnabled: z.int().nonnegative(),
  workersRunning: z.int().nonnegative(),
  workersExpected: z.int().nonnegative(),
  variableNames: z.array(z.string()),
  usage: usage.nullable(),
  /** Runs of crons that failed in the last 24 hours. */
  cronFailsOfDay: z.int().nonnegative(),
  /** The next due time over all its crons. */
  nextDue: z.strictObject({ job: z.string(), dueAt: time }).nullable(),
  /** Whether the plan fits what was measured; null while it does, and without one. */
  advice: z
    .strictObject({
      kind: z.enum(['larger', 'smaller']),
      /** The plan that would fit; null where none is large enough. */
      plan: z.string().nullable(),
      /** Why, with the arithmetic. */
      sentence: z.string(),
    })
    .nullable(),
  /** Sentences that somebody should read. */
  notices: z.array(z.string()),
  createdAt: time,
  /** Of what people set here: send it as `If-Match` to change only what you have seen. */
  etag: z.string(),
});
export type Environment = z.infer<typeof environment>;

export const newEnvironment = z.strictObject({
  name,
  root: z.string().max(4_096),
  user: z.string().max(256).optional(),
  trial: z.boolean().optional(),
});
export type NewEnvironment = z.infer<typeof newEnvironment>;

/** What is left out stays. */
export const environmentChange = z.strictObject({
  trial: z.boolean().optional(),
  /** Holds all crons back; due times are skipped, what runs goes on. */
  paused: z.boolean().optional(),
  /** Wherever output of its jobs is shown or sent, the names of secret variables stand in place of their values. */
  maskSecrets: z.boolean().optional(),
});

export const variables = z.strictObject({ variables: z.record(z.string(), z.string()) });
export type Variables = z.infer<typeof variables>;
/** Null removes a variable. */
export const variablesChange = z.strictObject({ variables: z.record(z.string(), z.string().nullable()) });

/** The workers that were restarted. */
export const restartedWorkers = z.strictObject({ workers: z.array(z.string()) });
export type RestartedWorkers = z.infer<typeof restartedWorkers>;

/** Books the component, or moves it to another plan. */
export const booking = z.strictObject({
  plan: name,
  /** Also when the jobs hold more memory now than the plan has. */
  force: z.boolean().default(false),
});
