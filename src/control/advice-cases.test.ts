import { afterEach, beforeEach, expect, test } from 'vitest';
import { megabyte } from '../domain/plan.ts';
import { sampleRun } from '../store/store.testkit.ts';
import { makeWorld, member, noWait, operator, refused, type World, withShop } from './world.testkit.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
});
afterEach(async () => {
  world.control.close();
  await world.dispose();
});

const minute = 60_000;

test('says which worker grows, with what metrics kept of its run', async () => {
  await world.control.addJob(operator, 'shop', { name: 'mails', type: 'worker', command: 'x' }, noWait);
  expect(await world.control.advice(member('shop'), 'shop')).toEqual({ plan: null, jobs: [] });
  const began = world.clock.wall();
  const job = { environment: 'shop', job: 'mails', reason: 'running', runs: ['r1'], instancesRunning: 1 };
  world.platform.observed.push({ ...job, state: { kind: 'running', since: began }, memoryBytes: 1 });
  for (let index = 0; index < 9 * 12; index++) {
    world.clock.advance(5 * minute);
    const memoryBytes = (60 + index) * megabyte;
    world.platform.onEvent({
      kind: 'measured',
      environment: 'shop',
      usage: {
        ...{ memoryBytes, cacheBytes: 0, memoryMaxBytes: null, swapBytes: 0, cpuSeconds: index },
        ...{ throttledSeconds: 0, outOfMemoryKills: 0, processes: 1 },
      },
      runs: [{ runId: 'r1', job: 'mails', memoryBytes, cpuSeconds: index }],
      limits: { memoryBytes: 512 * megabyte, cpu: 0.5 },
    });
  }
  const { jobs } = await world.control.advice(operator, 'shop');
  expect(jobs).toMatchObject([
    {
      kind: 'grows',
      job: 'mails',
      sentence: expect.stringMatching(/^"mails" grows by 1[12]\.\d MB an hour/),
    },
  ]);
});

test('says which cron overlaps itself, and nothing to strangers', async () => {
  await world.control.addJob(
    operator,
    'shop',
    { name: 'feed', type: 'cron', command: 'x', interval: '10m' },
    noWait,
  );
  const now = world.clock.wall();
  for (let index = 1; index <= 9; index++) {
    const from = now - index * 10 * minute;
    const run = { job: 'feed', kind: 'cron', dueAt: from, createdAt: from, startedAt: from } as const;
    await world.store.beginRuns([sampleRun('shop', `run-${index}`, run)], []);
    const end = {
      endedAt: from + 14 * minute,
      exit: { kind: 'exited', code: 0 },
      outcome: 'ok',
      reason: null,
    } as const;
    await world.store.runEnded(
      `run-${index}`,
      { ...end, memoryAvgBytes: null, memoryMaxBytes: null, leftovers: [] },
      [],
    );
  }
  expect((await world.control.advice(operator, 'shop')).jobs).toMatchObject([
    { kind: 'overlaps', job: 'feed' },
  ]);
  await refused('environment.unknown', world.control.advice(member('blog'), 'shop'));
});
