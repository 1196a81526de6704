import { describe, expect, test } from 'vitest';
import { within } from '../../test/testkit/deadline.ts';
import { logEntry } from '../contract/log.ts';
import { streamErrorTrailer } from '../contract/stream-error.ts';
import { Refusal } from '../domain/errors.ts';
import type { LogEntry, LogQuery } from '../logs/log-store.ts';
import { aLogEntry, logOf } from './control-double.testkit.ts';
import { openStream, readAll, socketServer } from './socket-server.testkit.ts';

type Items = AsyncGenerator<{ entry: LogEntry; cursor: string }>;

describe('the log as text', () => {
  test('is a line for each entry, stderr padded to four', async () => {
    const server = await socketServer({
      logs: () => logOf(aLogEntry('The message'), aLogEntry('broken', { level: 'ERR', stream: 'stderr' })),
    });
    const stream = await openStream(server, '/environments/demo/logs?format=text');
    expect((await readAll(stream)).toString()).toBe(
      '2021-01-14T12:00:01Z INFO (a-job): The message\n2021-01-14T12:00:01Z ERR  (a-job): broken\n',
    );
  });

  test('passes every byte of a message on', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 0x0a);
    const server = await socketServer({ logs: () => logOf(aLogEntry(bytes)) });
    const text = await readAll(await openStream(server, '/environments/demo/logs?format=text'));
    const head = '2021-01-14T12:00:01Z INFO (a-job): ';
    expect(text).toEqual(Buffer.concat([Buffer.from(head), bytes, Buffer.from('\n')]));
  });
});

describe('the log as NDJSON', () => {
  test('has the fields of the contract, and the bytes that are no UTF-8 beside the message', async () => {
    const server = await socketServer({
      logs: () => logOf(aLogEntry('grün'), aLogEntry(Uint8Array.of(0xff, 0x41))),
    });
    const text = (await readAll(await openStream(server, '/environments/demo/logs'))).toString();
    const entries = text
      .trimEnd()
      .split('\n')
      .map((line) => logEntry.parse(JSON.parse(line)));
    expect(entries).toEqual([
      {
        time: '2021-01-14T12:00:01.007Z',
        job: 'a-job',
        run: 'run-1',
        level: 'INFO',
        stream: 'stdout',
        message: 'grün',
        cursor: 'c0',
      },
      expect.objectContaining({ message: '\ufffdA', messageBase64: '/0E=', cursor: 'c1' }),
    ]);
  });

  test('asks for what the query says', async () => {
    const server = await socketServer();
    const query =
      'job=a,b&job=c&run=r&level=ERR&since=2026-11-22T04:00:00%2B01:00&until=2026-11-22T04:00:00Z&contains=x%20y&last=0&after=cur';
    await readAll(await openStream(server, `/environments/demo/logs?${query}`));
    const asked: LogQuery = {
      environment: 'demo',
      jobs: ['a', 'b', 'c'],
      run: 'r',
      level: 'ERR',
      since: Date.UTC(2026, 10, 22, 3),
      until: Date.UTC(2026, 10, 22, 4),
      contains: 'x y',
      last: 0,
      after: 'cur',
    };
    expect(server.asked).toEqual([['logs', asked]]);
  });
});

describe('a log that can not be read', () => {
  async function* refused(): Items {
    yield await Promise.reject(new Refusal('environment.unknown', { environment: 'demo' }));
  }

  async function* failsLater(): Items {
    yield { entry: aLogEntry('first'), cursor: 'c' };
    // Not with the first piece: the status has been sent by then.
    await new Promise((resolve) => setImmediate(resolve));
    throw new Refusal('store.unavailable', { why: 'größe' });
  }

  test.each(['', '&follow=true'])('is refused with a status while nothing was sent%s', async (follow) => {
    const server = await socketServer({ logs: refused });
    const stream = await openStream(server, `/environments/demo/logs?format=text${follow}`);
    expect(stream.statusCode).toBe(404);
    expect(JSON.parse((await readAll(stream)).toString()).error.code).toBe('environment.unknown');
  });

  test('is told in a trailer to those who read trailers', async () => {
    const server = await socketServer({ logs: failsLater });
    const stream = await openStream(server, '/environments/demo/logs?format=text', { te: 'trailers' });
    expect((await readAll(stream)).toString()).toContain('first');
    const { error } = JSON.parse(stream.trailers[streamErrorTrailer] ?? '{}');
    expect(error).toMatchObject({ code: 'store.unavailable', message: expect.stringContaining('größe') });
  });

  test('breaks the connection off for the others, so that nobody takes a part for the whole', async () => {
    const server = await socketServer({ logs: failsLater });
    const stream = await openStream(server, '/environments/demo/logs?format=text');
    await expect(readAll(stream)).rejects.toThrow('aborted');
  });
});

describe('a reader', () => {
  /** Lines without end; the test sees how many were asked for and whether the reading was ended. */
  function endless(message: string, pauseAfter = Number.POSITIVE_INFINITY) {
    let given = 0;
    let over: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      over = resolve;
    });
    async function* logs(_: unknown, __: unknown, signal: AbortSignal): Items {
      try {
        while (!signal.aborted) {
          if (given === pauseAfter) await new Promise((resolve) => signal.addEventListener('abort', resolve));
          given += 1;
          yield { entry: aLogEntry(message), cursor: 'c' };
        }
      } finally {
        over();
      }
    }
    return { logs, ended, given: () => given };
  }

  test('that follows a silent log has its status at once, and lines as they come', async () => {
    const source = endless('hello', 1);
    const server = await socketServer({ logs: source.logs });
    const stream = await openStream(server, '/environments/demo/logs?format=text&follow=true');
    const [line] = await within('a line', once(stream));
    expect(line.toString()).toContain('hello');
    stream.destroy();
    await within('the end of the reading', source.ended);
  });

  test('that stops reading holds a bounded amount of memory, and the others are served', async () => {
    const line = 'x'.repeat(1_000);
    const source = endless(line);
    const server = await socketServer({ logs: source.logs });
    const stream = await openStream(server, '/environments/demo/logs?format=text&follow=true');
    stream.pause();
    await within('a pause', settled(source.given));
    const held = source.given() * line.length;
    // The kernel's buffers, one piece on its way and one being gathered.
    expect(held).toBeLessThan(2 * 1024 * 1024);
    const other = await openStream(server, '/plans');
    expect((await readAll(other)).length).toBeGreaterThan(0);
    stream.resume();
    await within('more lines', grows(source.given));
    stream.destroy();
    await within('the end of the reading', source.ended);
  });

  test('that vanishes ends the reading of a log where nothing happens', async () => {
    const source = endless('', 0);
    const server = await socketServer({ logs: source.logs });
    const stream = await openStream(server, '/environments/demo/logs?follow=true');
    expect(stream.statusCode).toBe(200);
    stream.destroy();
    await within('the end of the reading', source.ended);
    expect(server.lines.filter((line) => line.level === 50)).toEqual([]);
  });

  test('does not keep the daemon from ending', async () => {
    const source = endless('', 0);
    const server = await socketServer({ logs: source.logs });
    const stream = await openStream(server, '/environments/demo/logs?follow=true');
    stream.on('error', () => undefined);
    await within('the end of the server', server.app.close());
    await within('the end of the reading', source.ended);
  });
});

const once = (stream: NodeJS.ReadableStream): Promise<[Buffer]> =>
  new Promise((resolve) => stream.once('data', (chunk: Buffer) => resolve([chunk])));

/** Resolves when the count has stood still for many turns of the event loop. */
async function settled(count: () => number): Promise<void> {
  for (let still = 0, last = -1; still < 2_000; still += 1) {
    if (count() !== last) still = 0;
    last = count();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function grows(count: () => number): Promise<void> {
  const before = count();
  while (count() === before) await new Promise((resolve) => setImmediate(resolve));
}
