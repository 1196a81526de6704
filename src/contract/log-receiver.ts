/** Where the output of an environment is sent as well: a receiver of OTLP over HTTP. */
import { z } from 'zod';
import { type Route, route } from './route.ts';
import { environmentParams, time } from './wire.ts';

export const newLogReceiver = z.strictObject({
  /** Of a receiver of OTLP over HTTP; without a path it is `/v1/logs`. Sealed, and never shown whole. */
  url: z.string().max(2_000),
  /** They go along with each request, such as an API key. Sealed, and never shown. */
  headers: z.record(z.string(), z.string()).optional(),
});
export type NewLogReceiver = z.infer<typeof newLogReceiver>;

export const logReceiver = z.strictObject({
  /** The host that output is sent to. */
  target: z.string(),
  /** The names of the headers that go along. */
  headers: z.array(z.string()),
  /** Lines from this moment on are sent. */
  since: time,
  sentLines: z.int().nonnegative(),
  /** Lines that the receiver would not have; they are not sent again. */
  refusedLines: z.int().nonnegative(),
  /** Places where the bounds of the log have dropped output before it was sent. */
  gaps: z.int().nonnegative(),
  /** When lines were taken last. */
  sentAt: time.nullable(),
  /** The time of the oldest line that is known not to be taken yet; null when all that was read is. */
  behindSince: time.nullable(),
  /** Why nothing is taken at the moment; null while it is. */
  held: z
    .strictObject({
      why: z.string(),
      /** When the first attempt failed. */
      since: time,
      attempts: z.int().nonnegative(),
      nextAt: time,
    })
    .nullable(),
});
export type LogReceiver = z.infer<typeof logReceiver>;

/** Null where output is sent nowhere. */
export const logReceiverOrNone = z.strictObject({ receiver: logReceiver.nullable() });
export type LogReceiverOrNone = z.infer<typeof logReceiverOrNone>;

export const logReceiverRoutes = {
  logReceiver: route(
    'GET /environments/:environment/log-receiver',
    'Where the output is sent as well, and how far that is',
    { params: environmentParams, response: logReceiverOrNone },
  ),
  setLogReceiver: route(
    'PUT /environments/:environment/log-receiver',
    'Send the output to a receiver of OTLP over HTTP as well, from now on',
    { params: environmentParams, body: newLogReceiver, response: logReceiverOrNone },
  ),
  removeLogReceiver: route(
    'DELETE /environments/:environment/log-receiver',
    'Send the output there no more',
    { params: environmentParams },
  ),
} as const satisfies Record<string, Route>;
