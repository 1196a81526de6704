import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../domain/limits.ts';
import { makeWorld, member, noWait, operator, refused, type World, wait, withShop } from './world.testkit.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
  await world.control.addJob(operator, 'shop', { name: 'a', type: 'worker', command: 'x' }, noWait);
});
afterEach(() => world.dispose());

const request = { command: ['ls', '-l'], terminal: null, maxRuntimeSeconds: 60 };
const execs = () => world.platform.ordered('exec');

function asked(environment = 'shop') {
  const said: string[] = [];
  const leaving = new AbortController();
  const execution = world.control.exec(member(environment), environment, request, {
    say: (sentence) => said.push(sentence),
    signal: leaving.signal,
  });
  execution.catch(() => undefined);
  return { said, execution, leave: () => leaving.abort() };
}

/** A deployment that is under way until `release`. */
async function deploying() {
  const release = world.platform.hold('restart');
  const done = world.control.deploy(operator, 'shop', 'cli', wait);
  await expect.poll(() => world.platform.ordered('restart')).toHaveLength(1);
  return { release, done };
}

describe('a remote command', () => {
  it('waits for the deployment that is under way, says so, and runs then', async () => {
    const { release, done } = await deploying();
    const { said, execution } = asked();
    await expect
      .poll(() => said)
      .toEqual(['a deployment of "shop" is under way: the command begins when it is done']);
    expect(execs()).toEqual([]);
    release();
    await done;
    await execution;
    expect(execs()).toEqual(['exec shop ls,-l']);
  });

  it('waits for a deployment that itself waits for an earlier command: neither waits for ever', async () => {
    const first = await asked().execution;
    const done = world.control.deploy(operator, 'shop', 'cli', wait);
    // The bound of the wait, and that what the deployment says is kept within a second.
    await expect.poll(() => world.clock.waiting).toBe(2);
    const second = asked();
    await expect.poll(() => second.said).toHaveLength(1);
    await first.hangUp();
    expect(await done).toMatchObject({ outcome: 'ok' });
    await second.execution;
    expect(execs()).toHaveLength(2);
  });

  it('is not run when whoever asked has left meanwhile', async () => {
    const { release, done } = await deploying();
    const { said, execution, leave } = asked();
    await expect.poll(() => said).toHaveLength(1);
    leave();
    await refused('command.left', execution);
    release();
    await done;
    expect(execs()).toEqual([]);
    expect(await world.control.deploy(operator, 'shop', 'cli', wait)).toMatchObject({ outcome: 'ok' });
  });

  it('is refused when the deployment takes too long', async () => {
    const { release, done } = await deploying();
    const { said, execution } = asked();
    await expect.poll(() => said).toHaveLength(1);
    world.clock.advance(limits.deployWaitSecondsMax * 1000);
    await refused('command.deployment-runs', execution);
    release();
    await done;
  });

  it('of another environment does not wait', async () => {
    await world.control.createEnvironment(operator, { name: 'blog', root: '/srv/blog' });
    await world.control.book(operator, 'blog', 'M', { wait: false, force: false });
    const { release, done } = await deploying();
    const { said, execution } = asked('blog');
    await execution;
    expect(said).toEqual([]);
    release();
    await done;
  });

  it('that could not be started holds up no deployment', async () => {
    world.platform.fail('exec', 'no runtime');
    await refused('platform.unavailable', asked().execution);
    expect(await world.control.deploy(operator, 'shop', 'cli', wait)).toMatchObject({ outcome: 'ok' });
  });

  it('may not run for longer than the limit, whatever was asked for', async () => {
    await world.control.exec(operator, 'shop', { ...request, maxRuntimeSeconds: 999_999 });
    expect(world.platform.execs.at(-1)?.maxRuntimeSeconds).toBe(limits.remoteCommandSecondsMax);
  });

  it('is in the activity log', async () => {
    await asked().execution;
    const [entry] = await world.control.activity(operator, { environment: 'shop', limit: 1 });
    expect(entry).toMatchObject({ actor: 'ada', act: 'remote command', detail: 'ls -l' });
  });
});
