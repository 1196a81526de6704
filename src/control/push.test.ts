import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Push } from './control.ts';
import { makeWorld, member, noWait, operator, refused, type World, wait, withShop } from './world.testkit.ts';

const file = `
deploy: {commands: [build]}
jobs:
  mails: {command: php mails.php}
  report: {command: php report.php, every: 1d}
`;

let world: World;
let said: string[];
beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
  await world.control.addJob(operator, 'shop', { name: 'old', type: 'worker', command: 'x' }, noWait);
  world.code.commits.set('c1', { subject: 'Say hello', file });
  world.code.commits.set('c2', { subject: 'Say more', file: null });
  world.platform.commands.set('build', { code: 0, prints: 'one\n10 %\r100 %\ntwo' });
  said = [];
});
afterEach(() => world.dispose());

const pushOf = (commit: string | null, branch = 'main', signal = new AbortController().signal): Push => ({
  branch,
  commit,
  say: (line) => said.push(line),
  signal,
});
const push = (...about: Parameters<typeof pushOf>): Promise<boolean> =>
  world.control.push(member('shop'), 'shop', pushOf(...about));
const newest = async () => (await world.control.deployments(operator, 'shop', 1))[0];
const jobNames = async () => (await world.control.jobs(operator, 'shop')).map((each) => each.job.name);
const restarts = () => world.platform.ordered('restart');

describe('a push to the deploy branch', () => {
  it('lays the code, runs the commands, applies the file, restarts the workers, and tells all of it', async () => {
    expect(await push('c1')).toBe(true);
    expect(world.code.asked).toEqual(['undo shop', 'stage shop c1 from null', 'lay shop', 'keep shop c1']);
    expect(said).toEqual([
      'deploys c1 (Say hello) to "shop"',
      'job added: mails (worker: php mails.php)',
      'job added: report (cron: php report.php)',
      'laid into /srv/shop: files: 1 added',
      '$ build',
      'one',
      '100 %',
      'two',
      expect.stringMatching(/^mails: started in /),
      expect.stringMatching(/^old: restarted in /),
    ]);
    expect(restarts()).toEqual(['restart shop old deploy']);
    const deployment = await newest();
    expect(deployment).toMatchObject({
      trigger: 'git',
      commit: 'c1',
      branch: 'main',
      askedBy: 'ada',
      state: 'done',
      outcome: 'ok',
    });
    expect(deployment?.steps.map((step) => step.state)).toEqual([
      'queued',
      'received',
      'checked',
      'laying',
      'commands',
      'restarting',
    ]);
    const { output } = await world.control.deployment(member('shop'), 'shop', deployment?.id ?? '');
    expect(output).toContain('$ build\none\n100 %\ntwo\n');
    expect(world.platform.wishes.get('shop')?.commit).toBe('c1');
    expect((await world.control.job(operator, 'shop', 'mails')).job.managedBy).toBe('nightshift.yml');
  });

  it('whose command fails is refused and undone, and nothing of it stays', async () => {
    world.platform.commands.set('build', { code: 3, prints: 'no such thing\n' });
    const refusal = await refused('deploy.command-failed', push('c1'));
    expect(refusal.message).toContain('"build" failed: exit code 3');
    expect(world.code.asked).toEqual(['undo shop', 'stage shop c1 from null', 'lay shop', 'undo shop']);
    expect(said).toContain('no such thing');
    expect(said.at(-1)).toBe('undone: the code of before is back');
    expect(restarts()).toEqual([]);
    expect(await jobNames()).toEqual(['old']);
    expect(await newest()).toMatchObject({ state: 'undone', outcome: 'failed' });
    expect(world.platform.wishes.get('shop')?.commit).toBeNull();
  });

  it('with a broken file changes nothing', async () => {
    world.code.commits.set('c1', { subject: '', file: 'jobs:\n  a: {every: 1d}' });
    const refusal = await refused('deploy.file', push('c1'));
    expect(refusal.message).toContain('line 2: job "a": the command is empty');
    expect(world.code.asked.filter((act) => act.startsWith('lay'))).toEqual([]);
    expect(await newest()).toMatchObject({ state: 'failed' });
  });

  it('whose jobs have no place in the plan changes nothing', async () => {
    world.code.commits.set('c1', { subject: '', file: 'jobs:\n  a: {command: x, instances: 4}' });
    await refused('plan.jobs-exceeded', push('c1'));
    expect(await jobNames()).toEqual(['old']);
  });

  it('books the plan that its file wishes for', async () => {
    world.code.commits.set('c1', { subject: '', file: 'plan: l' });
    await push('c1');
    expect(said).toContain('plan: M -> L');
    expect((await world.control.environment(operator, 'shop')).environment.plan).toBe('L');
  });

  it('with commands needs a component to run them in, which its file may wish for', async () => {
    await world.control.unbook(operator, 'shop', noWait);
    await refused('deploy.not-booked', push('c1'));
    world.code.commits.set('c1', { subject: '', file: `plan: M${file}` });
    expect(await push('c1')).toBe(true);
  });

  it('that is interrupted while its commands run is undone', async () => {
    world.platform.commands.clear();
    const leaving = new AbortController();
    const pushing = refused('deploy.interrupted', push('c1', 'main', leaving.signal));
    await expect.poll(() => said).toContain('$ build');
    leaving.abort();
    await pushing;
    expect(world.code.asked.at(-1)).toBe('undo shop');
    expect(await newest()).toMatchObject({ state: 'undone' });
  });

  it('goes on when the pusher leaves after the code is to stay', async () => {
    const leaving = new AbortController();
    const release = world.platform.hold('restart');
    const pushing = push('c1', 'main', leaving.signal);
    await expect.poll(restarts).toHaveLength(1);
    leaving.abort();
    release();
    expect(await pushing).toBe(true);
  });

  it('moves the branch also when a worker can not be restarted: the code is there', async () => {
    world.platform.fail('restart', 'no runtime');
    expect(await push('c1')).toBe(true);
    expect(said.at(-1)).toBe('the new code stays, but: no runtime');
    expect(await newest()).toMatchObject({ state: 'failed', reason: 'no runtime' });
    expect(world.platform.wishes.get('shop')?.commit).toBe('c1');
  });

  it('waits for a remote command, and holds back new ones until it is done', async () => {
    const command = { command: 'ls', terminal: null, maxRuntimeSeconds: 60 };
    const first = await world.control.exec(member('shop'), 'shop', command);
    const pushing = push('c1');
    await expect.poll(() => said).toContain('waits for a remote command to end');
    let began = false;
    const signal = new AbortController().signal;
    const second = world.control.exec(member('shop'), 'shop', command, { say: () => undefined, signal });
    second.then(() => {
      began = true;
    }, expect.fail);
    expect(world.code.asked).toEqual([]);
    await first.hangUp();
    await pushing;
    await expect.poll(() => began).toBe(true);
    await (await second).hangUp();
  });

  it('waits for the one before it, and says so', async () => {
    const release = world.platform.hold('restart');
    const first = push('c1');
    await expect.poll(restarts).toHaveLength(1);
    const second = push('c2');
    await expect.poll(() => said).toContain('waits for the deployment before it');
    release();
    expect(await Promise.all([first, second])).toEqual([true, true]);
    expect(world.code.asked).toContain('stage shop c2 from c1');
  });
});

describe('a push that deploys nothing', () => {
  it('to another branch is stored, and told so', async () => {
    expect(await push('c1', 'feature')).toBe(false);
    expect(said).toEqual(['feature is stored, and nothing is deployed: "shop" deploys the branch main']);
    expect(world.code.asked).toEqual([]);
    expect(await newest()).toBeUndefined();
  });

  it('goes by the branch that its own file names', async () => {
    world.code.commits.set('c1', { subject: '', file: 'deploy: {branch: live}' });
    expect(await push('c1')).toBe(false);
    expect(await push('c1', 'live')).toBe(true);
  });

  it('may remove a branch, but not the one that is deployed', async () => {
    expect(await push(null, 'feature')).toBe(false);
    await refused('deploy.branch-removed', push(null));
  });

  it('is the business of those who see the environment', async () => {
    await refused('environment.unknown', world.control.push(member('blog'), 'shop', pushOf('c1')));
    await refused('environment.unknown', world.control.repository(member('blog'), 'shop'));
  });
});

describe('jobs of nightshift.yml', () => {
  beforeEach(async () => {
    await push('c1');
    said = [];
  });

  it('are changed and removed by the next push, and told setting by setting', async () => {
    const next = 'jobs:\n  mails: {command: php mails.php --fast, timeout: 1m}';
    world.code.commits.set('c3', { subject: '', file: next });
    await push('c3');
    expect(said).toContain(
      'job changed: mails: command php mails.php -> php mails.php --fast; timeout 10s -> 1m',
    );
    expect(said).toContain('job removed: report');
    expect(await jobNames()).toEqual(['mails', 'old']);
  });

  it('keep what people did to them by hand: stopped is stopped', async () => {
    await world.control.stopJob(operator, 'shop', 'mails', noWait);
    await push('c1');
    expect((await world.control.job(operator, 'shop', 'mails')).job.status).toBe('disabled');
  });

  it('are people’s again when the file says nothing of jobs', async () => {
    await push('c2');
    expect(said).toContain('job no longer managed by nightshift.yml, and kept: mails');
    expect((await world.control.job(operator, 'shop', 'mails')).job.managedBy).toBeNull();
  });

  it('take over a job of that name', async () => {
    world.code.commits.set('c3', { subject: '', file: 'jobs:\n  old: {command: x}' });
    await push('c3');
    expect(said).toContain('job changed: old: now managed by nightshift.yml');
  });

  it('get a moment of their own each', async () => {
    const crons = Array.from(
      { length: 3 },
      (_, index) => `  c${index}: {command: x, every: 1h, enabled: false}`,
    );
    world.code.commits.set('c3', { subject: '', file: `jobs:\n${crons.join('\n')}` });
    await push('c3');
    const jobs = (await world.control.jobs(operator, 'shop')).map((each) => each.job);
    const moments = jobs.flatMap((job) => (job.type === 'cron' ? [job.schedule.moment] : []));
    expect(new Set(moments).size).toBe(3);
  });

  it('are not edited or removed elsewhere, unless it is meant', async () => {
    const change = { command: 'y' };
    const refusal = await refused(
      'job.managed',
      world.control.editJob(operator, 'shop', 'mails', change, noWait),
    );
    expect(refusal.message).toContain('managed by nightshift.yml');
    await refused('job.managed', world.control.removeJob(operator, 'shop', 'mails'));
    await world.control.editJob(operator, 'shop', 'mails', change, { wait: false, force: true });
    await push('c1');
    expect(said).toContain('job changed: mails: command y -> php mails.php');
    await world.control.removeJob(operator, 'shop', 'mails', { force: true });
    expect(await jobNames()).toEqual(['old', 'report']);
  });
});

describe('a daemon that ends in the middle of a push', () => {
  /** Stops for ever at this act of the platform or the code, and begins again with another daemon. */
  const cutShort = async (at: 'lay' | 'commands' | 'restart'): Promise<World> => {
    if (at === 'commands') world.platform.commands.clear();
    if (at === 'restart') world.platform.hold('restart');
    if (at === 'lay') world.code.hold('lay');
    void push('c1').catch(() => undefined);
    if (at === 'commands') await expect.poll(() => said).toContain('$ build');
    if (at === 'restart') await expect.poll(restarts).toHaveLength(1);
    if (at === 'lay') await expect.poll(() => world.code.asked).toContain('lay shop');
    world.code.release();
    const next = world.again();
    next.code.asked.length = 0;
    await next.control.start();
    return next;
  };

  it.each(['lay', 'commands'] as const)('has it undone by the next start (%s)', async (at) => {
    const next = await cutShort(at);
    expect(next.code.asked).toEqual(['undo shop']);
    expect(await next.control.deployments(operator, 'shop', 1)).toMatchObject([{ state: 'undone' }]);
    expect(next.platform.wishes.get('shop')?.commit).toBeNull();
  });

  it('has it finished by the next start once the code is to stay', async () => {
    const next = await cutShort('restart');
    expect(next.code.asked).toEqual(['keep shop c1', 'lead shop main c1']);
    expect(await next.control.deployments(operator, 'shop', 1)).toMatchObject([{ state: 'done' }]);
    expect(next.platform.wishes.get('shop')?.commit).toBe('c1');
    expect((await next.control.jobs(operator, 'shop')).map((each) => each.job.name)).toContain('report');
  });

  it('has the branch moved by the next start, where all else was done', async () => {
    await push('c1');
    const next = world.again();
    next.code.asked.length = 0;
    await next.control.start();
    expect(next.code.asked).toEqual(['lead shop main c1']);
  });

  it('has what could not be undone undone by the next push', async () => {
    world.code.failures.set('undo', new Error('the disk is full'));
    world.platform.commands.set('build', { code: 1, prints: '' });
    await expect(push('c1')).rejects.toThrow('the disk is full');
    world.code.failures.clear();
    world.platform.commands.set('build', { code: 0, prints: '' });
    world.code.asked.length = 0;
    await push('c1');
    expect(world.code.asked[0]).toBe('undo shop');
  });
});

it('a deployment by hand says which commit is there', async () => {
  await push('c1');
  const deployment = await world.control.deploy(operator, 'shop', 'cli', wait);
  expect(deployment).toMatchObject({ commit: 'c1', trigger: 'cli', askedBy: 'root' });
});
