import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeWorld, member, noWait, operator, type World, withShop } from './world.testkit.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
});
afterEach(() => world.dispose());

describe('the daemon', () => {
  it('says what it is and that it lives', async () => {
    expect(await world.control.daemon(member())).toEqual({
      version: '1.2.3',
      pid: 42,
      startedAt: world.clock.wall(),
      dataFolder: '/var/lib/nightshift',
      runtime: 'fake',
      cannot: ['It isolates nothing.'],
      schedulerHeartbeatAt: 7,
      store: 'ok',
    });
  });

  it('answers also when the store does not', async () => {
    world.failStore('meta');
    expect(await world.control.daemon(operator)).toMatchObject({
      store: 'unavailable',
      schedulerHeartbeatAt: null,
    });
  });

  it('tells its plans', async () => {
    expect((await world.control.plans(member())).map((plan) => plan.name)).toEqual([
      'XS',
      'S',
      'M',
      'L',
      'XL',
      '2XL',
    ]);
  });
});

describe('a crontab expression', () => {
  const explain = (expression: string, timezone = 'UTC', from?: number) =>
    world.control.explainCrontab(operator, {
      expression,
      timezone,
      next: 3,
      ...(from === undefined ? {} : { from }),
    });

  it('is told in words, with its next due times in its zone', async () => {
    const view = await explain('30 6 * * *', 'Europe/Berlin', Date.UTC(2026, 2, 28, 0, 0));
    expect(view.description).toMatch(/06:30/);
    // The clocks go forward on 29 March 2026.
    expect(view.next).toEqual([
      Date.UTC(2026, 2, 28, 5, 30),
      Date.UTC(2026, 2, 29, 4, 30),
      Date.UTC(2026, 2, 30, 4, 30),
    ]);
  });

  it('counts from now where nothing else is said', async () => {
    const { next } = await explain('* * * * *');
    expect(next).toEqual([1, 2, 3].map((minute) => world.clock.wall() + minute * 60_000));
  });
});

describe('history', () => {
  it('of a job that was removed can still be read', async () => {
    await world.control.addJob(
      operator,
      'shop',
      { name: 'c', type: 'cron', command: 'x', interval: '1h' },
      noWait,
    );
    const run = { ...world.platform.run('shop', 'c'), createdAt: world.clock.wall() };
    await world.store.beginRuns([run], []);
    await world.control.removeJob(operator, 'shop', 'c');
    expect(await world.control.runs(operator, { environment: 'shop', job: 'c', limit: 5 })).toMatchObject([
      { id: run.id },
    ]);
    expect(await world.control.run(operator, 'shop', run.id)).toMatchObject({ job: 'c' });
  });

  it('of what was done is read by members for their own environments only', async () => {
    await world.control.createEnvironment(operator, { name: 'blog', root: '/srv/blog' });
    const own = await world.control.activity(member('blog'), { limit: 10 });
    expect(own.map((entry) => entry.environment)).toEqual(['blog']);
    expect(await world.control.activity(member(), { limit: 10 })).toEqual([]);
    expect(await world.control.activity(operator, { limit: 2 })).toHaveLength(2);
  });

  it('of what was done is read back page by page, over all environments alike', async () => {
    await world.control.createEnvironment(operator, { name: 'blog', root: '/srv/blog' });
    for (const [name, paused] of [
      ['shop', true],
      ['blog', true],
      ['shop', false],
    ] as const)
      await world.control.setPaused(operator, name, paused);
    const whole = await world.control.activity(member('shop', 'blog'), { limit: 99 });
    const paged = [];
    for (let before: number | undefined; ; ) {
      const page = await world.control.activity(member('shop', 'blog'), {
        limit: 2,
        ...(before === undefined ? {} : { before }),
      });
      paged.push(...page);
      before = page.at(-1)?.id;
      if (page.length < 2) break;
    }
    expect(paged).toEqual(whole);
    expect(whole.slice(0, 3).map(({ act, environment }) => [act, environment])).toEqual([
      ['resume crons', 'shop'],
      ['pause crons', 'blog'],
      ['pause crons', 'shop'],
    ]);
  });

  it('of what was done to an earlier environment of that name is not read by members', async () => {
    await world.control.removeEnvironment(operator, 'shop');
    world.clock.advance(1);
    await world.control.createEnvironment(operator, { name: 'shop', root: '/srv/shop' });
    const acts = (await world.control.activity(member('shop'), { limit: 99 })).map(({ act }) => act);
    expect(acts).toEqual(['create environment']);
  });

  it('of an environment that was removed is read by operators', async () => {
    await world.control.removeEnvironment(operator, 'shop');
    const [last] = await world.control.activity(operator, { environment: 'shop', limit: 10 });
    expect(last?.act).toBe('remove environment');
  });
});

it('log lines are handed on as the log store has them', async () => {
  world.logs.entries = ['one', 'two'].map((text) => ({
    time: 1,
    job: 'a',
    run: 'r',
    stream: 'stdout',
    level: 'INFO',
    message: Buffer.from(text),
  }));
  const lines: string[] = [];
  const { signal } = new AbortController();
  for await (const { entry } of world.control.logs(member('shop'), { environment: 'shop' }, signal))
    lines.push(Buffer.from(entry.message).toString());
  expect(lines).toEqual(['one', 'two']);
});

it('an environment that masks its secrets does so by whatever use case output is shown, until it does no more', async () => {
  await world.control.setVariables(operator, 'shop', { DB_PASSWORD: 'geheim-4711' }, noWait);
  const job = { name: 'c', type: 'cron', command: 'x', interval: '1h' } as const;
  await world.control.addJob(operator, 'shop', job, noWait);
  const run = { ...world.platform.run('shop', 'c'), createdAt: world.clock.wall() };
  await world.store.beginRuns([run], []);
  const message = Buffer.from('denied for geheim-4711');
  world.logs.entries = [{ time: 1, job: 'c', run: run.id, stream: 'stderr', level: 'ERR', message }];
  const { signal } = new AbortController();
  const shown = async (): Promise<string[]> => {
    const { output } = await world.control.why(member('shop'), 'shop', 'c');
    for await (const { entry } of world.control.logs(member('shop'), { environment: 'shop' }, signal))
      return [Buffer.from(entry.message).toString(), ...output];
    return [];
  };
  const plain = await shown();
  expect(new Set(plain)).toEqual(new Set(['denied for geheim-4711']));
  const { environment } = await world.control.setMaskSecrets(member('shop'), 'shop', true);
  expect(environment.maskSecrets).toBe(true);
  expect(await shown()).toEqual(plain.map(() => 'denied for [DB_PASSWORD]'));
  await world.control.setMaskSecrets(member('shop'), 'shop', false);
  expect(await shown()).toEqual(plain);
  const acts = (await world.control.activity(operator, { environment: 'shop', limit: 2 })).map(
    ({ act }) => act,
  );
  expect(acts).toEqual(['show secrets', 'mask secrets']);
});

it('the next due times are the platform’s', async () => {
  world.platform.due.push({ job: 'a', dueAt: 1 }, { job: 'b', dueAt: 2 });
  expect(await world.control.nextDue(member('shop'), 'shop', 1)).toEqual([{ job: 'a', dueAt: 1 }]);
});

it('the ledger says how the run of a due time ended, as soon as it has', async () => {
  const hog = { name: 'hog', type: 'cron', command: 'x', interval: '1h' } as const;
  await world.control.addJob(operator, 'shop', hog, noWait);
  const run = { ...world.platform.run('shop', 'hog'), createdAt: world.clock.wall() };
  const due = { environment: 'shop', job: 'hog', fate: 'ran', reason: null } as const;
  await world.store.beginRuns([run], [{ ...due, dueAt: world.clock.wall(), run: run.id }]);
  const ledger = () => world.control.dueTimes(operator, { environment: 'shop', limit: 5 });
  expect(await ledger()).toMatchObject([{ fate: 'ran', outcome: null }]);
  const exit = { kind: 'signalled', signal: 'KILL' } as const;
  const end = {
    endedAt: world.clock.wall(),
    exit,
    outcome: 'out-of-memory',
    reason: 'out of memory',
  } as const;
  const figures = { memoryAvgBytes: null, memoryMaxBytes: null, leftovers: [] };
  await world.store.runEnded(run.id, { ...end, ...figures }, []);
  expect(await ledger()).toMatchObject([{ fate: 'ran', run: run.id, outcome: 'out-of-memory' }]);
});
