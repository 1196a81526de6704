import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../domain/limits.ts';
import type { Run } from '../domain/run.ts';
import type { JobSettingsInput } from './control.ts';
import { endedOf } from './recording-platform.testkit.ts';
import { makeWorld, member, noWait, operator, refused, type World, wait, withShop } from './world.testkit.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
  for (const name of ['a', 'b'])
    await world.control.addJob(operator, 'shop', { name, type: 'worker', command: 'x' }, noWait);
  await world.control.addJob(
    operator,
    'shop',
    { name: 'off', type: 'worker', command: 'x', status: 'disabled' },
    noWait,
  );
  await world.control.addJob(
    operator,
    'shop',
    { name: 'report', type: 'cron', command: 'x', interval: '1h' },
    noWait,
  );
});
afterEach(() => world.dispose());

/** Timers while a deployment waits: the bound of its wait, and that what it says is kept within a second. */
const waitAndOutput = 2;

const exec = () =>
  world.control.exec(member('shop'), 'shop', {
    command: ['ls', '-l'],
    terminal: null,
    maxRuntimeSeconds: 60,
  });
const restarts = () => world.platform.ordered('restart');

describe('a deployment', () => {
  it('restarts the enabled workers and is recorded', async () => {
    const done = await world.control.deploy(member('shop'), 'shop', 'cli', wait);
    expect(restarts()).toEqual(['restart shop a deploy', 'restart shop b deploy']);
    expect(done).toMatchObject({ outcome: 'ok', trigger: 'cli', endedAt: world.clock.wall(), reason: null });
    expect(await world.control.deployments(operator, 'shop', 10)).toEqual([done]);
  });

  it('restarts nothing where no component is booked', async () => {
    await world.control.unbook(operator, 'shop', noWait);
    expect(await world.control.deploy(operator, 'shop', 'hook', wait)).toMatchObject({ outcome: 'ok' });
    expect(restarts()).toEqual([]);
  });

  it('that fails is recorded with the reason', async () => {
    world.platform.fail('restart', 'no runtime');
    const done = await world.control.deploy(operator, 'shop', 'cli', wait);
    expect(done).toMatchObject({ outcome: 'failed', reason: 'no runtime' });
    expect(await world.control.deployments(operator, 'shop', 10)).toEqual([done]);
  });

  it('waits for the one before it, and says so', async () => {
    const release = world.platform.hold('restart');
    const first = world.control.deploy(operator, 'shop', 'cli', wait);
    await expect.poll(restarts).toHaveLength(2);
    world.clock.advance(1_000);
    const second = await world.control.deploy(operator, 'shop', 'dashboard', noWait);
    expect(second.reason).toBe('waits for the deployment before it');
    expect((await world.control.deployments(operator, 'shop', 10)).map((each) => each.reason)).toContain(
      'waits for the deployment before it',
    );
    expect(restarts()).toHaveLength(2);
    release();
    expect(await first).toMatchObject({ outcome: 'ok' });
    await expect.poll(restarts).toHaveLength(4);
    await expect
      .poll(async () => (await world.control.deployments(operator, 'shop', 10)).map((each) => each.outcome))
      .toEqual(['ok', 'ok']);
    // What it waited for stands with its step, and is no reason any more.
    const [done] = await world.control.deployments(operator, 'shop', 1);
    expect(done).toMatchObject({
      reason: null,
      steps: [{ detail: 'waits for the deployment before it' }, {}, {}],
    });
  });

  it('does not hold up changes of settings', async () => {
    const release = world.platform.hold('restart');
    const deploying = world.control.deploy(operator, 'shop', 'cli', wait);
    await expect.poll(restarts).toHaveLength(2);
    await world.control.editJob(operator, 'shop', 'a', { command: 'y' }, noWait);
    release();
    await deploying;
  });

  it('waits for a remote command to end, and says so', async () => {
    const execution = await exec();
    const asked = await world.control.deploy(operator, 'shop', 'cli', noWait);
    expect(asked.reason).toBe('waits for a remote command to end');
    expect(restarts()).toEqual([]);
    await execution.hangUp();
    await expect.poll(restarts).toEqual(['restart shop a deploy', 'restart shop b deploy']);
  });

  it('is refused when a remote command runs for too long', async () => {
    await exec();
    const deploying = refused(
      'deploy.remote-command-runs',
      world.control.deploy(operator, 'shop', 'cli', wait),
    );
    await expect.poll(() => world.clock.waiting).toBe(waitAndOutput);
    world.clock.advance(limits.deployWaitSecondsMax * 1000);
    await deploying;
    expect(restarts()).toEqual([]);
    expect((await world.control.deployments(operator, 'shop', 1))[0]).toMatchObject({ outcome: 'failed' });
  });

  it('is not held up by a remote command of another environment, nor by one that has ended', async () => {
    await world.control.createEnvironment(operator, { name: 'blog', root: '/srv/blog' });
    await exec();
    expect(await world.control.deploy(operator, 'blog', 'cli', wait)).toMatchObject({ outcome: 'ok' });
    const ended = world.again();
    expect(await ended.control.deploy(operator, 'shop', 'cli', wait)).toMatchObject({ outcome: 'ok' });
  });

  it('that the daemon’s end cut short is finished by the next start', async () => {
    world.platform.hold('restart');
    await world.control.deploy(operator, 'shop', 'cli', noWait);
    await expect.poll(restarts).toHaveLength(2);
    const next = world.again();
    await next.control.start();
    const [deployment] = await next.control.deployments(operator, 'shop', 1);
    expect(deployment).toMatchObject({ outcome: 'ok', state: 'done' });
    const { output } = await next.control.deployment(operator, 'shop', deployment?.id ?? '');
    expect(output).toContain('finished by its next start');
  });

  it('that was still waiting when the daemon was ended is given up by the next start', async () => {
    await exec();
    await world.control.deploy(operator, 'shop', 'cli', noWait);
    const next = world.again();
    await next.control.start();
    expect(await next.control.deployments(operator, 'shop', 1)).toMatchObject([
      { outcome: 'failed', reason: 'the daemon was ended before it was done: deploy again' },
    ]);
  });
});

describe('crons, in a deployment,', () => {
  const addCron = (name: string, input: JobSettingsInput): Promise<unknown> =>
    world.control.addJob(
      operator,
      'shop',
      { name, type: 'cron', command: 'x', interval: '1h', ...input },
      noWait,
    );
  /** A run that is open, as the store and the platform know it. */
  const running = async (job: string): Promise<Run> => {
    const run = { ...world.platform.run('shop', job), createdAt: world.clock.wall() };
    await world.store.beginRuns([run], []);
    const state = { kind: 'running', since: 1 } as const;
    world.platform.observed.push({
      environment: 'shop',
      job,
      state,
      reason: 'one run',
      runs: [run.id],
      instancesRunning: 1,
      memoryBytes: null,
    });
    return run;
  };
  beforeEach(async () => {
    await world.control.book(operator, 'shop', 'XL', { wait: false, force: false });
  });

  it('are left alone, unless they ask to be restarted', async () => {
    await addCron('import', { onDeploy: 'restart' });
    await addCron('idle', { onDeploy: 'restart', status: 'disabled' });
    await running('report');
    await world.control.deploy(operator, 'shop', 'cli', wait);
    expect(restarts()).toEqual([
      'restart shop a deploy',
      'restart shop b deploy',
      'restart shop import deploy',
    ]);
  });

  it('are waited for where they ask for it, and the deployment says so', async () => {
    await addCron('import', { onDeploy: 'wait' });
    const run = await running('import');
    await world.control.deploy(operator, 'shop', 'cli', noWait);
    const reasons = async () =>
      (await world.control.deployments(operator, 'shop', 1)).map((each) => each.reason);
    await expect.poll(reasons).toEqual(['waits for the end of import']);
    expect(restarts()).toEqual([]);
    world.clock.advance(12_000);
    world.platform.onEvent({ kind: 'run-ended', run: endedOf(run) });
    await expect.poll(restarts).toEqual(['restart shop a deploy', 'restart shop b deploy']);
    await expect.poll(reasons).toEqual(['waited 12s for import']);
  });

  it('that run for too long have it refused, and nothing is restarted', async () => {
    await addCron('import', { onDeploy: 'wait' });
    await running('import');
    const deploying = refused('deploy.cron-runs', world.control.deploy(operator, 'shop', 'cli', wait));
    await expect.poll(() => world.clock.waiting).toBe(waitAndOutput);
    world.clock.advance(limits.deployWaitSecondsMax * 1000);
    expect((await deploying).message).toContain('(import)');
    expect(restarts()).toEqual([]);
    expect((await world.control.deployments(operator, 'shop', 1))[0]).toMatchObject({ outcome: 'failed' });
  });
});

it('a deployment leaves nothing behind when its environment is removed meanwhile', async () => {
  const execution = await exec();
  await world.control.deploy(operator, 'shop', 'cli', noWait);
  await world.control.removeEnvironment(operator, 'shop');
  await execution.hangUp();
  await expect
    .poll(() => world.troubles)
    .toEqual([expect.stringContaining('there is no environment "shop"')]);
  expect(await world.store.deployments('shop', 10)).toEqual([]);
});

it('a remote command is in the activity log', async () => {
  await exec();
  expect((await world.control.activity(member('shop'), { limit: 1 }))[0]).toMatchObject({
    actor: 'ada',
    act: 'remote command',
    detail: 'ls -l',
    environment: 'shop',
  });
});
