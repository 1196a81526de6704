import { afterEach, beforeEach, expect, it } from 'vitest';
import { limits } from '../domain/limits.ts';
import { CallRate } from './call-rate.ts';
import { makeWorld, member, noWait, operator, refused, type World, wait, withShop } from './world.testkit.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
});
afterEach(() => world.dispose());

const rotate = async (): Promise<string> => {
  const { path } = await world.control.rotateDeployHook(member('shop'), 'shop');
  return path.replace('/hooks/deploy/', '');
};
const call = (secret: string, address = '192.0.2.1') => world.control.deployByHook(secret, address, wait);

it('a deploy hook deploys its environment, and is told to have been called', async () => {
  const secret = await rotate();
  expect(secret.length).toBeGreaterThanOrEqual(43);
  const deployment = await call(secret);
  expect(deployment).toMatchObject({
    environment: 'shop',
    trigger: 'hook',
    askedBy: 'deploy hook',
    outcome: 'ok',
  });
  expect(await world.control.deployHook(member('shop'), 'shop')).toMatchObject({
    usedAt: world.clock.wall(),
  });
  expect(JSON.stringify(await world.store.deployHook('shop'))).not.toContain(secret);
});

it('a deploy hook with another secret, or taken away, deploys nothing', async () => {
  const first = await rotate();
  const second = await rotate();
  await refused('hook.unknown', call(first));
  await call(second);
  await world.control.removeDeployHook(operator, 'shop');
  await refused('hook.unknown', call(second));
  await refused('hook.none', world.control.deployHook(operator, 'shop'));
  await refused('hook.none', world.control.removeDeployHook(operator, 'shop'));
});

it('a deploy hook is the business of those who see the environment', async () => {
  await refused('environment.unknown', world.control.rotateDeployHook(member('blog'), 'shop'));
  await refused('environment.unknown', world.control.deployHook(member('blog'), 'shop'));
});

it('secrets that are none can not be tried without end, and only their address has to wait', async () => {
  const secret = await rotate();
  for (let tries = 0; tries < limits.wrongHookSecretsPerMinute; tries++)
    await refused('hook.unknown', call('x'));
  await refused('hook.too-often', call('x'));
  await refused('hook.too-often', call(secret));
  await call(secret, '192.0.2.2');
  world.clock.advance(60_000);
  await call(secret);
});

it('calls do not pile up: one deployment runs and one waits', async () => {
  const secret = await rotate();
  await world.control.addJob(operator, 'shop', { name: 'a', type: 'worker', command: 'x' }, noWait);
  const release = world.platform.hold('restart');
  const calls = [call(secret), call(secret)];
  await expect.poll(() => world.platform.ordered('restart')).toHaveLength(1);
  await refused('hook.too-often', call(secret));
  release();
  await Promise.all(calls);
});

it('a rate holds for each key, and in bounded memory', () => {
  const rate = new CallRate(2);
  expect([rate.take('a', 0), rate.take('a', 1), rate.take('a', 2), rate.take('b', 2)]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  expect(rate.take('a', 60_000)).toBe(true);
  for (let key = 0; key < 20_000; key++) rate.take(`k${key}`, 60_000);
  expect(rate.isFull('b', 60_001)).toBe(false);
});

it('a file is applied without a push, after it was told what it would change', async () => {
  const text = 'jobs:\n  mails: {command: x}\n';
  const told = await world.control.applyFile(member('shop'), 'shop', text, { dryRun: true, wait: true });
  expect(told.lines).toEqual(['job added: mails (worker: x)']);
  expect(await world.control.jobs(operator, 'shop')).toEqual([]);
  expect(await world.control.applyFile(member('shop'), 'shop', text, { dryRun: false, wait: true })).toEqual(
    told,
  );
  expect((await world.control.job(operator, 'shop', 'mails')).job).toMatchObject({
    managedBy: 'nightshift.yml',
  });
  const again = await world.control.applyFile(operator, 'shop', text, { dryRun: false, wait: true });
  expect(again).toMatchObject({ lines: [], unchanged: ['mails'] });
});
