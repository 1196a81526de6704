import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sessionHeader } from '../contract/account.ts';
import { apiPrefix, type Route, type RouteName, routes } from '../contract/routes.ts';
import { errorBody } from '../contract/wire.ts';
import type { Actor, Control } from '../control/control.ts';
import { Refusal } from '../domain/errors.ts';
import { aCronView, aRun, aWorkerView, controlDouble } from './control-double.testkit.ts';
import { holdToDocument } from './documented.testkit.ts';
import { routeExamples } from './route-examples.testkit.ts';
import { createHttpServer } from './server.ts';

const operator: Actor = { name: 'operator', role: 'operator', via: 'socket' };

function serverOf(answers: Partial<Control> = {}) {
  const double = controlDouble(answers);
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const app = createHttpServer({ control: double.control, log, actorOf: () => operator });
  holdToDocument(app);
  onTestFinished(() => app.close());
  const ask = async (line: string, payload?: unknown) => {
    const [method = '', path = ''] = line.split(' ');
    const answer = await app.inject({
      method: method as 'GET',
      url: `${apiPrefix}${path}`,
      headers: { [sessionHeader]: '1' },
      ...(payload === undefined ? {} : { payload: payload as object }),
    });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  };
  return { app, ask, lines, ...double };
}

test('pages of the ledger name the job of their last row, as several crons are due at one moment', async () => {
  const { ask, asked } = serverOf();
  const next = '2026-11-22T03:11:26.000Z a-cron';
  expect((await ask('GET /environments/demo/due-times?limit=1')).body).toMatchObject({ next });
  await ask(`GET /environments/demo/due-times?limit=1&before=${encodeURIComponent(next)}`);
  const place = {
    environment: 'demo',
    limit: 1,
    before: Date.UTC(2026, 10, 22, 3, 11, 26),
    beforeJob: 'a-cron',
  };
  expect(asked.at(-1)).toEqual(['dueTimes', place]);
});

describe('every route that answers with a document', () => {
  test.each(Object.entries(routeExamples))(
    '%s asks its use case and answers as the contract says',
    async (name, example) => {
      const { ask, asked, actors } = serverOf();
      const route: Route = routes[name as RouteName];
      const { status, body } = await ask(example.ask, example.body);
      expect(asked).toEqual([example.asks]);
      if (route.access === 'account') expect(actors).toEqual([operator]);
      expect(status).toBe(route.status);
      expect(route.response.parse(body)).toEqual(body);
    },
  );

  test('is in the list above, and each of them has a path of its own', () => {
    const lines = Object.values(routes).map(({ method, path }) => `${method} ${path}`);
    expect(new Set(lines).size).toBe(lines.length);
    expect(Object.keys(routes).filter((name) => name !== 'logs' && name !== 'exec')).toEqual(
      expect.arrayContaining(Object.keys(routeExamples)),
    );
  });
});

describe('what goes over the wire', () => {
  test('of a cron are its statistics, its settings and times in RFC 3339', async () => {
    const { ask } = serverOf();
    const { body } = await ask('GET /environments/demo/jobs/a-cron');
    expect(body).toMatchObject({
      name: 'a-cron',
      type: 'cron',
      status: 'enabled',
      state: 'scheduled',
      running: false,
      fails: 2,
      exitsOk: 44,
      restarts: 0,
      durationAvgSeconds: 5,
      durationMaxSeconds: 5,
      memoryAvgBytes: 15_833_498,
      memoryMaxBytes: 15_833_498,
      command: 'php report.php',
      exitSignal: 'TERM',
      exitTimeoutSeconds: 10,
      instances: 1,
      interval: null,
      crontab: '15 3 * * 1-5',
      timezone: 'Europe/Berlin',
      maxRuntimeSeconds: 43_200,
      maxInstances: 5,
      nextDueAt: '2026-11-22T03:18:07.250Z',
    });
  });

  test('of a worker has null where a setting belongs to crons, and no duration', async () => {
    const { ask } = serverOf();
    const { body } = await ask('GET /environments/demo/jobs/a-worker');
    expect(body).toMatchObject({
      running: true,
      durationAvgSeconds: null,
      crontab: null,
      interval: null,
      timezone: null,
      maxInstances: null,
      handover: 'stop-first',
      stateSince: '2026-11-22T02:22:07.250Z',
    });
  });

  test('of a run has an exit code or an exit signal, never both', async () => {
    const runs = [
      aRun,
      { ...aRun, exit: { kind: 'signalled', signal: 'KILL' } as const },
      { ...aRun, exit: { kind: 'unknown', why: 'the machine was off' } as const, outcome: 'lost' as const },
      { ...aRun, exit: null, endedAt: null, outcome: null, reason: null },
    ];
    const { ask } = serverOf({ runs: async () => runs });
    const { body } = await ask('GET /environments/demo/runs');
    expect(
      body.items.map((run: { exitCode: unknown; exitSignal: unknown }) => [run.exitCode, run.exitSignal]),
    ).toEqual([
      [3, null],
      [null, 'KILL'],
      [null, null],
      [null, null],
    ]);
  });

  test('of a list has the cursor of the next page when this one is full', async () => {
    const { ask, asked } = serverOf({ runs: async () => [aRun, { ...aRun, id: 'run-1' }] });
    expect((await ask('GET /environments/demo/runs?limit=2')).body.next).toBe('run-1');
    expect((await ask('GET /environments/demo/runs?limit=3&before=run-1')).body.next).toBeNull();
    expect(asked[1]).toEqual(['runs', { environment: 'demo', before: 'run-1', limit: 3 }]);
  });

  test('of jobs comes in pages where asked for, and whole where not', async () => {
    const views = ['a', 'b', 'c'].map((name) => ({ ...aWorkerView, job: { ...aWorkerView.job, name } }));
    const jobs: Control['jobs'] = async (_, __, { after = '', limit } = { limit: 9 }) =>
      views.filter(({ job }) => job.name > after).slice(0, limit);
    const { ask } = serverOf({ jobs });
    const names = (body: { items: { name: string }[] }) => body.items.map((job) => job.name);
    const first = (await ask('GET /environments/demo/jobs?limit=2')).body;
    expect([names(first), first.next]).toEqual([['a', 'b'], 'b']);
    const second = (await ask('GET /environments/demo/jobs?limit=2&after=b')).body;
    expect([names(second), second.next]).toEqual([['c'], null]);
    expect(names((await ask('GET /environments/demo/jobs')).body)).toEqual(['a', 'b', 'c']);
  });

  test('of a job that never ran has nulls for what was not measured', async () => {
    const fresh = { ...aCronView.statistics, ended: 0, memorySeconds: 0, memoryMaxBytes: 0 };
    const { ask } = serverOf({ job: async () => ({ ...aCronView, statistics: fresh }) });
    expect((await ask('GET /environments/demo/jobs/a-cron')).body).toMatchObject({
      durationAvgSeconds: null,
      durationMaxSeconds: null,
      memoryAvgBytes: null,
      memoryMaxBytes: null,
    });
  });
});

describe('what is refused', () => {
  test('by a rule has the rule’s status, code, sentence and field', async () => {
    const { ask, lines } = serverOf({
      createEnvironment: async () => {
        throw new Refusal('environment.exists', { environment: 'demo' });
      },
    });
    const { status, body } = await ask('POST /environments', { name: 'demo', root: '/srv' });
    expect(status).toBe(409);
    expect(body).toEqual({
      error: {
        code: 'environment.exists',
        message: 'an environment "demo" exists already: choose another name',
        field: 'name',
      },
    });
    expect(lines).toEqual([]);
  });

  test('for no reason that anybody knows is logged, and its details stay in the log', async () => {
    const { ask, lines } = serverOf({
      plans: async () => {
        throw new Error('secret detail');
      },
    });
    const { status, body } = await ask('GET /plans');
    expect(status).toBe(500);
    expect(body.error.code).toBe('internal');
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(lines).toMatchObject([{ err: { message: 'secret detail' }, route: '/api/v1/plans' }]);
  });

  test.each([
    ['GET /nothing', undefined, 404, 'route.unknown', 'there is no GET /api/v1/nothing'],
    ['GET /environments/demo/runs?limit=0', undefined, 400, 'request.invalid', '"limit" must be at least 1'],
    ['GET /environments/demo/runs?limit=x', undefined, 400, 'request.invalid', '"limit" must be a number'],
    [
      'GET /environments/demo/runs?limt=1',
      undefined,
      400,
      'request.invalid',
      '"limt" is not known here: leave it away',
    ],
    ['GET /crontab', undefined, 400, 'request.invalid', '"expression" is missing'],
    [
      'GET /environments/demo/due-times?before=yesterday',
      undefined,
      400,
      'request.invalid',
      '"before" must be a time such as 2026-11-22T03:12:07Z',
    ],
    ['POST /environments', undefined, 400, 'request.invalid', 'the body is missing'],
    ['POST /environments', { name: 'demo' }, 400, 'request.invalid', '"root" is missing'],
    ['POST /environments', { name: 1, root: '/' }, 400, 'request.invalid', '"name" must be text'],
    ['POST /environments', [], 400, 'request.invalid', 'the body must be an object'],
    [
      'POST /environments/demo/jobs',
      { name: 'x', type: 'work' },
      400,
      'request.invalid',
      '"type" must be one of worker, cron',
    ],
    [
      'POST /environments/demo/jobs?wait=maybe',
      { name: 'x', type: 'worker' },
      400,
      'request.invalid',
      '"wait" must be one of true, false',
    ],
    [
      'PATCH /environments/demo/variables',
      { variables: { A: 1 } },
      400,
      'request.invalid',
      '"variables.A" must be text',
    ],
    ['POST /environments/demo/jobs/a/start', {}, 400, 'request.invalid', 'the body must be left away'],
    ['GET /environments/%ff/jobs', undefined, 400, 'request.invalid', 'the address holds a broken % escape'],
    [
      'GET /environments/demo/exec',
      undefined,
      400,
      'request.invalid',
      'exec is spoken over a WebSocket: upgrade the connection',
    ],
  ])('%s %j gets one sentence', async (line, body, status, code, message) => {
    const { ask, asked, lines } = serverOf();
    const answer = await ask(line, body);
    expect({ status: answer.status, ...answer.body.error }).toMatchObject({ status, code, message });
    expect(errorBody.parse(answer.body)).toEqual(answer.body);
    expect(asked).toEqual([]);
    expect(lines).toEqual([]);
  });

  test('because it is no JSON, or too large, gets a sentence as well', async () => {
    const { app } = serverOf();
    const post = (payload: string, type = 'application/json') =>
      app.inject({ method: 'POST', url: '/api/v1/environments', payload, headers: { 'content-type': type } });
    expect((await post('{')).json().error.message).toBe('the body is not valid JSON: send one JSON document');
    expect((await post('name=demo', 'application/x-www-form-urlencoded')).json().error.message).toBe(
      'the content-type is not application/json: send JSON',
    );
    const large = await post(JSON.stringify({ name: 'x'.repeat(1024 * 1024) }));
    expect([large.statusCode, large.json().error.code]).toEqual([413, 'request.too-large']);
  });

  test('is everybody who comes another way than over the socket, until accounts say who they are', async () => {
    const { control, asked } = controlDouble();
    const app = createHttpServer({ control, log: pino({ level: 'silent' }) });
    onTestFinished(() => app.close());
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const answer = await fetch(`${address}/api/v1/environments`);
    expect(answer.status).toBe(401);
    expect(asked).toEqual([]);
  });
});
