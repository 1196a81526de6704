import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { megabyte } from '../domain/plan.ts';
import { makeWorld, member, noWait, operator, refused, type World, withShop } from './world.testkit.ts';

let world: World;
let began: number;
beforeEach(async () => {
  world = await makeWorld();
  began = world.clock.wall();
  await withShop(world);
  await world.control.addJob(operator, 'shop', { name: 'mailer', type: 'worker', command: 'x' }, noWait);
});
afterEach(() => world.dispose());

function look(memoryBytes: number): void {
  world.clock.advance(10_000);
  const usage = {
    ...{ memoryBytes, cacheBytes: megabyte, memoryMaxBytes: null, swapBytes: 0, processes: 1 },
    ...{ cpuSeconds: world.clock.monotonic() / 4_000, throttledSeconds: 0, outOfMemoryKills: 0 },
  };
  const runs = [{ runId: 'run-1', job: 'mailer', memoryBytes: memoryBytes / 2, cpuSeconds: 0 }];
  const limits = { memoryBytes: 512 * megabyte, cpu: 0.5 };
  world.platform.onEvent({ kind: 'measured', environment: 'shop', usage, runs, limits });
}

describe('metrics', () => {
  it('are those of the last hour when nobody says which', async () => {
    look(10 * megabyte);
    look(20 * megabyte);
    const view = await world.control.metrics(operator, { environment: 'shop' });
    expect(view).toMatchObject({ environment: 'shop', job: null, stepSeconds: 10, plan: { name: 'M' } });
    expect(view.series.memoryBytes).toHaveLength(360);
    expect(view.series.memoryBytes.slice(-2)).toEqual([10 * megabyte, 20 * megabyte]);
    expect(view.series.memoryWithCacheBytes.at(-1)).toBe(21 * megabyte);
    expect(view.series.cpu.at(-1)).toBe(0.25);
  });

  it('are told of a job alone', async () => {
    look(10 * megabyte);
    const view = await world.control.metrics(operator, { environment: 'shop', job: 'mailer' });
    expect(view.series.memoryBytes.at(-1)).toBe(5 * megabyte);
  });

  it('have deployments, restarts and kills as marks, in the order of time', async () => {
    const run = world.platform.run('shop', 'mailer');
    const worker = { ...run, kind: 'worker', trigger: 'failure', startedAt: began + 1_000 } as const;
    world.platform.onEvent({ kind: 'run-started', run: worker });
    await world.store.saveDeployment({
      ...{ id: 'deploy-1', environment: 'shop', trigger: 'git', commit: 'abcdef1234567890' },
      ...{ startedAt: began + 500, endedAt: began + 900, outcome: 'ok', reason: null },
      ...{ branch: 'main', askedBy: null, state: 'done', steps: [] },
    });
    look(megabyte);
    const { marks } = await world.control.metrics(operator, { environment: 'shop' });
    expect(marks).toEqual([
      { at: began + 500, kind: 'deployment', job: null, id: 'deploy-1', text: 'abcdef1 done' },
      { at: began + 1_000, kind: 'restart', job: 'mailer', id: run.id, text: 'failure' },
    ]);
  });

  it('are refused for a range that ends before it begins, and for what is not there', async () => {
    const { control } = world;
    const backwards = { environment: 'shop', from: began, until: began };
    const refusal = await refused('metrics.range', control.metrics(operator, backwards));
    expect(refusal.message).toContain('before it begins (2026-01-14T12:00:00.000Z)');
    await refused('job.unknown', control.metrics(operator, { environment: 'shop', job: 'nobody' }));
    await refused('environment.unknown', control.metrics(operator, { environment: 'nope' }));
  });

  it('are shown to members of the environment, and to nobody else', async () => {
    look(megabyte);
    const { control } = world;
    await refused('environment.unknown', control.metrics(member('blog'), { environment: 'shop' }));
    await refused('environment.unknown', control.lastHour(member('blog'), 'shop'));
    expect(await control.lastHour(member('blog'))).toEqual([]);
    expect((await control.lastHour(member('shop'))).map((each) => each.environment)).toEqual(['shop']);
  });

  it('go with their environment', async () => {
    look(megabyte);
    await world.control.removeEnvironment(operator, 'shop');
    await withShop(world);
    const { series } = await world.control.metrics(operator, { environment: 'shop' });
    expect(series.memoryBytes.every((value) => value === null)).toBe(true);
  });
});
