/**
 * What changes, as server-sent events (`GET /events`). Each event is named, carries one JSON document and has an id:
 *
 *     id: lx2k9f1-4711
 *     event: run-ended
 *     data: {"id": "...", "job": "mailer", "outcome": "failed", ...}
 *
 * - Each is a fact that is whole in itself: hearing one twice, or after a newer list was read, does no harm, as long as
 *   they are taken in order.
 * - Every answer to a GET carries the place of the newest event at its beginning in the header {@link eventIdHeader}.
 *   Whoever reads a list and then follows with `?after=` that place misses nothing.
 * - A browser that loses the connection asks again with `Last-Event-ID` by itself. `reset` says that what happened in
 *   between is not kept: read the lists anew, and go on following.
 * - Comments keep the connection alive; with them come ids without an event, so that the place moves on in quiet times.
 */
import { z } from 'zod';
import { dueTime } from './cron.ts';
import { activity } from './daemon.ts';
import { deployment } from './deployment.ts';
import { incident } from './incident.ts';
import { jobStates } from './job.ts';
import { run } from './run.ts';
import { bytes, name, seconds, time } from './wire.ts';

/** The place of the newest event, in answers. */
export const eventIdHeader = 'nightshift-event-id';
/** What a browser sends when it comes again. */
export const lastEventIdHeader = 'last-event-id';

/** What is observed of a job now: fields of its row in the list, and its open runs. */
export const jobEvent = z.strictObject({
  environment: z.string(),
  job: z.string(),
  state: z.enum(jobStates),
  running: z.boolean(),
  reason: z.string(),
  stateSince: time.nullable(),
  stateUntil: time.nullable(),
  attempt: z.int().nonnegative().nullable(),
  instancesRunning: z.int().nonnegative(),
  memoryBytes: bytes.nullable(),
  openRuns: z.array(z.string()),
  /** Only of a cron that waits for it; otherwise what was known stays. */
  nextDueAt: time.optional(),
});

/** A job was defined, changed or removed: read it anew, or take it off the list. */
export const definitionEvent = z.strictObject({
  environment: z.string(),
  job: z.string(),
  change: z.enum(['added', 'changed', 'removed']),
  /** After the change; null when it is gone. */
  version: z.int().nullable(),
});

/** The figures of a job after one of its runs has ended: fields of its row in the list. */
export const statisticsEvent = z.strictObject({
  environment: z.string(),
  job: z.string(),
  fails: z.int().nonnegative(),
  exitsOk: z.int().nonnegative(),
  restarts: z.int().nonnegative(),
  durationAvgSeconds: seconds.nullable(),
  durationMaxSeconds: seconds.nullable(),
  memoryAvgBytes: bytes.nullable(),
  memoryMaxBytes: bytes.nullable(),
  statisticsSince: time,
});

/** The figures of all jobs of an environment begin anew. */
export const statisticsResetEvent = z.strictObject({ environment: z.string(), statisticsSince: time });

/** Something about an environment itself: its plan, its trial, its variables, whether its crons are held back. */
export const environmentEvent = z.strictObject({
  environment: z.string(),
  change: z.enum(['created', 'changed', 'removed']),
});

/** What happened before is not kept: read the lists anew. */
export const resetEvent = z.strictObject({});

/** All events by their name. */
export const events = {
  job: jobEvent,
  definition: definitionEvent,
  statistics: statisticsEvent,
  'statistics-reset': statisticsResetEvent,
  /** Recorded, about to be started; then started; then over. */
  'run-began': run,
  'run-started': run,
  'run-ended': run,
  'due-time': dueTime.extend({ environment: z.string() }),
  deployment,
  environment: environmentEvent,
  incident,
  activity,
  reset: resetEvent,
} as const;

export type EventName = keyof typeof events;
export type EventData<Name extends EventName> = z.infer<(typeof events)[Name]>;
/** One event, as a reader sees it. */
export type ApiEvent = {
  readonly [Name in EventName]: {
    readonly id: string;
    readonly event: Name;
    readonly data: EventData<Name>;
  };
}[EventName];

/** The names alone: a browser's `EventSource` wants a listener for each. */
export const eventNames = Object.keys(events) as readonly EventName[];

const eventShape = <Name extends EventName>(event: Name) =>
  z.strictObject({ id: z.string(), event: z.literal(event), data: events[event] });

/** Any of them, as a shape. */
export const anyEvent = z.union(eventNames.map(eventShape));

export const eventsQuery = z.strictObject({
  /** Only what concerns this environment; all that the caller may see when absent. */
  environment: name.optional(),
  /** The place to go on after; from now on when absent. The header `Last-Event-ID` comes before it. */
  after: z.string().max(100).optional(),
});
