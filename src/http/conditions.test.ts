import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Route, routes } from '../contract/routes.ts';
import type { Actor, Control } from '../control/control.ts';
import { aRun, aWorkerView, controlDouble } from './control-double.testkit.ts';
import { holdToDocument } from './documented.testkit.ts';
import { createHttpServer } from './server.ts';

const operator: Actor = { name: 'operator', role: 'operator', via: 'socket' };

function serverOf(answers: Partial<Control> = {}) {
  const double = controlDouble(answers);
  const log = pino({ level: 'silent' });
  const app = createHttpServer({ control: double.control, log, actorOf: () => operator });
  holdToDocument(app);
  onTestFinished(() => app.close());
  const ask = async (line: string, headers: Record<string, string> = {}, payload?: object) => {
    const [method = '', path = ''] = line.split(' ');
    const url = `/api/v1${path}`;
    return await app.inject({ method: method as 'GET', url, headers, ...(payload ? { payload } : {}) });
  };
  return { ask, ...double };
}

const job = '/environments/demo/jobs/a-worker';

describe('a tag', () => {
  test('goes with a job and with an environment, in the answer and in its header', async () => {
    const { ask } = serverOf();
    for (const path of [job, '/environments/demo']) {
      const answer = await ask(`GET ${path}`);
      expect(answer.headers.etag).toBe(`"${answer.json().etag}"`);
    }
    expect((await ask('GET /plans')).headers.etag).toBeUndefined();
  });

  test.each([
    ['PATCH', job, { instances: 2 }],
    ['DELETE', job, undefined],
    ['POST', `${job}/start`, undefined],
    ['POST', `${job}/stop`, undefined],
    ['POST', '/environments/demo/jobs/a-cron/pause', undefined],
    ['POST', '/environments/demo/jobs/a-cron/resume', undefined],
    ['PATCH', '/environments/demo', { trial: true }],
    ['PATCH', '/environments/demo', { paused: true }],
    ['PATCH', '/environments/demo', { maskSecrets: true }],
    ['PUT', '/environments/demo/component', { plan: 'M' }],
    ['DELETE', '/environments/demo/component', undefined],
    ['DELETE', '/environments/demo', undefined],
  ])('that is sent with %s %s reaches the use case', async (method, path, body) => {
    const { ask, asked } = serverOf();
    const { etag } = (await ask(`GET ${job}`)).headers;
    const answer = await ask(`${method} ${path}`, { 'if-match': `W/${etag}` }, body);
    expect(answer.statusCode).toBeLessThan(300);
    expect(JSON.stringify(asked.at(-1))).toContain(`"ifMatch":${etag}`);
  });

  test('is asked of the first of several changes only, as the others find what the first made', async () => {
    const { ask, asked } = serverOf();
    await ask(
      'PATCH /environments/demo',
      { 'if-match': '"t"' },
      { trial: true, paused: true, maskSecrets: true },
    );
    expect(asked).toEqual([
      ['setTrial', 'demo', true, { ifMatch: 't' }],
      ['setPaused', 'demo', true],
      ['setMaskSecrets', 'demo', true],
    ]);
  });

  test.each(['unquoted', '"a", "b"', '"', '"a b"'])('has to be one, in quotes: %s', async (header) => {
    const { ask, asked } = serverOf();
    const answer = await ask(`DELETE ${job}`, { 'if-match': header });
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'request.invalid']);
    expect(asked).toEqual([]);
  });

  test('is refused where nobody looks at it', async () => {
    const { ask, asked } = serverOf();
    const answer = await ask(`POST ${job}/restart`, { 'if-match': '"t"' });
    expect(answer.json().error.message).toBe('"If-Match" is not looked at here: leave it away');
    expect(asked).toEqual([]);
  });
});

describe('an idempotency key', () => {
  const run = 'POST /environments/demo/jobs/a-cron/run';

  test('lets what would double be done once', async () => {
    let runs = 0;
    const { ask } = serverOf({ runJob: async () => ({ ...aRun, id: `run-${++runs}` }) });
    const headers = { 'idempotency-key': '0b5c' };
    const [first, second, other] = [await ask(run, headers), await ask(run, headers), await ask(run)];
    expect(first.json().id).toBe('run-1');
    expect(second.body).toBe(first.body);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(other.json().id).toBe('run-2');
  });

  test('is for one request: another address or body is refused', async () => {
    const { ask, asked } = serverOf({ addJob: async () => aWorkerView });
    const headers = { 'idempotency-key': '0b5c' };
    const add = (name: string) =>
      ask('POST /environments/demo/jobs', headers, { name, type: 'worker', command: 'x' });
    expect((await add('a')).statusCode).toBe(201);
    const answer = await add('b');
    expect([answer.statusCode, answer.json().error.code]).toEqual([422, 'request.key-reused']);
    expect(asked).toHaveLength(1);
  });

  test('has to be short and printable', async () => {
    const { ask } = serverOf();
    for (const key of ['', 'x'.repeat(201), 'a b'])
      expect((await ask(run, { 'idempotency-key': key })).statusCode).toBe(400);
  });

  test('is taken by every POST that adds something or begins it', () => {
    const taking = Object.entries(routes as Record<string, Route>).flatMap(([name, { once }]) =>
      once ? [name] : [],
    );
    expect(taking.sort()).toEqual([
      'addAlertChannel',
      'addJob',
      'addUser',
      'createEnvironment',
      'createToken',
      'deploy',
      'runJob',
    ]);
  });
});
