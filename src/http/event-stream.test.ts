import type { IncomingMessage } from 'node:http';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { within } from '../../test/testkit/deadline.ts';
import { anyEvent, eventIdHeader, eventNames, events } from '../contract/events.ts';
import type { Control, Told } from '../control/control.ts';
import { EventHub } from '../control/event-hub.ts';
import {
  aCronView,
  aDeployment,
  aDueTime,
  anActivity,
  anIncident,
  aRun,
  aWorkerView,
} from './control-double.testkit.ts';
import { openStream, type SocketServer, socketServer } from './socket-server.testkit.ts';

/** One of each kind. */
const everything: readonly Told[] = [
  { kind: 'job', observed: aWorkerView.observed },
  { kind: 'job', observed: aCronView.observed },
  { kind: 'definition', environment: 'demo', job: 'a-cron', change: 'removed', version: null },
  { kind: 'statistics', jobType: 'cron', statistics: aCronView.statistics },
  { kind: 'statistics-reset', environment: 'demo', since: 1 },
  { kind: 'run-began', run: aRun },
  { kind: 'run-started', run: aRun },
  { kind: 'run-ended', run: aRun },
  { kind: 'due-time', dueTime: aDueTime },
  { kind: 'deployment', deployment: aDeployment },
  { kind: 'environment', environment: 'demo', change: 'changed' },
  { kind: 'incident', incident: anIncident },
  { kind: 'activity', entry: anActivity },
];

async function aServer(hub = new EventHub('life')): Promise<SocketServer & { hub: EventHub }> {
  const control: Partial<Control> = {
    lastEventId: () => hub.lastId,
    events: (actor, query, signal) => hub.follow(actor, query, signal),
  };
  return { ...(await socketServer(control)), hub };
}

interface Frame {
  readonly id?: string;
  readonly event?: string;
  readonly data?: unknown;
}

/** Reads server-sent events as a browser does; `next` waits for the next one that has a name. */
function reader(stream: IncomingMessage) {
  onTestFinished(() => void stream.destroy());
  let text = '';
  let lastId = '';
  const frames: Frame[] = [];
  let wake = (): void => undefined;
  stream.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      if (fields.id !== undefined) lastId = fields.id;
      if (fields.event !== undefined) frames.push({ ...fields, data: JSON.parse(fields.data ?? '') });
    }
    wake();
  });
  const wait = () => within('an event', new Promise<void>((resolve) => (wake = resolve)));
  return {
    get lastId() {
      return lastId;
    },
    async next(): Promise<Frame> {
      while (frames.length === 0) await wait();
      return frames.shift() as Frame;
    },
    async idBecomes(id: string): Promise<void> {
      while (lastId !== id) await wait();
    },
  };
}

describe('GET /events', () => {
  test('is a stream of named events, each in the shape that its name has', async () => {
    const server = await aServer();
    const stream = await openStream(server, '/events');
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    const read = reader(stream);
    await read.idBecomes('life-0');
    const seen = new Set<string>();
    for (const [index, told] of everything.entries()) {
      server.hub.tell(told);
      const { id, event, data } = await read.next();
      expect(id).toBe(`life-${index + 1}`);
      expect(event).toBe(told.kind);
      expect(events[event as keyof typeof events].parse(data)).toEqual(data);
      expect(anyEvent.parse({ id, event, data })).toEqual({ id, event, data });
      seen.add(told.kind);
    }
    expect([...seen, 'reset'].sort()).toEqual([...eventNames].sort());
  });

  test('goes on after the place that a list was read at, so that nothing is missed', async () => {
    const server = await aServer();
    server.hub.tell({ kind: 'statistics-reset', environment: 'demo', since: 1 });
    const list = await openStream(server, '/environments/demo/jobs');
    const place = String(list.headers[eventIdHeader]);
    list.resume();
    server.hub.tell({ kind: 'run-began', run: aRun });
    const read = reader(await openStream(server, `/events?after=${place}`));
    expect(await read.next()).toMatchObject({ id: 'life-2', event: 'run-began' });
  });

  test('goes on after the last event that a browser has seen, whatever the address says', async () => {
    const server = await aServer();
    for (const told of everything) server.hub.tell(told);
    const read = reader(await openStream(server, '/events?after=life-1', { 'last-event-id': 'life-11' }));
    expect(await read.next()).toMatchObject({ id: 'life-12' });
  });

  test('says that it begins anew where what came in between is not kept', async () => {
    const server = await aServer();
    server.hub.tell({ kind: 'run-began', run: aRun });
    const read = reader(await openStream(server, '/events', { 'last-event-id': 'earlier-9' }));
    expect(await read.next()).toEqual({ id: 'life-1', event: 'reset', data: {} });
    server.hub.tell({ kind: 'run-ended', run: aRun });
    expect(await read.next()).toMatchObject({ id: 'life-2', event: 'run-ended' });
  });

  test('moves the reader’s place on over what is not for it', async () => {
    const server = await aServer();
    const read = reader(await openStream(server, '/events?environment=demo'));
    await read.idBecomes('life-0');
    server.hub.tell({ kind: 'environment', environment: 'other', change: 'changed' });
    server.hub.tell({ kind: 'environment', environment: 'demo', change: 'changed' });
    server.hub.tell({ kind: 'environment', environment: 'other', change: 'removed' });
    expect(await read.next()).toMatchObject({ id: 'life-2', data: { environment: 'demo' } });
  });

  test('ends for a reader that does not read, and holds little of it until then', async () => {
    const server = await aServer(new EventHub('life', 256));
    const stream = await openStream(server, '/events');
    stream.pause();
    const closed = within(
      'the end of the connection',
      new Promise((resolve) => stream.once('close', resolve)),
    );
    // Only the server's patience with this reader; sockets have timers of their own.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const fat = { ...aRun, command: 'x'.repeat(8_000) };
    for (let round = 0; server.hub.followers > 0 && round < 1_000; round++) {
      for (let number = 0; number < 200; number++) server.hub.tell({ kind: 'run-began', run: fat });
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(1_000);
    }
    vi.useRealTimers();
    expect(server.hub.followers).toBe(0);
    // It finds out when it reads on; what it gets then is no more than buffers hold.
    let bytes = 0;
    stream.on('data', (part: Buffer) => {
      bytes += part.length;
    });
    stream.on('error', () => undefined).resume();
    await closed;
    expect(bytes).toBeLessThan(8 * 1024 * 1024);
  });

  test('lets go of what a reader holds when it leaves', async () => {
    const server = await aServer();
    const stream = await openStream(server, '/events');
    expect(server.hub.followers).toBe(1);
    stream.destroy();
    await vi.waitFor(() => expect(server.hub.followers).toBe(0), { timeout: 10_000 });
  });

  test.each(['environment=demo&frm=1', `after=${'x'.repeat(101)}`])('refuses %s', async (query) => {
    const stream = await openStream(await aServer(), `/events?${query}`);
    expect(stream.statusCode).toBe(400);
    stream.resume();
  });
});
