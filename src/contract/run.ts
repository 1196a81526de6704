import { z } from 'zod';
import { bytes, count, name, time } from './wire.ts';

export const runTriggers = [
  'schedule',
  'catch-up',
  'manual',
  'start',
  'failure',
  'exit',
  'deploy',
  'settings',
  'remote',
] as const;

export const runOutcomes = [
  'ok',
  'failed',
  'signalled',
  'stopped',
  'timed-out',
  'out-of-memory',
  'lost',
] as const;

/** One execution of a command. The fields up to `commit` are stable. */
export const run = z.strictObject({
  id: z.string(),
  /** Null for a remote command. */
  job: z.string().nullable(),
  trigger: z.enum(runTriggers),
  dueAt: time.nullable(),
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  exitCode: z.int().nullable(),
  /** Without `SIG`: `TERM`. */
  exitSignal: z.string().nullable(),
  /** Null while it runs. */
  outcome: z.enum(runOutcomes).nullable(),
  reason: z.string().nullable(),
  memoryMaxBytes: bytes.nullable(),
  commit: z.string().nullable(),
  environment: z.string(),
  kind: z.enum(['worker', 'cron', 'remote']),
  /** Which of a worker's instances, from 0. */
  instance: z.int().nonnegative(),
  command: z.string(),
  /** The run before it whose end or replacement began this one. */
  predecessor: z.string().nullable(),
  /** 1, and one more each time that a failed run is begun again. */
  attempt: z.int().positive(),
  /** Who asked for it; null when nobody did. */
  askedBy: z.string().nullable(),
  createdAt: time,
  memoryAvgBytes: bytes.nullable(),
  /** When Nightshift sent the exit signal; null where it ended by itself. */
  endRequestedAt: time.nullable(),
  /** What was left behind and killed when it ended. */
  leftovers: z.array(z.strictObject({ pid: z.int(), command: z.string() })),
});
export type Run = z.infer<typeof run>;

export const runsQuery = z.strictObject({
  job: name.optional(),
  /** Only runs older than this run: the `next` of the page before. */
  before: name.optional(),
  limit: count(1_000, 50),
});
