import { z } from 'zod';
import { count, name, time } from './wire.ts';

export const daemon = z.strictObject({
  version: z.string(),
  pid: z.int(),
  startedAt: time,
  dataFolder: z.string(),
  runtime: z.enum(['container', 'process', 'fake']),
  /** What the runtime in use can't do, in sentences. */
  cannot: z.array(z.string()),
  schedulerHeartbeatAt: time.nullable(),
  store: z.enum(['ok', 'unavailable']),
});
export type Daemon = z.infer<typeof daemon>;

/** Who did what. */
export const activity = z.strictObject({
  id: z.string(),
  at: time,
  actor: z.string(),
  environment: z.string().nullable(),
  act: z.string(),
  detail: z.string(),
  /** The way in: `http` is the dashboard; null in entries of older versions. */
  via: z.string().nullable(),
  /** Where it was asked from; null where that is not known. */
  address: z.string().nullable(),
});
export type Activity = z.infer<typeof activity>;

export const activityQuery = z.strictObject({
  environment: name.optional(),
  /** Only entries before this one: the `next` of the page before. */
  before: z.coerce.number().int().min(0).optional(),
  limit: count(1_000, 50),
});
