import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { megabyte } from '../domain/plan.ts';
import { makeWorld, noWait, operator, refused, type World, wait, withShop } from './world.testkit.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
});
afterEach(() => world.dispose());

const book = (plan: string, options: { wait?: boolean; force?: boolean } = {}) =>
  world.control.book(operator, 'shop', plan, { wait: false, force: false, ...options });
const use = (memoryBytes: number) =>
  world.platform.usages.set('shop', {
    memoryBytes,
    cacheBytes: 0,
    memoryMaxBytes: null,
    swapBytes: 0,
    cpuSeconds: 0,
    throttledSeconds: null,
    outOfMemoryKills: null,
    processes: 1,
  });

describe('a plan', () => {
  it('is booked by its name, whatever its case, and told to the platform at once', async () => {
    const view = await book('xl', { wait: true });
    expect(view.plan).toMatchObject({ name: 'XL', jobs: 16 });
    expect(view.environment.plan).toBe('XL');
    expect(world.platform.wishes.get('shop')?.plan?.memoryBytes).toBe(2048 * megabyte);
    expect(world.platform.orders.slice(-2)).toEqual(['apply shop', 'settled shop']);
  });

  it('smaller than what the jobs hold is refused with both figures, and booked where that is forced', async () => {
    use(256 * megabyte + 1);
    const refusal = await refused('plan.memory-in-use', book('S'));
    expect(refusal.message).toContain('hold 256.0 MB now and plan S has 256 MB');
    const forced = await book('S', { force: true });
    expect(forced.plan?.name).toBe('S');
    expect(forced.notices[0]).toBe(
      'The jobs held 256.0 MB and plan S has 256 MB: what does not fit is ended, as out of memory.',
    );
    const [last] = await world.control.activity(operator, { environment: 'shop', limit: 1 });
    expect(last).toMatchObject({ act: 'book plan', detail: 'M → S, forced' });
  });

  it('that is forced says which jobs it ended', async () => {
    use(300 * megabyte);
    const hog = { name: 'hog', type: 'worker', command: 'x' } as const;
    await world.control.addJob(operator, 'shop', hog, noWait);
    const run = { ...world.platform.run('shop', 'hog'), createdAt: world.clock.wall() };
    await world.store.beginRuns([run], []);
    const exit = { kind: 'signalled', signal: 'KILL' } as const;
    const end = { endedAt: world.clock.wall(), exit, outcome: 'out-of-memory', reason: 'x' } as const;
    const figures = { memoryAvgBytes: null, memoryMaxBytes: null, leftovers: [] };
    await world.store.runEnded(run.id, { ...end, ...figures }, []);
    expect((await book('S', { force: true })).notices[0]).toBe(
      'The jobs held 300.0 MB and plan S has 256 MB: ended as out of memory: hog.',
    );
  });

  it('that holds just what is used is booked', async () => {
    use(256 * megabyte);
    expect((await book('S')).plan?.name).toBe('S');
  });

  it('too small for the enabled jobs is refused also where it is forced', async () => {
    for (const name of ['a', 'b'])
      await world.control.addJob(operator, 'shop', { name, type: 'worker', command: 'x' }, noWait);
    const refusal = await refused('plan.jobs-exceeded', book('XS', { force: true }));
    expect(refusal.message).toContain('holds 1 enabled jobs and "shop" would have 2');
    await world.control.stopJob(operator, 'shop', 'b', noWait);
    await book('XS');
  });

  it('with too little memory for its jobs is refused with the memory that is needed', async () => {
    const custom = await makeWorld([
      { name: 'lean', memoryBytes: 256 * megabyte, jobs: 4, cpu: 1, softLimitPerJobBytes: null },
    ]);
    await custom.control.createEnvironment(operator, { name: 'shop', root: '/srv/shop' });
    for (const name of ['a', 'b', 'c'])
      await custom.control.addJob(operator, 'shop', { name, type: 'worker', command: 'x' }, noWait);
    const refusal = await refused(
      'plan.memory-exceeded',
      custom.control.book(operator, 'shop', 'lean', { wait: false, force: false }),
    );
    expect(refusal.message).toContain('has 256 MB and 3 enabled jobs need 384 MB');
    await custom.dispose();
  });

  it('that plans.yml has lost holds on where it is a default one, and a notice says so', async () => {
    const only = await makeWorld([
      { name: 'big', memoryBytes: 512 * megabyte, jobs: 4, cpu: 1, softLimitPerJobBytes: null },
    ]);
    await only.control.createEnvironment(operator, { name: 'shop', root: '/srv/shop' });
    const [environment] = await only.store.environments();
    if (environment === undefined) throw new Error('no environment');
    await only.store.saveEnvironment({ ...environment, plan: 'M' });
    const view = await only.control.environment(operator, 'shop');
    expect(view.plan?.jobs).toBe(4);
    expect(view.notices).toEqual(['Plan M is not in plans.yml any more: book one of big.']);
    await only.store.saveEnvironment({ ...environment, plan: 'gone' });
    expect((await only.control.environment(operator, 'shop')).plan).toBeNull();
    await only.dispose();
  });
});

describe('advice', () => {
  /** For so long the jobs hold so much, and the platform looks every ten seconds. */
  const measured = (
    memoryBytes: number,
    hours: number,
    limits = { memoryBytes: 512 * megabyte, cpu: 0.5 },
  ): void => {
    for (let looks = 0; looks < hours * 360; looks++) {
      world.clock.advance(10_000);
      use(memoryBytes);
      const usage = world.platform.usages.get('shop');
      if (usage === undefined) throw new Error('nothing is used');
      world.platform.onEvent({ kind: 'measured', environment: 'shop', usage, runs: [], limits });
    }
  };
  const advice = async () => (await world.control.environment(operator, 'shop')).advice;

  it('on a larger plan is a notice of the environment, and names the plan', async () => {
    expect(await advice()).toBeNull();
    measured(500 * megabyte, 0.5);
    const sentence =
      'In the 29m 50s that were measured the jobs held 500.0 MB of 512 MB at their peak: plan L has 1024 MB and 1 CPU.';
    const view = await world.control.environment(operator, 'shop');
    expect(view.advice).toEqual({ kind: 'larger', plan: 'L', sentence });
    expect(view.notices).toEqual([sentence]);
  });

  it('is over when the larger plan is booked, and does not come back for what was before', async () => {
    measured(500 * megabyte, 0.5);
    await book('L');
    expect(await advice()).toBeNull();
    measured(500 * megabyte, 2, { memoryBytes: 1024 * megabyte, cpu: 1 });
    expect(await advice()).toBeNull();
    measured(1000 * megabyte, 0.1, { memoryBytes: 1024 * megabyte, cpu: 1 });
    expect(await advice()).toMatchObject({ kind: 'larger', plan: 'XL' });
  });
});

describe('unbooking', () => {
  it('stops the jobs and keeps their definitions', async () => {
    await world.control.addJob(operator, 'shop', { name: 'a', type: 'worker', command: 'x' }, noWait);
    const view = await world.control.unbook(operator, 'shop', wait);
    expect(view).toMatchObject({ plan: null, jobs: 1, jobsEnabled: 1, workersExpected: 0 });
    expect(world.platform.wishes.get('shop')).toMatchObject({ plan: null, jobs: [{ name: 'a' }] });
    expect(world.platform.orders.at(-1)).toBe('settled shop');
    await book('M');
    expect(await world.store.jobs('shop')).toMatchObject([{ name: 'a', status: 'enabled', version: 1 }]);
  });
});
