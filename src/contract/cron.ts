import { z } from 'zod';
import { runOutcomes } from './run.ts';
import { count, name, time, timeInput } from './wire.ts';

/** When a cron is due next. */
export const upcoming = z.strictObject({ job: z.string(), dueAt: time });
export type Upcoming = z.infer<typeof upcoming>;

export const upcomingQuery = z.strictObject({ job: name.optional(), next: count(1_000, 20) });

/** A line of the ledger: a moment at which a cron was due, and what became of it. */
export const dueTime = z.strictObject({
  job: z.string(),
  dueAt: time,
  fate: z.enum(['ran', 'skipped', 'missed']),
  /** The run that it began. */
  run: z.string().nullable(),
  /** How that run ended; null while it runs, and where it is not kept any more. */
  outcome: z.enum(runOutcomes).nullable(),
  /** Why it was skipped or missed. */
  reason: z.string().nullable(),
  /** A line may tell of a stretch of due times with one fate: the last of them, and how many they are; else null and 1. */
  untilDueAt: time.nullable(),
  count: z.int().positive(),
});
export type DueTime = z.infer<typeof dueTime>;

export const dueTimesQuery = z.strictObject({
  job: name.optional(),
  /** Only those before this moment; or the `next` of the page before, which names the job as well. */
  before: z
    .string()
    .max(1_100)
    .superRefine((text, context) => {
      const [input = ''] = text.split(' ', 1);
      if (!timeInput.safeParse(input).success)
        context.addIssue({ code: 'invalid_format', format: 'datetime', input });
    })
    .optional(),
  limit: count(1_000, 50),
});

export const crontabQuery = z.strictObject({
  expression: z.string().max(1_000),
  timezone: z.string().max(100).default('UTC'),
  /** Now when absent. */
  from: timeInput.optional(),
  next: count(1_000, 5),
});

/** What a crontab expression means. */
export const crontab = z.strictObject({
  expression: z.string(),
  timezone: z.string(),
  /** In words. */
  description: z.string(),
  next: z.array(time),
});
export type Crontab = z.infer<typeof crontab>;
