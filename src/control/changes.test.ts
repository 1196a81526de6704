/** What becomes of a change whose write stands, when something after it fails. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../test/testkit/fake-clock.ts';
import { limits } from '../domain/limits.ts';
import { makeWorld, noWait, operator, refused, type World, withShop } from './world.testkit.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
});
afterEach(async () => {
  world.control.close();
  await world.dispose();
});

const add = (name: string) =>
  world.control.addJob(operator, 'shop', { name, type: 'worker', command: 'x' }, noWait);

describe('a change that the platform can’t take in', () => {
  beforeEach(async () => {
    world.platform.fail('apply', 'the runtime does not answer');
  });

  it('is kept, and says that it is', async () => {
    const refusal = await refused('platform.failed', add('a'));
    expect(refusal.message).toContain('is kept');
    expect(refusal.message).toContain('the runtime does not answer');
    expect(await world.store.job('shop', 'a')).toBeDefined();
    expect((await world.control.environment(operator, 'shop')).notices).toEqual([
      expect.stringContaining('is tried again'),
    ]);
    expect(world.troubles).toHaveLength(1);
    expect((await world.control.activity(operator, { environment: 'shop', limit: 1 }))[0]?.act).toBe(
      'add job',
    );
  });

  it('is told again until it is taken in', async () => {
    await refused('platform.failed', add('a'));
    const tried = world.platform.ordered('apply').length;
    world.clock.advance(1_000);
    await expect.poll(() => world.troubles).toHaveLength(2);
    world.platform.fail('apply', null);
    world.clock.advance(1_999);
    await settle();
    expect(world.platform.ordered('apply')).toHaveLength(tried + 1);
    world.clock.advance(1);
    await expect.poll(() => world.platform.wishes.get('shop')?.jobs).toHaveLength(1);
    expect(world.clock.waiting).toBe(0);
    expect((await world.control.environment(operator, 'shop')).notices).toEqual([]);
  });

  it('is overtaken by the next change, which tells all of the wish', async () => {
    await refused('platform.failed', add('a'));
    world.platform.fail('apply', null);
    await add('b');
    expect(world.platform.wishes.get('shop')?.jobs.map((job) => job.name)).toEqual(['a', 'b']);
    expect(world.clock.waiting).toBe(0);
  });

  it('is forgotten with its environment', async () => {
    await refused('platform.failed', add('a'));
    await world.control.removeEnvironment(operator, 'shop');
    expect(world.clock.waiting).toBe(0);
  });
});

it('a change that the activity log can’t keep stands, and is trouble for the operator', async () => {
  world.failStore('addActivity');
  await add('a');
  expect(world.platform.wishes.get('shop')?.jobs).toHaveLength(1);
  expect(world.troubles).toEqual([expect.stringContaining('is not in the activity log')]);
});

it('changes wait for each other only so many', async () => {
  const all = Array.from({ length: limits.changesWaiting }, () =>
    world.control.stopJob(operator, 'shop', 'nope', noWait),
  );
  const settled = Promise.allSettled(all);
  await refused('environment.too-busy', add('a'));
  expect((await settled).every((each) => each.status === 'rejected')).toBe(true);
  await add('a');
});

it('every change is in the activity log', async () => {
  const { control } = world;
  await add('a');
  await control.addJob(operator, 'shop', { name: 'c', type: 'cron', command: 'x', interval: '1h' }, noWait);
  await control.editJob(operator, 'shop', 'a', { command: 'y' }, noWait);
  await control.stopJob(operator, 'shop', 'a', noWait);
  await control.startJob(operator, 'shop', 'a', noWait);
  await control.restartJob(operator, 'shop', 'a', noWait);
  await control.runJob(operator, 'shop', 'c', noWait);
  await control.removeJob(operator, 'shop', 'a');
  await control.setVariables(operator, 'shop', { A: '1' }, noWait);
  await control.deploy(operator, 'shop', 'cli', noWait);
  await control.resetStatistics(operator, 'shop');
  await control.book(operator, 'shop', 'L', { wait: false, force: false });
  await control.unbook(operator, 'shop', noWait);
  await control.setTrial(operator, 'shop', true);
  await control.removeEnvironment(operator, 'shop');
  const acts = (await control.activity(operator, { limit: 100 })).map((entry) => entry.act);
  expect(acts.reverse()).toEqual([
    'create environment',
    'book plan',
    'add job',
    'add job',
    'edit job',
    'stop job',
    'start job',
    'restart job',
    'run job',
    'remove job',
    'set variables',
    'deploy',
    'reset statistics',
    'book plan',
    'unbook plan',
    'begin trial',
    'remove environment',
  ]);
});
