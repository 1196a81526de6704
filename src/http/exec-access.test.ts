/** Who may open the socket of a remote command: a browser sends the cookie along with it, and no header of ours. */
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { decodeExecFrame } from '../contract/exec.ts';
import { makeWorld, operator } from '../control/world.testkit.ts';
import { authentication } from './authentication.ts';
import { createHttpServer } from './server.ts';

async function listening() {
  const world = await makeWorld();
  const { control } = world;
  const app = createHttpServer({
    control,
    log: pino({ level: 'silent' }),
    actorOf: authentication(control),
  });
  onTestFinished(async () => {
    await app.close();
    await world.dispose();
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const host = `127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  for (const name of ['shop', 'blog'])
    await control.createEnvironment(operator, { name, root: `/srv/${name}` });
  const { link } = await control.addUser(operator, { name: 'ada', role: 'member', environments: ['shop'] });
  const { secret } = await control.useLink(
    { via: 'http', address: null },
    { secret: link.path.split('#')[1] ?? '', password: 'correct horse' },
  );
  const cookie = `nightshift=${secret}`;
  /** The status of a refused upgrade, or the code of the refusal that comes over the socket. */
  const answerTo = (environment: string, headers: Record<string, string>): Promise<number | string> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://${host}/api/v1/environments/${environment}/exec`, { headers });
      onTestFinished(() => socket.terminate());
      socket.once('open', () => socket.send(JSON.stringify({ command: ['true'] })));
      socket.on('message', (data, isBinary) => {
        const frame = isBinary ? decodeExecFrame(data as Buffer) : undefined;
        if (frame?.channel === 'status') resolve('error' in frame.status ? frame.status.error.code : 'ran');
      });
      socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
      socket.once('error', reject);
    });
  return { host, cookie, answerTo, control };
}

test('is nobody without a cookie, and no page of another origin with it', async () => {
  const { host, cookie, answerTo } = await listening();
  expect(await answerTo('shop', {})).toBe(401);
  expect(await answerTo('shop', { cookie })).toBe(403);
  expect(await answerTo('shop', { cookie, origin: 'http://evil.example' })).toBe(403);
  expect(await answerTo('shop', { cookie, origin: `http://${host}`, 'sec-fetch-site': 'cross-site' })).toBe(
    403,
  );
});

test('is a member, in the own environments alone', async () => {
  const { host, cookie, answerTo } = await listening();
  const headers = { cookie, origin: `http://${host}` };
  expect(await answerTo('blog', headers)).toBe('environment.unknown');
  // The own one is seen: what refuses is that nothing is booked.
  expect(await answerTo('shop', headers)).toBe('component.not-booked');
});

test('is no token that may only look', async () => {
  const { answerTo, control } = await listening();
  const { token } = await control.createToken(operator, { name: 'ci', scope: 'read', expiresAt: null });
  expect(await answerTo('shop', { authorization: `Bearer ${token}` })).toBe('access.scope');
});
