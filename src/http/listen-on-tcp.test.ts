import { once } from 'node:events';
import { connect } from 'node:net';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { apiPrefix } from '../contract/routes.ts';
import type { Control } from '../control/control.ts';
import { controlDouble } from './control-double.testkit.ts';
import { holdToDocument } from './documented.testkit.ts';
import { listenOnTcp } from './listen-on-tcp.ts';
import { createHttpServer } from './server.ts';

const here = { host: '127.0.0.1', port: 0 };

async function aServer(answers: Partial<Control> = {}, isReady?: () => boolean) {
  const double = controlDouble(answers);
  const app = createHttpServer({
    control: double.control,
    log: pino({ level: 'silent' }),
    ...(isReady === undefined ? {} : { isReady }),
  });
  holdToDocument(app);
  onTestFinished(() => app.close());
  const address = await listenOnTcp(app, here);
  return { ...double, address, url: `http://127.0.0.1:${address.port}` };
}

describe('listening on TCP', () => {
  test('takes the port that the machine gives, and says which', async () => {
    const { url } = await aServer();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('at an address that is taken is one sentence', async () => {
    const { address } = await aServer();
    const second = createHttpServer({ control: controlDouble().control, log: pino({ level: 'silent' }) });
    onTestFinished(() => second.close());
    await expect(listenOnTcp(second, address)).rejects.toThrow(
      `nothing can listen at 127.0.0.1:${address.port} (another program listens there already)`,
    );
  });

  test('makes nobody an operator: without an account nothing is told or done', async () => {
    const { url, asked } = await aServer();
    for (const [method, path] of [
      ['GET', '/environments'],
      ['POST', '/environments'],
      ['GET', '/environments/demo/exec'],
      ['GET', '/environments/demo/logs'],
    ] as const) {
      const answer = await fetch(`${url}${apiPrefix}${path}`, {
        method,
        headers: { 'nightshift-user': 'root' },
      });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ error: { code: 'access.unauthenticated' } });
    }
    expect(asked).toEqual([]);
  });

  test('before all is ready answers that it is starting', async () => {
    let ready = false;
    const { url } = await aServer({}, () => ready);
    const early = await fetch(`${url}/healthz`);
    expect([early.status, await early.json()]).toEqual([
      503,
      { error: { code: 'daemon.starting', message: 'the daemon is starting: try again in a moment' } },
    ]);
    ready = true;
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe('/healthz', () => {
  const health = { schedulerHeartbeatAt: null, schedulerSilent: false, store: 'ok' } as const;

  test('says that all is well', async () => {
    const { url } = await aServer();
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({
      status: 'ok',
      scheduler: 'ok',
      schedulerHeartbeatAt: '2026-11-22T03:12:07.250Z',
      store: 'ok',
    });
  });

  test.each([
    { ...health, schedulerSilent: true },
    { ...health, store: 'unavailable' as const },
  ])('fails when something is not well: %j', async (found) => {
    const { url } = await aServer({ health: async () => found });
    const answer = await fetch(`${url}/healthz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ status: 'failing' });
  });
});

test('who sends a request too slowly is cut off, and who sends none does not stay', async () => {
  const app = createHttpServer({ control: controlDouble().control, log: pino({ level: 'silent' }) });
  onTestFinished(() => app.close());
  expect(app.server).toMatchObject({ headersTimeout: 10_000, requestTimeout: 60_000, maxConnections: 1_024 });
  // The same with less patience, so that the test need not have it.
  app.server.headersTimeout = 50;
  const { port } = await listenOnTcp(app, here);
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n');
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  await once(socket, 'close');
  expect(Buffer.concat(parts).toString()).toContain('408');
});
