/** From what the platform tells, to incidents, to notices that arrive: with a clock that stands still and senders that record. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { settle } from '../../test/testkit/fake-clock.ts';
import { megabyte } from '../domain/plan.ts';
import type { Run } from '../domain/run.ts';
import { sampleRun } from '../store/store.testkit.ts';
import type { JobSettingsInput } from './control.ts';
import { makeWorld, noWait, operator, type World, withShop } from './world.testkit.ts';

const minute = 60_000;
const hour = 60 * minute;
let world: World;

beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
  await world.control.addAlertChannel(operator, {
    environment: null,
    name: 'all',
    kind: 'webhook',
    url: 'https://example.com/x',
  });
  await world.control.start();
});
afterEach(async () => {
  world.control.close();
  await world.dispose();
});

async function turns(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await settle();
}
/** Time passes, with the signs of life of the scheduler. */
async function pass(ms: number, step = 10_000): Promise<void> {
  for (let left = ms; left > 0; left -= step) {
    await world.store.setMeta('beat', String(world.clock.wall()));
    await world.clock.advanceAsync(Math.min(step, left));
    await turns();
  }
}
const addJob = (name: string, type: 'cron' | 'worker', input: JobSettingsInput = {}) =>
  world.control.addJob(
    operator,
    'shop',
    { name, type, command: 'x', ...(type === 'cron' ? { interval: '1mo' } : {}), ...input },
    noWait,
  );
let ids = 0;
/** A run that ends now: kept first, told then, as the platform does it. */
async function end(given: Partial<Run>, tell = true): Promise<Run> {
  const now = world.clock.wall();
  const id = `run-${String(++ids).padStart(3, '0')}`;
  const run = sampleRun('shop', id, {
    job: 'report',
    kind: 'cron',
    createdAt: now,
    startedAt: now,
    ...given,
  });
  const ended: Run = {
    ...run,
    ...{ endedAt: now, exit: { kind: 'exited', code: 3 }, outcome: 'failed', reason: 'exit code 3' },
    ...given,
  };
  await world.store.beginRuns([{ ...run, outcome: null }], []);
  const { endedAt, exit, outcome, reason, memoryAvgBytes, memoryMaxBytes, leftovers } = ended;
  if (endedAt === null || exit === null || outcome === null) throw new Error('it has no end');
  const runEnd = { endedAt, exit, outcome, reason, memoryAvgBytes, memoryMaxBytes, leftovers };
  await world.store.runEnded(id, runEnd, []);
  if (tell) world.platform.onEvent({ kind: 'run-ended', run: ended });
  await turns();
  return ended;
}
const well = { outcome: 'ok', exit: { kind: 'exited', code: 0 }, reason: null } as const;
const titles = () =>
  world.senders.posts.map(({ body }) => (JSON.parse(body) as { data: { title: string } }).data.title);
const kinds = async () =>
  (await world.control.incidents(operator, { open: true, limit: 20 })).map(({ kind }) => kind);

describe('a cron that fails', () => {
  test('is told at once, not again, and when a run of it ends well', async () => {
    await addJob('report', 'cron');
    await end({});
    await end({});
    expect(titles()).toEqual(['shop/report failed']);
    expect(await kinds()).toEqual(['cron-failed']);
    await end(well);
    expect(titles()).toEqual(['shop/report failed', 'shop/report is well again (it failed)']);
    expect(await kinds()).toEqual([]);
  });

  test('and is begun again by itself is told when the last attempt has failed', async () => {
    await addJob('report', 'cron', { retries: 1 });
    await end({ attempt: 1 });
    expect(await kinds()).toEqual([]);
    await end({ attempt: 2 });
    expect(titles()).toEqual(['shop/report failed']);
    expect(await world.store.unjudgedRuns()).toEqual([]);
  });

  test('of memory is one incident, not two', async () => {
    await addJob('report', 'cron');
    await end({ outcome: 'out-of-memory', reason: 'out of memory (signal KILL)' });
    expect(titles()).toEqual(['shop/report ran out of memory']);
    await end(well);
    expect(await kinds()).toEqual([]);
  });

  test('that a person ended is nothing to tell; nor is one of an environment that does not want to hear', async () => {
    await addJob('report', 'cron');
    await end({ outcome: 'stopped', reason: 'stopped' });
    expect(await kinds()).toEqual([]);
    await world.control.changeAlertRules(operator, 'shop', { off: ['cron-failed'] });
    await end({});
    expect([await kinds(), titles()]).toEqual([['cron-failed'], []]);
  });

  test('is over when it is disabled or removed', async () => {
    await addJob('report', 'cron');
    await end({});
    await world.control.stopJob(operator, 'shop', 'report', noWait);
    await turns();
    expect(titles()).toHaveLength(2);
    expect(await kinds()).toEqual([]);
  });
});

describe('a daemon that dies', () => {
  test('between the end of a run and its incident loses nothing: the next one tells it, once', async () => {
    await addJob('report', 'cron');
    await end({}, false);
    world.control.close();
    const next = world.again();
    await next.control.start();
    await turns();
    expect(next.senders.posts).toHaveLength(1);
    next.control.close();
    const third = world.again();
    await third.control.start();
    await turns();
    expect(third.senders.posts).toEqual([]);
    third.control.close();
  });

  test('before it has heard that a cron is well again finds it out', async () => {
    await addJob('report', 'cron');
    await end({});
    await pass(minute);
    await end(well, false);
    world.control.close();
    const next = world.again();
    await next.control.start();
    await turns();
    expect(next.senders.posts).toHaveLength(1);
    expect(await next.control.incidents(operator, { open: true, limit: 9 })).toEqual([]);
    next.control.close();
  });
});

describe('a receiver', () => {
  test('that is away gets all of it in its order when it is back', async () => {
    await addJob('report', 'cron');
    await addJob('other', 'cron');
    world.senders.failure = { why: 'it is away', refused: false };
    await end({});
    await end({ job: 'other' });
    await pass(2 * minute);
    await end(well);
    expect(new Set(world.senders.tried).size).toBe(1);
    expect(await world.control.alertDeliveries(operator, { limit: 9 })).toMatchObject([
      { phase: 'over', attempts: 0, state: 'waiting' },
      { phase: 'begin', attempts: 0 },
      { phase: 'begin', state: 'waiting', trouble: 'it is away' },
    ]);
    world.senders.failure = null;
    await pass(10 * minute);
    expect(titles()).toEqual([
      'shop/report failed',
      'shop/other failed',
      'shop/report is well again (it failed)',
    ]);
    const posted = world.senders.posts.map(({ headers }) => headers['webhook-id']);
    expect(new Set(posted).size).toBe(3);
  });

  test('is not told twice when the store can not note that it was', async () => {
    await addJob('report', 'cron');
    world.failStore('saveDeliveries');
    await end({});
    await pass(5 * minute);
    expect(titles()).toHaveLength(1);
    world.failStore(null);
    await pass(minute);
    expect(await world.control.alertDeliveries(operator, { limit: 9 })).toMatchObject([
      { state: 'delivered' },
    ]);
  });

  test('misses nothing when the store can not keep the incident at first', async () => {
    await addJob('report', 'cron');
    world.failStore('saveIncident');
    await end({});
    expect(titles()).toEqual([]);
    world.failStore(null);
    await pass(minute);
    expect(titles()).toEqual(['shop/report failed']);
  });

  test('has quiet hours, and hears afterwards what is still so, or has been', async () => {
    // The clock stands at 12:00 UTC.
    const quiet = { from: '11:00', until: '14:00', timezone: 'UTC' };
    const [channel] = await world.control.alertChannels(operator);
    await world.control.changeAlertChannel(operator, channel?.id ?? '', { quiet });
    for (const job of ['report', 'other']) {
      await addJob(job, 'cron');
      await end({ job });
    }
    await pass(hour, minute);
    await end({ ...well, job: 'other' });
    await pass(hour - minute, minute);
    expect(titles()).toEqual([]);
    await pass(2 * minute);
    expect(titles()).toEqual(['shop/report failed', 'shop/other is well again (it failed)']);
  });
});

describe('a worker', () => {
  const crash = (kind: 'crash-loop' | 'running', since = 0) => ({
    ...{ environment: 'shop', job: 'mails', runs: [], instancesRunning: 0, memoryBytes: null },
    reason: kind === 'running' ? 'running for 1m' : 'exit code 7, 6 times in a row; again in 30s',
    state: kind === 'running' ? ({ kind, since } as const) : ({ kind, until: 0, attempt: 6 } as const),
  });

  test('in a crash loop is told once, with its last end, and when it has run for a minute', async () => {
    await addJob('mails', 'worker');
    const last = await end({ kind: 'worker', job: 'mails' });
    for (let time = 0; time < 3; time++)
      world.platform.onEvent({ kind: 'job-changed', observed: crash('crash-loop') });
    await turns();
    expect(titles()).toEqual(['shop/mails is in a crash loop']);
    const [incident] = await world.control.incidents(operator, { limit: 1 });
    expect(incident).toMatchObject({
      run: last.id,
      reason: '"mails" ends soon after each start: exit code 7, 6 times in a row',
    });
    world.platform.observed.push(crash('running', world.clock.wall()));
    await pass(50_000);
    expect(await kinds()).toEqual(['crash-loop']);
    await pass(20_000);
    expect(titles().at(-1)).toBe('shop/mails is well again (it is in a crash loop)');
  });

  test('that runs out of memory again and again is one incident, over an hour after the last time', async () => {
    await addJob('mails', 'worker');
    const memory = {
      kind: 'worker',
      job: 'mails',
      outcome: 'out-of-memory',
      reason: 'out of memory',
    } as const;
    await end(memory);
    await pass(50 * minute, minute);
    await end(memory);
    await pass(50 * minute, minute);
    expect(titles()).toEqual(['shop/mails ran out of memory']);
    await pass(11 * minute, minute);
    expect(titles()).toHaveLength(2);
    expect(await world.store.unjudgedRuns()).toEqual([]);
  });
});

describe('the machine', () => {
  const measured = (memory: number, swap: number) => {
    const usage = {
      cacheBytes: 0,
      memoryMaxBytes: null,
      cpuSeconds: 1,
      throttledSeconds: 0,
      outOfMemoryKills: 0,
      processes: 1,
    };
    world.platform.onEvent({
      kind: 'measured',
      environment: 'shop',
      usage: { ...usage, memoryBytes: memory * megabyte, swapBytes: swap * megabyte },
      runs: [],
      limits: { memoryBytes: 512 * megabyte, cpu: 1 },
    });
  };
  async function hold(memory: number, swap: number, ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 10_000) {
      measured(memory, swap);
      await pass(10_000);
    }
  }

  test('tells of a plan that is nearly full and of swap when they last', async () => {
    await hold(500, 0, 4 * minute);
    await hold(100, 0, minute);
    expect(titles()).toEqual([]);
    await hold(500, 40, 6 * minute);
    expect(titles()).toEqual(['shop has nearly filled its plan', 'shop uses swap']);
    await hold(100, 0, 6 * minute);
    expect(await kinds()).toEqual([]);
    expect(titles()).toHaveLength(4);
  });

  test('tells of a disk that runs out', async () => {
    world.system.disksSeen.push({ path: '/srv', freeBytes: megabyte, totalBytes: 20_000 * megabyte });
    await pass(8 * minute);
    expect(titles()).toEqual(['The machine is short of disk space']);
    world.system.disksSeen.splice(0, 1, {
      path: '/srv',
      freeBytes: 9_000 * megabyte,
      totalBytes: 20_000 * megabyte,
    });
    await pass(8 * minute);
    expect(titles()).toHaveLength(2);
  });
});

test('a monitor is told of each run of its cron, once, also by the next daemon', async () => {
  await addJob('report', 'cron');
  await world.control.changeAlertRules(operator, 'shop', {
    pings: { report: 'https://hc.example.com/uuid' },
  });
  const run = sampleRun('shop', 'run-x', { job: 'report', kind: 'cron', startedAt: world.clock.wall() });
  await world.store.beginRuns([run], []);
  world.platform.onEvent({ kind: 'run-started', run });
  await turns();
  await end({ ...well, endedAt: world.clock.wall() }, false);
  world.control.close();
  const next = world.again();
  await next.control.start();
  await turns();
  const urls = [...world.senders.posts, ...next.senders.posts].map(({ url }) => url);
  expect(urls).toEqual(['https://hc.example.com/uuid/start', 'https://hc.example.com/uuid']);
  next.control.close();
});

test('a monitor hears every minute that the scheduler lives, and no more when it is silent', async () => {
  await world.control.changeAlertSettings(operator, { heartbeat: 'https://hc.example.com/alive' });
  await pass(5 * minute);
  const beats = () => world.senders.posts.filter(({ url }) => url.endsWith('/alive')).length;
  expect(beats()).toBe(5);
  await world.clock.advanceAsync(5 * minute);
  await turns();
  expect(beats()).toBe(6);
  expect(JSON.stringify(await world.control.alertSettings(operator))).not.toContain('alive');
});
