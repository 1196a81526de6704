/** Ten thousand bad requests: none is answered with a fault of ours, none hangs, none gets anything of another environment. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { within } from '../../test/testkit/deadline.ts';
import { apiPrefix, type Route, routes } from '../contract/routes.ts';
import { endedOf } from '../control/recording-platform.testkit.ts';
import { makeWorld, member, noWait, operator } from '../control/world.testkit.ts';
import { holdToDocument } from './documented.testkit.ts';
import { listenOnTcp } from './listen-on-tcp.ts';
import { createHttpServer } from './server.ts';

const requests = 10_000;
const seed = Number(process.env.NIGHTSHIFT_FUZZ_SEED ?? Date.now() % 1_000_000);
/** Stands in everything of the environment that the caller does not see. */
const theirs = 'not-for-you';

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function randomOf(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const oddTexts = [
  '',
  ' ',
  '.',
  '..',
  '../../etc/passwd',
  '%00',
  '\0',
  '%',
  "' or 1=1 --",
  '"; drop table jobs; --',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'ünïcødé 🦉',
  '\ud800',
  'a'.repeat(1_001),
  'a'.repeat(20_000),
  '-1',
  '0',
  'NaN',
  '1e999',
  'true',
  'null',
  '2026-13-40T99:99:99Z',
  '$(reboot)',
  '\r\nset-cookie: a=b',
];
const oddNumbers = [0, -1, 1.5, 1e308, -0, 2 ** 31, Number.MAX_SAFE_INTEGER];
const knownWords = [
  'shop',
  'blog',
  'mail',
  'report',
  'worker',
  'cron',
  'M',
  'XL',
  'TERM',
  '1h',
  '10m',
  '* * * * *',
];
const fieldNames = [
  ...'name type command status exitSignal exitTimeoutSeconds instances interval crontab timezone maxRuntimeSeconds'.split(
    ' ',
  ),
  ...'maxInstances catchUp paused maskSecrets retries retryOn plan force trial variables root user trigger scope expiresAt'.split(
    ' ',
  ),
  ...'password secret code role environments wait limit before after job next from expression environment open'.split(
    ' ',
  ),
  ...'format level since until contains last run everywhere __proto__ constructor toString'.split(' '),
];

function generator(random: () => number) {
  const oneOf = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const chance = (share: number): boolean => random() < share;
  const text = (): string => (chance(0.5) ? oneOf(oddTexts) : oneOf(knownWords));
  const value = (depth = 0): unknown => {
    const kind = Math.floor(random() * (depth > 3 ? 4 : 7));
    if (kind === 0) return text();
    if (kind === 1) return oneOf(oddNumbers);
    if (kind === 2) return chance(0.5);
    if (kind === 3) return null;
    if (kind === 4) return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1));
    return object(depth + 1);
  };
  const object = (depth: number): Record<string, unknown> =>
    Object.fromEntries(
      Array.from({ length: Math.floor(random() * 6) }, () => [oneOf(fieldNames), value(depth)] as const),
    );
  const encoded = (word: string): string => {
    try {
      return chance(0.9) ? encodeURIComponent(word) : word.replaceAll(/[\s\p{Cc}]/gu, '');
    } catch {
      return '%ff';
    }
  };
  const query = (): string =>
    chance(0.5)
      ? ''
      : `?${Array.from({ length: 1 + Math.floor(random() * 3) }, () => `${oneOf(fieldNames)}=${encoded(text())}`).join('&')}`;
  const body = (): { payload?: string; headers: Record<string, string> } => {
    if (chance(0.2)) return { headers: {} };
    const payload = chance(0.1) ? oneOf(oddTexts) : JSON.stringify(value());
    const type = chance(0.9) ? 'application/json' : oneOf(['text/plain', 'application/xml', 'nonsense', '']);
    return { payload: chance(0.05) ? payload.slice(1) : payload, headers: { 'content-type': type } };
  };
  return () => {
    const route = oneOf(Object.values(routes) as Route[]);
    const path = chance(0.1)
      ? `/${encoded(text())}/${encoded(text())}`
      : route.path.replaceAll(/:\w+/g, () => encoded(chance(0.6) ? oneOf(knownWords) : text()));
    const method = chance(0.85)
      ? route.method
      : oneOf(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);
    const sent = body();
    const headers: Record<string, string> = {
      ...(method === 'GET' || method === 'HEAD' ? {} : sent.headers),
      ...(chance(0.1) ? { 'if-match': oneOf(['"x"', '*', 'x', '"']) } : {}),
      ...(chance(0.1) ? { 'idempotency-key': oneOf(['k', 'a b', 'x'.repeat(300)]) } : {}),
    };
    const url = `${chance(0.97) ? apiPrefix : ''}${path}${query()}`;
    const payload = method === 'GET' || method === 'HEAD' ? undefined : sent.payload;
    return { method, url, headers, ...(payload === undefined ? {} : { payload }) };
  };
}

/** Streams that go on for ever are another test's. */
const endless = /\/events\b|follow=true/;

test(`${requests} bad requests get an answer, never a fault, and nothing of others (seed ${seed})`, async () => {
  const world = await makeWorld();
  const { control, platform } = world;
  for (const name of ['shop', 'blog']) {
    await control.createEnvironment(operator, { name, root: `/srv/${name}` });
    await control.book(operator, name, 'M', { wait: false, force: false });
    const mark = name === 'blog' ? theirs : 'ours';
    await control.addJob(operator, name, { name: 'mail', type: 'worker', command: mark }, noWait);
    await control.addJob(
      operator,
      name,
      { name: 'report', type: 'cron', command: mark, interval: '1h' },
      noWait,
    );
    await control.setVariables(operator, name, { MARK: mark }, noWait);
  }
  // A run by hand ends at once.
  const runNow = platform.runNow.bind(platform);
  platform.runNow = async (...asked) => {
    const run = await runNow(...asked);
    setImmediate(() => platform.onEvent({ kind: 'run-ended', run: endedOf(run) }));
    return run;
  };
  const faults: unknown[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void faults.push(JSON.parse(line)) });
  const app = createHttpServer({ control, log, actorOf: () => member('shop') });
  holdToDocument(app);
  onTestFinished(async () => {
    await app.close();
    await world.dispose();
  });
  const next = generator(randomOf(seed));
  const statuses = new Map<number, number>();
  let asked = 0;
  while (asked < requests) {
    const batch = Array.from({ length: 50 }, next).filter(({ url }) => !endless.test(url));
    const answers = batch.map(async (request) => {
      const answer = await app.inject(request as { method: 'GET'; url: string });
      const said = JSON.stringify(request).slice(0, 2_000);
      expect(answer.statusCode, `${said}: ${answer.body.slice(0, 500)}`).toBeLessThan(500);
      expect(answer.body, said).not.toContain(theirs);
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
    });
    await within(`answers to requests ${asked} to ${asked + batch.length}`, Promise.all(answers), 30_000);
    asked += batch.length;
  }
  expect(faults).toEqual([]);
  // What they tried on reached every kind of answer, and what is not theirs is as it was.
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 403, 404, 422]));
  const blog = await control.jobs(operator, 'blog');
  expect(blog.map(({ job }) => [job.name, job.command, job.version])).toEqual([
    ['mail', theirs, 1],
    ['report', theirs, 1],
  ]);
  expect(await control.variables(operator, 'blog')).toEqual({ MARK: theirs });
}, 120_000);

test('bytes that are no request at all are cut off, and others are served on', async () => {
  const random = randomOf(seed);
  const world = await makeWorld();
  const app = createHttpServer({ control: world.control, log: pino({ level: 'silent' }) });
  onTestFinished(async () => {
    await app.close();
    await world.dispose();
  });
  const { port } = await listenOnTcp(app, { host: '127.0.0.1', port: 0 });
  const beginnings = [
    '',
    'GET / HTTP/1.1\r\n',
    'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n',
  ];
  const ends = Array.from({ length: 100 }, async (_, number) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    const noise = Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256)));
    socket.end(Buffer.concat([Buffer.from(beginnings[number % 3] ?? ''), noise]));
    await once(socket, 'close');
  });
  await within('the end of all connections', Promise.all(ends), 30_000);
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
});
