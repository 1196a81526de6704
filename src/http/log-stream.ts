/**
 * The log as a stream that goes at its reader's pace: a reader that stops holds one batch of lines here and nothing more,
 * one that leaves ends the reading of the files.
 */
import type { Writable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { logLineWriter } from '../contract/log-line.ts';
import type { Routes } from '../contract/routes.ts';
import { streamErrorTrailer } from '../contract/stream-error.ts';
import type { Actor, Control } from '../control/control.ts';
import type { LogCursor, LogEntry, LogQuery, ToldEntry } from '../logs/log-store.ts';
import { watchAccess } from './access-watch.ts';
import { BatchedWriter } from './batched-writer.ts';
import { failureOf } from './errors.ts';
import { compressorOf, ended, logHeaders } from './log-download.ts';
import { logEntryToJson } from './log-wire.ts';

interface Asked {
  readonly control: Control;
  readonly log: Logger;
  readonly reply: FastifyReply;
  readonly actor: Actor;
  /** Asks anew who it is: who follows a log may be signed out meanwhile. */
  readonly actorOf: () => Actor | Promise<Actor>;
  readonly params: z.output<Routes['logs']['params']>;
  readonly query: z.output<Routes['logs']['query']>;
}

type Item = IteratorResult<ToldEntry, unknown>;

/** Who follows a silent log gets the status after so long, without a first line. */
const patienceMs = 200;

/** Answers with the log. Throws what the use case refuses, as long as nothing has been sent. */
export async function streamLogs(asked: Asked): Promise<void> {
  const { control, reply, actor, query } = asked;
  const response = reply.raw;
  const leaving = new AbortController();
  response.once('close', () => leaving.abort());
  const entries = control
    .logs(
      actor,
      queryOf(asked.params.environment, query),
      leaving.signal,
      ...(query.download === undefined ? [] : [query.download]),
    )
    [Symbol.asyncIterator]();
  const first = entries.next();
  await (query.follow ? Promise.race([first, patience(leaving.signal)]) : first);
  if (leaving.signal.aborted) return abandon(entries, first, reply);
  reply.hijack();
  response.writeHead(200, {
    ...logHeaders(asked.params.environment, query),
    'cache-control': 'no-store',
    trailer: streamErrorTrailer,
  });
  response.flushHeaders();
  const compressor = compressorOf(query.compress);
  if (compressor !== undefined) {
    // What is held back is small, and nobody is told that it is there: who leaves ends both.
    response.once('close', () => compressor.destroy());
    compressor.on('error', () => response.destroy());
    compressor.pipe(response, { end: false });
  }
  const unwatch = query.follow ? watchAccess(actor, asked.actorOf, () => response.destroy()) : undefined;
  const encode = query.format === 'text' ? logLineWriter() : logEntryToJson;
  try {
    await pump(entries, first, compressor ?? response, encode);
    if (compressor !== undefined) await ended(compressor);
    response.end();
  } catch (thrown) {
    if (!leaving.signal.aborted) breakOff(thrown, asked);
  } finally {
    unwatch?.();
  }
}

function queryOf(environment: string, query: Asked['query']): LogQuery {
  const { job, run, level, since, until, contains, last, after, follow, order, mask } = query;
  return {
    environment,
    ...(job === undefined ? {} : { jobs: job }),
    ...(run === undefined ? {} : { run }),
    ...(level === undefined ? {} : { level }),
    ...(since === undefined ? {} : { since: Date.parse(since) }),
    ...(until === undefined ? {} : { until: Date.parse(until) }),
    ...(contains === undefined ? {} : { contains }),
    ...(last === undefined ? {} : { last }),
    ...(after === undefined ? {} : { after }),
    ...(follow ? { follow } : {}),
    ...(order === undefined ? {} : { order }),
    ...(mask ? { mask } : {}),
  };
}

async function pump(
  entries: AsyncIterator<ToldEntry>,
  first: Promise<Item>,
  out: Writable,
  encode: (entry: LogEntry, cursor: LogCursor) => Uint8Array,
): Promise<void> {
  const writer = new BatchedWriter(out);
  for (let item = await first; item.done !== true; item = await entries.next()) {
    const drained = writer.write(encode(item.value.entry, item.value.cursor));
    if (drained !== undefined) await drained;
    if (out.destroyed) {
      await entries.return?.();
      return;
    }
  }
  writer.flush();
}

/** The reader left before anything was sent. */
async function abandon(
  entries: AsyncIterator<unknown>,
  first: Promise<Item>,
  reply: FastifyReply,
): Promise<void> {
  reply.hijack();
  // Nobody is left to be told how it ended.
  await first.catch(() => undefined);
  await entries.return?.();
}

/** The status is sent already: a trailer tells those who read it, a broken connection the others. */
function breakOff(thrown: unknown, { log, reply, params }: Asked): void {
  const failure = failureOf(thrown);
  if (failure.isBug) log.error({ err: thrown, environment: params.environment }, 'a log stream broke off');
  const response = reply.raw;
  if (reply.request.headers.te?.includes('trailers') !== true) {
    response.destroy();
    return;
  }
  // Trailers are Latin-1: everything else goes as escapes, which JSON reads back.
  const told = JSON.stringify(failure.body).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  response.addTrailers({ [streamErrorTrailer]: told });
  response.end();
}

function patience(left: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, patienceMs);
    left.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      left.removeEventListener('abort', done);
      resolve();
    }
  });
}
