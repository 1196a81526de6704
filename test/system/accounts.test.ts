/** People and programs that come over TCP, before the real daemon: from the set-up link to a member who sees only the own environment. */
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Daemon, Stage } from './daemon.ts';

const password = 'correct horse battery';

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
  readonly body: any;
}

/** A browser without pages: it keeps its cookie, and sends what the dashboard sends. */
class Visitor {
  readonly #base: string;
  cookie: string | undefined;

  constructor(base: string) {
    this.#base = base;
  }

  async ask(line: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const [method = '', path = ''] = line.split(' ');
    const response = await fetch(`${this.#base}/api/v1${path}`, {
      method,
      headers: {
        'nightshift-request': '1',
        ...(this.cookie === undefined ? {} : { cookie: this.cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) this.cookie = set.split(';')[0];
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }
}

const addressOf = (ready: string): string => /dashboard (http:\/\/\S+)/.exec(ready)?.[1] ?? '';
const secretOf = (link: string): string => link.split('#')[1] ?? '';
const setUpLines = (daemon: Daemon): string[] =>
  daemon.lines.all.filter((line) => line.startsWith('set-up: '));

describe('the daemon that nobody has set up yet', () => {
  const stage = new Stage();
  let daemon: Daemon;
  let base: string;
  const serve = async (...options: string[]): Promise<void> => {
    daemon = await stage.start('--listen', '127.0.0.1:0', '--ephemeral', ...options);
    base = addressOf(await daemon.ready());
  };
  afterAll(() => stage.dispose());

  test('prints a link for the first operator, a new one with each start, and none once there is one', async () => {
    await serve();
    const [first = ''] = setUpLines(daemon);
    expect(first).toMatch(new RegExp(`^set-up: ${base}/set-up#[\\w-]{43}$`));
    await daemon.terminate();
    await serve();
    const [second = ''] = setUpLines(daemon);
    const ada = new Visitor(base);
    const used = { name: 'ada', password };
    expect((await ada.ask('POST /set-up', { ...used, secret: secretOf(first) })).body.error.code).toBe(
      'link.invalid',
    );
    expect((await ada.ask('POST /set-up', { ...used, secret: secretOf(second) })).status).toBe(200);
    expect((await ada.ask('GET /users')).body.items).toMatchObject([{ name: 'ada', role: 'operator' }]);
    await daemon.kill();
    await serve();
    expect(setUpLines(daemon)).toEqual([]);
    const later = new Visitor(base);
    later.cookie = ada.cookie;
    expect((await later.ask('GET /session')).body.name, 'the session survives kill -9').toBe('ada');
    // No secret lies in the data folder, nor was one printed twice.
    const database = readFileSync(join(stage.data, 'nightshift.db')).toString('latin1');
    for (const secret of [secretOf(second), ada.cookie?.split('=')[1] ?? '', password])
      expect(database).not.toContain(secret);
  });
});

describe('people before one daemon', () => {
  const stage = new Stage();
  let daemon: Daemon;
  let base: string;
  let shop: string;
  let blog: string;

  beforeAll(async () => {
    const file = join(stage.folder, 'operator-password');
    writeFileSync(file, `${password}\n`);
    chmodSync(file, 0o600);
    daemon = await stage.start(
      '--listen',
      '127.0.0.1:0',
      '--ephemeral',
      '--trust-proxy',
      '127.0.0.2',
      '--operator-password-file',
      file,
    );
    base = addressOf(await daemon.ready());
    shop = (await stage.environment(daemon, 'shop')).name;
    blog = (await stage.environment(daemon, 'blog')).name;
  });
  afterAll(() => stage.dispose());

  test('the operator of the password file logs in, and no set-up link is printed', async () => {
    expect(setUpLines(daemon)).toEqual([]);
    const operator = new Visitor(base);
    expect((await operator.ask('POST /session', { name: 'operator', password })).status).toBe(200);
    expect((await operator.ask('GET /environments')).body.items).toHaveLength(2);
  });

  test('a member who was invited sees and changes the own environment alone, until it is taken', async () => {
    const printed = await daemon.do('user', 'add', 'ada', '--environment', shop);
    const ada = new Visitor(base);
    const secret = secretOf(/http:\S+/.exec(printed)?.[0] ?? '');
    await ada.ask('POST /invitations/accept', { secret, password });
    expect(
      (await ada.ask('GET /environments')).body.items.map((each: { name: string }) => each.name),
    ).toEqual([shop]);
    const job = { name: 'beat', type: 'worker', command: 'sleep 1000' };
    expect((await ada.ask(`POST /environments/${shop}/jobs`, job)).status).toBe(201);
    expect((await ada.ask(`POST /environments/${blog}/jobs`, job)).status).toBe(404);
    expect((await ada.ask('POST /environments', { name: 'x', root: '/srv' })).status).toBe(403);
    const [newest] = await daemon.json<{ actor: string; via: string; address: string }[]>(
      'activity',
      shop,
      '-n',
      '1',
    );
    expect(newest).toMatchObject({ actor: 'ada', act: 'add job', via: 'http', address: '127.0.0.1' });
    await daemon.do('member', 'remove', shop, 'ada');
    expect((await ada.ask(`GET /environments/${shop}`)).status).toBe(404);
    await daemon.do('member', 'add', shop, 'ada');
    expect((await ada.ask(`GET /environments/${shop}`)).status).toBe(200);
    // A password that was lost: the old session is gone, the new link opens another.
    const again = await daemon.do('user', 'reset', 'ada', '--yes');
    expect((await ada.ask('GET /session')).status).toBe(401);
    const reset = secretOf(/http:\S+/.exec(again)?.[0] ?? '');
    expect(
      (await ada.ask('POST /invitations/accept', { secret: reset, password: `${password} 2` })).status,
    ).toBe(200);
  });

  test('a program with a token does what its scope says, until the token is removed', async () => {
    const { token } = await daemon.json<{ token: string }>(
      'token',
      'create',
      '--name',
      'ci',
      '--environment',
      shop,
    );
    const program = new Visitor(base);
    const bearer = { authorization: `Bearer ${token}` };
    expect((await program.ask('GET /environments', undefined, bearer)).body.items).toHaveLength(1);
    expect((await program.ask(`DELETE /environments/${shop}/component`, undefined, bearer)).status).toBe(403);
    await daemon.do('token', 'remove', 'ci');
    expect((await program.ask('GET /environments', undefined, bearer)).body.error.code).toBe('token.invalid');
  });

  test('a proxy that was named is believed about the address and TLS, and nobody else', async () => {
    const proxied = async (localAddress: string): Promise<string[]> => {
      const asked = request(`${base}/api/v1/session`, {
        method: 'POST',
        localAddress,
        headers: {
          'nightshift-request': '1',
          'content-type': 'application/json',
          'x-forwarded-for': '198.51.100.77',
          'x-forwarded-proto': 'https',
        },
      });
      asked.end(JSON.stringify({ name: 'operator', password }));
      const [response] = await once(asked, 'response');
      response.resume();
      return response.headers['set-cookie'] ?? [];
    };
    expect((await proxied('127.0.0.2'))[0]).toMatch(/^__Host-nightshift=.*; Secure$/);
    expect((await proxied('127.0.0.3'))[0]).toMatch(
      /^nightshift=[^;]*; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const entries = await daemon.json<{ act: string; address: string }[]>('activity', '-n', '2');
    expect(entries.map(({ address }) => address)).toEqual(['127.0.0.3', '198.51.100.77']);
  });
});

test.each([
  [['--trust-proxy', 'proxy.example'], /"proxy.example" is not the address or network of a proxy/],
  [
    ['--operator-password-file', '/nowhere/at/all'],
    /the operator's password can't be read from \/nowhere\/at\/all/,
  ],
])('a start with %j is refused with a sentence, and leaves nothing that runs', async (options, says) => {
  const stage = new Stage();
  const server = createServer();
  onTestFinished(async () => {
    server.close();
    await stage.dispose();
  });
  // Its port is not held by a start that was refused.
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await expect(stage.start('--listen', `127.0.0.1:${port}`, ...options)).rejects.toThrow(says);
  const again = createServer();
  again.listen(port, '127.0.0.1');
  await once(again, 'listening');
  again.close();
});

test('somebody who guesses ten times is told when to try again, and it is in the activity log', async () => {
  // A daemon of its own: the address is held up for a while, whoever comes from it.
  const stage = new Stage();
  onTestFinished(() => stage.dispose());
  const daemon = await stage.start('--listen', '127.0.0.1:0', '--ephemeral');
  const eve = new Visitor(addressOf(await daemon.ready()));
  const statuses: number[] = [];
  for (let n = 0; n < 10; n += 1)
    statuses.push((await eve.ask('POST /session', { name: `eve${n % 2}`, password: `guess ${n}` })).status);
  statuses.push(
    ...(await Promise.all(
      Array.from(
        { length: 10 },
        async () => (await eve.ask('POST /session', { name: 'eve0', password: 'x' })).status,
      ),
    )),
  );
  expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401));
  expect(statuses).toContain(429);
  const failed = await daemon.json<{ act: string; actor: string }[]>('activity', '-n', '5');
  expect(failed).toContainEqual(expect.objectContaining({ act: 'fail to log in', actor: 'unknown' }));
});
