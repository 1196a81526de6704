import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Actor } from '../control/control.ts';
import { Refusal } from '../domain/errors.ts';
import { accessCheckMs } from './access-watch.ts';
import { aLogEntry, controlDouble, ExecutionDouble } from './control-double.testkit.ts';
import { createHttpServer } from './server.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const member: Actor = { name: 'ada', role: 'member', environments: ['demo'], via: 'http' };

/** A log without end, a remote command, and who asks as the test has it. */
async function scene() {
  const execution = new ExecutionDouble();
  const { control } = controlDouble({
    async *logs(_actor, _query, signal) {
      yield { entry: aLogEntry('first'), cursor: 'c0' };
      await once(signal, 'abort');
    },
    exec: async () => execution,
  });
  const who: { is: Actor | undefined } = { is: member };
  const actorOf = (): Actor => {
    if (who.is === undefined) throw new Refusal('session.ended');
    return who.is;
  };
  const app = createHttpServer({ control, log: pino({ level: 'silent' }), actorOf });
  onTestFinished(() => app.close());
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { who, execution, host: `127.0.0.1:${(app.server.address() as AddressInfo).port}` };
}

const taken: [string, Actor | undefined][] = [
  ['was signed out', undefined],
  ['is no member any more', { ...member, environments: [] }],
];

test.each(taken)('a log that is followed breaks off when its reader %s', async (_, now) => {
  const { who, host } = await scene();
  const asked = get(`http://${host}/api/v1/environments/demo/logs?follow=true`);
  const [stream] = (await once(asked, 'response')) as [IncomingMessage];
  await once(stream, 'data');
  await vi.advanceTimersByTimeAsync(accessCheckMs);
  expect(stream.destroyed).toBe(false);
  who.is = now;
  const closed = once(stream, 'error');
  await vi.advanceTimersByTimeAsync(accessCheckMs);
  expect((await closed)[0]).toMatchObject({ code: 'ECONNRESET' });
});

test.each(taken)('a remote command is hung up when who began it %s', async (_, now) => {
  const { who, host, execution } = await scene();
  const socket = new WebSocket(`ws://${host}/api/v1/environments/demo/exec`);
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  socket.send(JSON.stringify({ command: ['cat'] }));
  execution.stdout.write('it runs');
  await once(socket, 'message');
  await vi.advanceTimersByTimeAsync(accessCheckMs);
  expect(socket.readyState).toBe(socket.OPEN);
  who.is = now;
  await vi.advanceTimersByTimeAsync(accessCheckMs);
  await execution.hungUp;
});
