import { z } from 'zod';
import { count, flag, name, time } from './wire.ts';

export const incidentKinds = [
  'cron-failed',
  'cron-missed',
  'cron-late',
  'cron-longer',
  'cron-shorter',
  'crash-loop',
  'out-of-memory',
  'swap',
  'plan-full',
  'disk-low',
  'scheduler-silent',
] as const;

/** What somebody should know of: told once when it begins, counted while it lasts, and told when it is over. */
export const incident = z.strictObject({
  id: z.string(),
  /** Null: it is about the whole machine. */
  environment: z.string().nullable(),
  job: z.string().nullable(),
  kind: z.enum(incidentKinds),
  beganAt: time,
  /** When it was last seen, and how often it was. */
  seenAt: time,
  count: z.int().positive(),
  /** Null while it lasts. */
  endedAt: time.nullable(),
  reason: z.string(),
  endReason: z.string().nullable(),
  run: z.string().nullable(),
  dueAt: time.nullable(),
});
export type Incident = z.infer<typeof incident>;

export const incidentsQuery = z.strictObject({
  /** All that the caller may see, and the machine, when absent. */
  environment: name.optional(),
  /** Only those that are not over. */
  open: flag.optional(),
  /** Only incidents that began before this one: the `next` of the page before. */
  before: name.optional(),
  limit: count(1_000, 50),
});
