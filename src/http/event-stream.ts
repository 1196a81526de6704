/**
 * What changes, as server-sent events. A reader holds one batch here at most; one that takes nothing for a while, or that the
 * ring has overtaken, is cut off and comes again with the id of the last event it has seen.
 */
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { ApiEvent } from '../contract/events.ts';
import { lastEventIdHeader } from '../contract/events.ts';
import type { Routes } from '../contract/routes.ts';
import type { Actor, Control, EventBatch, ToldEvent } from '../control/control.ts';
import { limits } from '../domain/limits.ts';
import { eventToWire } from '../wire/event-to-wire.ts';
import { stillTheSame } from './access-watch.ts';

/** A sign of life in quiet times; who asked is looked at again then, too. */
const heartbeatMs = 15_000;
/** A browser that lost the connection comes again after so long. */
const retryMs = 1_000;

interface Asked {
  readonly control: Pick<Control, 'events'>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly query: z.output<Routes['events']['query']>;
  /** Asks anew who it is: an account may have been closed meanwhile. */
  readonly actorOf: () => Actor | Promise<Actor>;
}

/** Answers with the stream. Throws what the use case refuses, as long as nothing has been sent. */
export async function streamEvents({ control, request, reply, query, actorOf }: Asked): Promise<void> {
  const response = reply.raw;
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  response.once('close', leave);
  const last = request.headers[lastEventIdHeader];
  const after = (Array.isArray(last) ? last[0] : last) ?? query.after;
  const batches = control
    .events(
      request.actor,
      {
        ...(query.environment === undefined ? {} : { environment: query.environment }),
        ...(after === undefined ? {} : { after }),
      },
      leaving.signal,
    )
    [Symbol.asyncIterator]();
  const first = await batches.next();
  // Headers that others have set for this answer go out as well.
  const headers = reply.getHeaders();
  reply.hijack();
  if (first.done === true || response.destroyed) {
    leave();
    await batches.return?.();
    response.destroy();
    return;
  }
  response.writeHead(200, {
    ...(headers as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // A proxy that gathers an answer before it passes it on would make the stream useless.
    'x-accel-buffering': 'no',
  });
  let place = first.value.lastId;
  const heartbeat = setInterval(() => {
    stillTheSame(request.actor, actorOf).then((same) => {
      if (same) response.write(`: alive\nid: ${place}\n\n`);
      else leave();
    }, leave);
  }, heartbeatMs);
  try {
    response.write(`retry: ${retryMs}\n\n${textOf(first.value)}`);
    for (let item = await batches.next(); item.done !== true; item = await batches.next()) {
      place = item.value.lastId;
      if (item.value.events.length > 0 && !response.write(textOf(item.value))) await drained(response, leave);
      if (leaving.signal.aborted) break;
    }
  } finally {
    clearInterval(heartbeat);
    leave();
    await batches.return?.();
    response.end();
    // Who has not taken what was sent would keep the connection.
    if (response.writableLength > 0) response.destroy();
  }
}

/** A batch as it goes over the wire; the id of what was not for this reader moves its place on, too. */
function textOf({ reset, lastId, events }: EventBatch): string {
  const all = events.map(frameOf).join('');
  if (reset) return `id: ${lastId}\nevent: reset\ndata: {}\n\n`;
  return events.at(-1)?.id === lastId ? all : `${all}id: ${lastId}\n\n`;
}

const frames = new WeakMap<object, string>();

/** Written once, however many read it. */
function frameOf(event: ToldEvent): string {
  let frame = frames.get(event.told);
  if (frame === undefined) {
    const { id, event: name, data }: ApiEvent = eventToWire(event);
    frame = `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    frames.set(event.told, frame);
  }
  return frame;
}

/** Resolves when the reader has caught up, or has gone; one that does not is made to go. */
function drained(response: ServerResponse, leave: () => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      leave();
      response.destroy();
      done();
    }, limits.eventReaderSecondsMax * 1000);
    const done = (): void => {
      clearTimeout(timer);
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
