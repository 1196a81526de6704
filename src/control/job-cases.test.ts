import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cron, Job } from '../domain/job.ts';
import { limits } from '../domain/limits.ts';
import { sampleWorker } from '../store/store.testkit.ts';
import type { NewJob } from './control.ts';
import { endedOf } from './recording-platform.testkit.ts';
import { makeWorld, member, noWait, operator, refused, type World, wait, withShop } from './world.testkit.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
});
afterEach(() => world.dispose());

const add = async (input: Partial<NewJob> & { name: string }) =>
  await world.control.addJob(
    member('shop'),
    'shop',
    { type: 'worker', command: 'node work.js', ...input },
    noWait,
  );
const addCron = (input: Partial<NewJob> & { name: string }) => add({ type: 'cron', ...input });
const cron = async (name: string): Promise<Cron> => (await world.store.job('shop', name)) as Cron;

describe('a new job', () => {
  it('has the defaults of the design', async () => {
    const { job } = await add({ name: 'mailer' });
    expect(job).toEqual({
      environment: 'shop',
      name: 'mailer',
      type: 'worker',
      command: 'node work.js',
      status: 'enabled',
      managedBy: null,
      exitSignal: 'TERM',
      exitTimeoutSeconds: 10,
      instances: 1,
      handover: 'stop-first',
      createdAt: world.clock.wall(),
      version: 1,
    });
    const report = await addCron({ name: 'report', interval: '1d' });
    expect(report.job).toMatchObject({
      type: 'cron',
      schedule: { kind: 'interval', interval: '1d' },
      maxRuntimeSeconds: 12 * 3600,
      maxInstances: 5,
      catchUp: 'latest',
      onDeploy: 'finish',
      dueSince: world.clock.wall(),
    });
    expect((await addCron({ name: 'often', interval: '10m' })).job).toMatchObject({ catchUp: 'none' });
  });

  it('is kept, told to the platform and waited for', async () => {
    await world.control.addJob(operator, 'shop', { name: 'mailer', type: 'worker', command: 'x' }, wait);
    expect(world.platform.orders.slice(-2)).toEqual(['apply shop', 'settled shop mailer']);
    expect(world.platform.wishes.get('shop')?.jobs.map((job) => job.name)).toEqual(['mailer']);
    expect(await world.store.job('shop', 'mailer')).toBeDefined();
  });

  it('can be added without a component, and counts when one is booked', async () => {
    await world.control.unbook(operator, 'shop', noWait);
    const view = await add({ name: 'mailer', instances: 5 });
    expect(view.job.status).toBe('enabled');
    expect(view.observed).toMatchObject({ state: { kind: 'stopped' }, reason: 'no plan is booked' });
    const refusal = await refused(
      'plan.jobs-exceeded',
      world.control.book(operator, 'shop', 'M', { wait: false, force: true }),
    );
    expect(refusal.message).toContain('holds 4 enabled jobs and "shop" would have 5');
  });

  it('takes no place of the plan while it is disabled', async () => {
    await add({ name: 'a', instances: 4 });
    await add({ name: 'b', instances: 4, status: 'disabled' });
    await refused('plan.jobs-exceeded', world.control.startJob(operator, 'shop', 'b', noWait));
    await world.control.stopJob(operator, 'shop', 'a', noWait);
    await world.control.startJob(operator, 'shop', 'b', noWait);
  });

  it('keeps its plan’s places also when many are added at the same moment', async () => {
    const all = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => add({ name: `w${i}` })));
    expect(all.filter((each) => each.status === 'fulfilled')).toHaveLength(4);
    expect(await world.store.jobs('shop')).toHaveLength(4);
    expect(world.platform.wishes.get('shop')?.jobs).toHaveLength(4);
  });

  it('is refused when the environment has as many as it may have', async () => {
    // Before anything is read: what was read once is remembered.
    const many = Array.from(
      { length: limits.jobsPerEnvironment },
      (_, i): Job => sampleWorker('shop', `j${i}`, { status: 'disabled' }),
    );
    const jobs = world.store.jobs.bind(world.store);
    Object.assign(world.store, { jobs: () => Promise.resolve(many) });
    await refused('job.too-many', add({ name: 'b' }));
    Object.assign(world.store, { jobs });
  });
});

describe('the moments of crons', () => {
  it('are spread over all environments, also when they are added at once', async () => {
    await world.control.createEnvironment(operator, { name: 'blog', root: '/srv/blog' });
    await world.control.createEnvironment(operator, { name: 'wiki', root: '/srv/wiki' });
    const names = Array.from({ length: 20 }, (_, i) => `c${i}`);
    await Promise.all(
      names.map((name, i) =>
        world.control.addJob(
          operator,
          i % 2 ? 'blog' : 'wiki',
          { name, type: 'cron', command: 'x', interval: '1h' },
          noWait,
        ),
      ),
    );
    const moments = (await world.store.jobs()).map((job) => (job as Cron).schedule.moment);
    expect(new Set(moments.map((moment) => Math.floor(moment / 60))).size).toBe(20);
  });

  it('stay when something else is edited, or the same interval is named again', async () => {
    for (const name of ['a', 'b', 'c']) await addCron({ name, interval: '1h' });
    const before = await cron('c');
    world.clock.advance(1_000);
    await world.control.editJob(operator, 'shop', 'c', { command: 'y', interval: '1h' }, noWait);
    const after = await cron('c');
    expect(after.schedule).toEqual(before.schedule);
    expect(after.dueSince).toBe(before.dueSince);
    expect(after).toMatchObject({ command: 'y', version: 2 });
  });

  it('are chosen anew for another interval, and due times count from then', async () => {
    await addCron({ name: 'c', interval: '1h' });
    world.clock.advance(1_000);
    await world.control.editJob(operator, 'shop', 'c', { interval: '1d' }, noWait);
    const after = await cron('c');
    expect(after.schedule).toMatchObject({ kind: 'interval', interval: '1d' });
    expect(after.schedule.moment).toBeLessThan(10 * 3600);
    expect(after).toMatchObject({ dueSince: world.clock.wall(), catchUp: 'latest' });
  });

  it('stand for H in an expression, and stay when its time zone changes', async () => {
    await addCron({ name: 'a', crontab: 'H * * * *' });
    await addCron({ name: 'b', crontab: ' H * * * * ' });
    const [a, b] = [await cron('a'), await cron('b')];
    expect(a.schedule.moment).not.toBe(b.schedule.moment);
    await world.control.editJob(operator, 'shop', 'b', { timezone: 'Europe/Berlin' }, noWait);
    expect((await cron('b')).schedule).toEqual({ ...b.schedule, timezone: 'Europe/Berlin' });
  });

  it('are free again when their job is gone', async () => {
    await addCron({ name: 'a', interval: '1m' });
    const first = (await cron('a')).schedule.moment;
    await world.control.removeJob(operator, 'shop', 'a');
    await addCron({ name: 'b', interval: '1m' });
    expect((await cron('b')).schedule.moment).toBe(first);
  });

  it('are free again when the job could not be written', async () => {
    world.failStore('addJob');
    await refused('store.unavailable', addCron({ name: 'a', interval: '1m' }));
    world.failStore(null);
    await addCron({ name: 'a', interval: '1m' });
    await world.control.removeJob(operator, 'shop', 'a');
    await addCron({ name: 'b', interval: '1m' });
    const alone = (await cron('b')).schedule.moment;
    const fresh = await makeWorld();
    await withShop(fresh);
    await fresh.control.addJob(
      operator,
      'shop',
      { name: 'z', type: 'cron', command: 'x', interval: '1m' },
      noWait,
    );
    expect(alone).toBe(((await fresh.store.job('shop', 'z')) as Cron).schedule.moment);
    await fresh.dispose();
  });

  it('a catch-up that a person chose stays when the schedule changes', async () => {
    await addCron({ name: 'c', interval: '1h', catchUp: 'all' });
    await world.control.editJob(operator, 'shop', 'c', { interval: '1d' }, noWait);
    expect((await cron('c')).catchUp).toBe('all');
  });
});

describe('a job', () => {
  beforeEach(async () => {
    await add({ name: 'mailer' });
    await addCron({ name: 'report', crontab: '0 0 * * *' });
  });

  it('grows its version with each edit', async () => {
    await world.control.editJob(operator, 'shop', 'mailer', { command: 'a' }, noWait);
    const view = await world.control.editJob(operator, 'shop', 'mailer', { exitSignal: 'sigint' }, wait);
    expect(view.job).toMatchObject({ version: 3, command: 'a', exitSignal: 'INT' });
    expect(world.platform.orders.at(-1)).toBe('settled shop mailer');
  });

  it('loses no edit when two are made at the same moment', async () => {
    await Promise.all([
      world.control.editJob(operator, 'shop', 'mailer', { command: 'a' }, noWait),
      world.control.editJob(operator, 'shop', 'mailer', { exitTimeoutSeconds: 60 }, noWait),
    ]);
    expect(await world.store.job('shop', 'mailer')).toMatchObject({
      command: 'a',
      exitTimeoutSeconds: 60,
      version: 3,
    });
  });

  it('stops and starts, and what is so already stays as it is', async () => {
    const stop = () => world.control.stopJob(operator, 'shop', 'report', wait);
    expect((await stop()).job).toMatchObject({ status: 'disabled', version: 2 });
    expect((await stop()).job).toMatchObject({ status: 'disabled', version: 2 });
    world.clock.advance(5_000);
    const started = await world.control.startJob(operator, 'shop', 'report', noWait);
    expect(started.job).toMatchObject({ status: 'enabled', version: 3, dueSince: world.clock.wall() });
    expect(world.platform.wishes.get('shop')?.jobs.find((job) => job.name === 'report')?.status).toBe(
      'enabled',
    );
  });

  it('is restarted by the platform, and waited for', async () => {
    await world.control.restartJob(member('shop'), 'shop', 'mailer', wait);
    expect(world.platform.orders.at(-1)).toBe('restart shop mailer manual');
  });

  it('whose restart fails while nobody waits is trouble for the operator', async () => {
    world.platform.fail('restart', 'no runtime');
    await world.control.restartJob(operator, 'shop', 'mailer', noWait);
    await expect.poll(() => world.troubles).toEqual([expect.stringContaining('no runtime')]);
    await refused('platform.unavailable', world.control.restartJob(operator, 'shop', 'mailer', wait));
  });

  it('is restarted together with all enabled workers of its environment, by one act', async () => {
    await world.control.stopJob(operator, 'shop', 'mailer', noWait);
    expect(await world.control.restartWorkers(member('shop'), 'shop', wait)).toEqual([]);
    await world.control.startJob(operator, 'shop', 'mailer', noWait);
    expect(await world.control.restartWorkers(member('shop'), 'shop', wait)).toEqual(['mailer']);
    expect(world.platform.orders.at(-1)).toBe('restart shop mailer manual');
    const [noted] = await world.control.activity(operator, { limit: 1 });
    expect(noted).toMatchObject({ actor: 'ada', act: 'restart workers', detail: 'mailer' });
    world.platform.fail('restart', 'no runtime');
    await world.control.restartWorkers(operator, 'shop', noWait);
    await expect.poll(() => world.troubles).toEqual([expect.stringContaining('no runtime')]);
    await refused('platform.unavailable', world.control.restartWorkers(operator, 'shop', wait));
  });

  it('tells in lists how its last run ended, until its environment is removed', async () => {
    const lastEnd = async () =>
      (await world.control.jobs(operator, 'shop')).find(({ job }) => job.name === 'report')?.lastEnd;
    expect(await lastEnd()).toBeNull();
    const run = endedOf({ ...world.platform.run('shop', 'report'), id: 'run-0009' });
    world.platform.onEvent({ kind: 'run-ended', run });
    expect(await lastEnd()).toMatchObject({ run: 'run-0009', outcome: 'ok', endedAt: run.endedAt });
    await world.control.removeEnvironment(operator, 'shop');
    await world.control.createEnvironment(operator, { name: 'shop', root: '/srv/shop' });
    await world.control.addJob(operator, 'shop', { name: 'report', type: 'worker', command: 'x' }, noWait);
    expect(await lastEnd()).toBeNull();
  });

  it('runs now, and its run’s end is waited for', async () => {
    expect((await world.control.runJob(operator, 'shop', 'report', noWait)).endedAt).toBeNull();
    const waiting = world.control.runJob(operator, 'shop', 'report', wait);
    await expect.poll(() => world.platform.ordered('runNow')).toHaveLength(2);
    const run = { ...world.platform.run('shop', 'report'), id: 'run-0002' };
    world.platform.onEvent({ kind: 'run-ended', run: endedOf({ ...run, id: 'run-0001' }) });
    // The use case looks at the store once it waits; the event comes in whichever order.
    const told = setInterval(() => world.platform.onEvent({ kind: 'run-ended', run: endedOf(run) }), 1);
    expect(await waiting.finally(() => clearInterval(told))).toMatchObject({ id: 'run-0002', outcome: 'ok' });
  });

  it('runs now with a note of who asked', async () => {
    const run = await world.control.runJob(member('shop'), 'shop', 'report', noWait);
    expect(run.askedBy).toBe('ada');
    expect((await world.control.activity(operator, { limit: 1 }))[0]).toMatchObject({
      actor: 'ada',
      act: 'run job',
      detail: `report: run ${run.id}`,
    });
  });

  it('is paused and goes on, keeping its place, and twice is once', async () => {
    const paused = await world.control.setJobPaused(operator, 'shop', 'report', true);
    expect(paused.job).toMatchObject({ paused: true, status: 'enabled', version: 2 });
    expect(world.platform.wishes.get('shop')?.jobs).toMatchObject([{}, { name: 'report', paused: true }]);
    expect((await world.control.setJobPaused(operator, 'shop', 'report', true)).job.version).toBe(2);
    expect((await world.control.environment(operator, 'shop')).notices).toEqual([
      'Paused, due times are skipped: report. "nightshift job resume shop JOB" lets one go on.',
    ]);
    const before = (await world.store.job('shop', 'report')) as Cron;
    world.clock.advance(60_000);
    const resumed = await world.control.setJobPaused(operator, 'shop', 'report', false);
    // What the pause skipped stays in the ledger: due times count on from where they did.
    expect(resumed.job).toMatchObject({ paused: false, dueSince: before.dueSince });
    expect((await world.control.activity(operator, { limit: 1 }))[0]).toMatchObject({ act: 'resume job' });
    expect((await world.control.environment(operator, 'shop')).jobsEnabled).toBe(2);
  });

  it('has the settings of its retries and warnings, each changed alone', async () => {
    const asked = {
      retries: 3,
      retryDelaySeconds: 60,
      retryOn: [111, 75, 111],
      warnLateSeconds: 300,
      warnLongerSeconds: 3_600,
      warnShorterSeconds: 1,
    };
    await world.control.editJob(operator, 'shop', 'report', asked, noWait);
    const kept = { ...asked, retryOn: [75, 111] };
    expect((await world.control.job(operator, 'shop', 'report')).job).toMatchObject(kept);
    await world.control.editJob(operator, 'shop', 'report', { retryOn: [], warnLateSeconds: null }, noWait);
    expect((await world.control.job(operator, 'shop', 'report')).job).toMatchObject({
      ...kept,
      retryOn: null,
      warnLateSeconds: null,
    });
  });

  it('is removed with its effects', async () => {
    await world.control.removeJob(operator, 'shop', 'mailer');
    expect(world.platform.orders.slice(-2)).toEqual(['apply shop', 'settled shop mailer']);
    expect((await world.control.jobs(operator, 'shop')).map((view) => view.job.name)).toEqual(['report']);
  });

  it('is shown with what is observed and counted', async () => {
    await world.store.addStatistics([{ environment: 'shop', job: 'mailer', fails: 2, memoryMaxBytes: 9 }]);
    world.platform.observed.push({
      environment: 'shop',
      job: 'mailer',
      state: { kind: 'crash-loop', until: 9, attempt: 7 },
      reason: 'exit code 1, seven times within a minute',
      runs: [],
      instancesRunning: 0,
      memoryBytes: null,
    });
    world.platform.due.push({ job: 'report', dueAt: 77 });
    const [mailer, report] = await world.control.jobs(operator, 'shop');
    expect(mailer).toMatchObject({ observed: { state: { kind: 'crash-loop' } }, statistics: { fails: 2 } });
    expect(report).toMatchObject({ nextDueAt: 77 });
    expect(await world.control.job(operator, 'shop', 'report')).toMatchObject({ ...report, lastRun: null });
    const view = await world.control.environment(operator, 'shop');
    expect(view).toMatchObject({ jobs: 2, jobsEnabled: 2, workersExpected: 1, workersRunning: 0 });
    expect(view.notices).toEqual([
      'The job "mailer" is in a crash loop: exit code 1, seven times within a minute.',
    ]);
  });

  it('has its statistics reset, and nothing else', async () => {
    await world.store.addStatistics([{ environment: 'shop', job: 'mailer', fails: 2 }]);
    const before = await world.store.jobs();
    await world.control.resetStatistics(operator, 'shop');
    expect((await world.control.job(operator, 'shop', 'mailer')).statistics).toMatchObject({
      fails: 0,
      since: world.clock.wall(),
    });
    expect(await world.store.jobs()).toEqual(before);
  });
});
