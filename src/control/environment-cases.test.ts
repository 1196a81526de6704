import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../domain/limits.ts';
import { makeWorld, member, noWait, operator, refused, type World, wait, withShop } from './world.testkit.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.dispose());

const create = (name = 'blog', root = '/srv/blog', user?: string) =>
  world.control.createEnvironment(operator, { name, root, ...(user === undefined ? {} : { user }) });

describe('a new environment', () => {
  it('runs its jobs as the owner of its root', async () => {
    const view = await create();
    expect(view.environment).toEqual({
      name: 'blog',
      root: '/srv/blog',
      user: 'www-data',
      trial: false,
      plan: null,
      paused: false,
      maskSecrets: false,
      createdAt: world.clock.wall(),
    });
    expect(view.notices).toEqual([]);
    expect(world.platform.wishes.get('blog')?.environment).toEqual(view.environment);
  });

  it('gets a user of its own where the root is root’s, and an empty folder with it', async () => {
    world.system.folders.set('/srv/blog', { owner: 'root', empty: true });
    const view = await create();
    expect(view.environment.user).toBe('ns-blog');
    expect(world.system.users).toContain('ns-blog');
    expect(world.system.folders.get('/srv/blog')).toMatchObject({ owner: 'ns-blog' });
    expect(view.notices).toEqual([]);
  });

  it('is told when a folder with something in it was left to root', async () => {
    world.system.folders.set('/srv/blog', { owner: 'root', empty: false });
    const view = await create();
    expect(view.environment.user).toBe('ns-blog');
    expect(world.system.folders.get('/srv/blog')).toMatchObject({ owner: 'root' });
    expect(view.notices).toEqual([expect.stringContaining('chown -R ns-blog /srv/blog')]);
  });

  it('runs as root only where that is asked for, with a warning', async () => {
    const view = await create('blog', '/srv/blog', 'root');
    expect(view.environment.user).toBe('root');
    expect(view.notices).toEqual([expect.stringContaining('run as root')]);
  });

  it('runs as the daemon’s user where that is not root', async () => {
    world.system.currentUser = 'dev';
    world.system.folders.set('/srv/blog', { owner: 'root', empty: true });
    expect((await create()).environment.user).toBe('dev');
    expect(world.system.users).not.toContain('ns-blog');
  });

  it('keeps the real path of its root', async () => {
    world.system.folders.set('/link', { owner: 'www-data', empty: false, realPath: '/srv/real' });
    expect((await create('blog', '/link')).environment.root).toBe('/srv/real');
  });

  it('can be made only once, also when two ask at the same moment', async () => {
    const both = await Promise.allSettled([create('blog', '/srv/blog'), create('blog', '/srv/wiki')]);
    expect(both.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await world.store.environments()).toHaveLength(1);
  });

  it('is refused when the machine has as many as it may have', async () => {
    for (let i = 0; i < limits.environments; i++) {
      const name = `e${i}`;
      await world.store.addEnvironment({
        name,
        root: `/x/${name}`,
        user: 'u',
        trial: false,
        plan: null,
        paused: false,
        maskSecrets: false,
        createdAt: 1,
      });
    }
    await refused('environment.too-many', create());
  });
});

describe('members', () => {
  it('see their own environments and no others', async () => {
    await create('blog', '/srv/blog');
    await create('wiki', '/srv/wiki');
    const names = async (...own: string[]) =>
      (await world.control.environments(member(...own))).map((view) => view.environment.name);
    expect(await names('wiki', 'gone')).toEqual(['wiki']);
    expect(await names()).toEqual([]);
    expect(await world.control.environments(operator)).toHaveLength(2);
  });

  it('are told of a foreign environment in the words of one that does not exist', async () => {
    await create('blog', '/srv/blog');
    const foreign = await refused('environment.unknown', world.control.environment(member('x'), 'blog'));
    const unknown = await refused('environment.unknown', world.control.environment(member('x'), 'nope'));
    expect(foreign.message.replace('blog', 'nope')).toBe(unknown.message);
  });
});

describe('variables', () => {
  beforeEach(() => withShop(world));

  it('are set and removed in one step, and the workers concerned follow', async () => {
    await world.control.setVariables(operator, 'shop', { A: '1', B: 'two words' }, noWait);
    await world.control.setVariables(operator, 'shop', { A: null, C: '' }, wait);
    expect(await world.control.variables(member('shop'), 'shop')).toEqual({ B: 'two words', C: '' });
    expect(world.platform.wishes.get('shop')?.variables).toEqual({ B: 'two words', C: '' });
    expect(world.platform.orders.slice(-2)).toEqual(['apply shop', 'settled shop']);
    expect((await world.control.environment(operator, 'shop')).variableNames).toEqual(['B', 'C']);
  });

  it('change all together or not at all', async () => {
    await world.control.setVariables(operator, 'shop', { A: '1' }, noWait);
    await refused(
      'variable.name',
      world.control.setVariables(operator, 'shop', { A: '2', '9': 'x' }, noWait),
    );
    expect(await world.store.variables('shop')).toEqual({ A: '1' });
  });

  it('leave no value in the activity log', async () => {
    await world.control.setVariables(operator, 'shop', { PASSWORD: 'hunter2' }, noWait);
    const activity = await world.control.activity(operator, { environment: 'shop', limit: 10 });
    expect(activity[0]).toMatchObject({ act: 'set variables', detail: 'PASSWORD', actor: 'root' });
    expect(JSON.stringify(activity)).not.toContain('hunter2');
  });
});

describe('removing an environment', () => {
  beforeEach(() => withShop(world));

  it('ends everything of it first, then forgets it', async () => {
    await world.control.removeEnvironment(operator, 'shop');
    expect(world.platform.orders.at(-1)).toBe('remove shop');
    expect(world.logs.removed).toEqual(['shop']);
    expect(await world.store.environments()).toEqual([]);
    expect(await world.control.environments(operator)).toEqual([]);
    await create('shop', '/srv/shop');
  });

  it.each(['platform', 'logs', 'store'] as const)(
    'that failed at the %s is completed when it is asked for again',
    async (part) => {
      if (part === 'platform') world.platform.fail('remove', 'no answer');
      if (part === 'logs') world.logs.failure = 'no answer';
      if (part === 'store') world.failStore('removeEnvironment');
      await refused('environment.removal-failed', world.control.removeEnvironment(operator, 'shop'));
      const view = await world.control.environment(operator, 'shop');
      expect(view.notices).toEqual([expect.stringContaining('is being removed')]);
      world.platform.fail('remove', null);
      world.logs.failure = null;
      world.failStore(null);
      await world.control.removeEnvironment(operator, 'shop');
      expect(await world.store.environments()).toEqual([]);
      await create('shop', '/srv/shop');
    },
  );

  it.each(['platform', 'logs', 'store'] as const)(
    'that a crash cut short at the %s is completed by the next start, and starts nothing of it before',
    async (part) => {
      if (part === 'platform') world.platform.fail('remove', 'the daemon is gone');
      if (part === 'logs') world.logs.failure = 'the daemon is gone';
      if (part === 'store') world.failStore('removeEnvironment');
      await refused('environment.removal-failed', world.control.removeEnvironment(operator, 'shop'));
      await create('blog', '/srv/blog');
      const next = world.again();
      await next.control.start();
      expect(next.platform.ordered('start')).toEqual(['start blog shop']);
      expect(next.platform.orders).toContain('remove shop');
      expect((await world.store.environments()).map((each) => each.name)).toEqual(['blog']);
      const after = next.again();
      await after.control.start();
      expect(after.platform.ordered('remove')).toEqual([]);
    },
  );

  it('is completed for its mark as well, when the crash came after everything else', async () => {
    await world.store.setMeta('environments.removing', JSON.stringify(['shop']));
    await world.store.removeEnvironment('shop');
    const next = world.again();
    await next.control.start();
    await next.control.createEnvironment(operator, { name: 'shop', root: '/srv/shop' });
  });

  it('that fails again at a start is said, and does not keep the others from starting', async () => {
    await world.store.setMeta('environments.removing', JSON.stringify(['shop']));
    const next = world.again();
    next.platform.fail('remove', 'no answer');
    await next.control.start();
    expect(next.troubles).toEqual([expect.stringContaining('could not be completed: no answer')]);
    expect(next.platform.wishes.get('shop')?.plan).toBeNull();
  });
});

it('a trial begins and ends', async () => {
  await create();
  expect((await world.control.setTrial(operator, 'blog', true)).environment.trial).toBe(true);
  expect((await world.control.setTrial(operator, 'blog', false)).environment.trial).toBe(false);
});

it('the crons of an environment are paused and go on, by whoever sees it', async () => {
  await withShop(world);
  const paused = await world.control.setPaused(member('shop'), 'shop', true);
  expect(paused.environment.paused).toBe(true);
  expect(paused.notices).toEqual([
    'The crons are paused, their due times are skipped: "nightshift env resume shop" lets them go on.',
  ]);
  expect(world.platform.wishes.get('shop')?.environment.paused).toBe(true);
  expect((await world.control.activity(operator, { limit: 1 }))[0]).toMatchObject({ act: 'pause crons' });
  expect((await world.control.setPaused(member('shop'), 'shop', false)).environment.paused).toBe(false);
});

it('the list of environments follows every change of what it counts', async () => {
  await withShop(world);
  const listed = async () => {
    const [view] = await world.control.environments(operator);
    return [view?.jobs, view?.jobsEnabled, view?.workersExpected, view?.variableNames.join()];
  };
  expect(await listed()).toEqual([0, 0, 0, '']);
  const job = { name: 'a', type: 'worker', command: 'x', instances: 2 } as const;
  const [, between] = await Promise.all([world.control.addJob(operator, 'shop', job, noWait), listed()]);
  expect([0, 1]).toContain(between[0]);
  expect(await listed()).toEqual([1, 1, 2, '']);
  await world.control.setVariables(operator, 'shop', { A: '1' }, noWait);
  await world.control.stopJob(operator, 'shop', 'a', noWait);
  expect(await listed()).toEqual([1, 0, 0, 'A']);
  await world.control.removeEnvironment(operator, 'shop');
  await create('shop', '/srv/shop');
  expect(await listed()).toEqual([0, 0, 0, '']);
});
