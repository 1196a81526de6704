import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../test/testkit/fake-clock.ts';
import type { DueTime } from '../domain/due-time.ts';
import type { Run } from '../domain/run.ts';
import type { JobSettingsInput } from './control.ts';
import { endedOf } from './recording-platform.testkit.ts';
import { makeWorld, member, noWait, operator, type World, withShop } from './world.testkit.ts';

const minute = 60_000;
let world: World;
/** 12:00 of the fake clock. */
let noon: number;
beforeEach(async () => {
  world = await makeWorld();
  noon = world.clock.wall();
  await withShop(world);
  // What is due at the very moment at which it is added counts.
  world.clock.advance(1);
  await world.control.start();
});
afterEach(async () => {
  world.control.close();
  await world.dispose();
});

const add = (name: string, input: JobSettingsInput = {}) =>
  world.control.addJob(
    operator,
    'shop',
    { name, type: 'cron', command: 'x', crontab: '* * * * *', ...input },
    noWait,
  );
/** Time passes, and the scheduler gives its signs of life. */
async function pass(ms: number): Promise<void> {
  for (const end = world.clock.monotonic() + ms; world.clock.monotonic() < end; ) {
    await world.store.setMeta('beat', String(world.clock.wall()));
    await world.clock.advanceAsync(10_000);
    for (let turn = 0; turn < 8; turn++) await settle();
  }
}
const served = async (job: string, dueAt: number, changes: Partial<DueTime> = {}, tell = true) => {
  const dueTime = {
    environment: 'shop',
    job,
    dueAt,
    fate: 'ran',
    run: null,
    reason: null,
    ...changes,
  } as const;
  await world.store.beginRuns([], [dueTime]);
  if (tell) world.platform.onEvent({ kind: 'due-time', dueTime });
};
const open = () => world.control.incidents(operator, { open: true, limit: 10 });
const all = () => world.control.incidents(operator, { limit: 10 });
const notices = async () => (await world.control.environment(operator, 'shop')).notices;

describe('a due time that nobody serves', () => {
  it('is an incident within a minute, told once, and over when the cron runs again', async () => {
    await add('feed');
    await pass(minute + 20_000);
    expect(await open()).toEqual([]);
    await pass(40_000);
    const [incident] = await open();
    expect(incident).toMatchObject({
      environment: 'shop',
      job: 'feed',
      kind: 'cron-missed',
      dueAt: noon + minute,
      count: 1,
      reason: '"feed" was due at 2026-01-14 12:01:00 UTC and nothing has come of it yet',
    });
    expect(await notices()).toContain(`${incident?.reason}.`);
    const told = world.troubles.filter((sentence) => sentence.startsWith('cron-missed'));
    expect(told).toEqual([`cron-missed: ${incident?.reason}`]);
    await pass(3 * minute);
    expect(await all()).toHaveLength(1);
    await served('feed', noon + minute);
    await served('feed', noon + 5 * minute);
    await pass(10_000);
    expect(await open()).toEqual([]);
    expect(await all()).toMatchObject([
      { id: incident?.id, endReason: '"feed" ran for 2026-01-14 12:01:00 UTC' },
    ]);
    expect(await notices()).toEqual([]);
  });

  it('is none where the ledger has it and nobody told', async () => {
    await add('feed');
    for (let due = 1; due <= 5; due++) {
      await pass(minute);
      await served('feed', noon + due * minute, {}, false);
    }
    expect(await all()).toEqual([]);
  });

  it('is none while the cron is held back, and begins to count when it goes on', async () => {
    await add('feed');
    await world.control.setJobPaused(operator, 'shop', 'feed', true);
    await pass(5 * minute);
    await world.control.setJobPaused(operator, 'shop', 'feed', false);
    await world.control.setPaused(operator, 'shop', true);
    await pass(5 * minute);
    await world.control.setPaused(operator, 'shop', false);
    await pass(minute);
    expect(await all()).toEqual([]);
    await pass(minute);
    expect(await open()).toMatchObject([{ job: 'feed', dueAt: noon + 11 * minute }]);
  });

  it('is none where what was missed is being caught up, one after the other', async () => {
    await add('feed', { catchUp: 'all', maxInstances: 1 });
    world.platform.observed.push({
      environment: 'shop',
      job: 'feed',
      state: { kind: 'running', since: noon },
      reason: 'one run',
      runs: ['run-1'],
      instancesRunning: 1,
      memoryBytes: null,
    });
    await pass(5 * minute);
    expect(await all()).toEqual([]);
  });

  it('that the platform says was missed is an incident, unless a later one caught up for it', async () => {
    await add('feed');
    await add('daily', { catchUp: 'latest' });
    const reason = 'missed: the machine was down';
    await served('daily', noon + 2 * minute);
    for (const job of ['feed', 'daily']) await served(job, noon + minute, { fate: 'missed', reason });
    expect(await open()).toMatchObject([
      { job: 'feed', reason: '"feed" was due at 2026-01-14 12:01:00 UTC: missed: the machine was down' },
    ]);
    await served('feed', noon + 2 * minute);
    expect(await open()).toEqual([]);
    // Told after the one that ran: it was missed all the same, and is over at once.
    await served('feed', noon + 5 * minute);
    await served('feed', noon + 4 * minute, { fate: 'missed', reason });
    await pass(10_000);
    expect((await all()).map((each) => [each.dueAt, each.endedAt !== null])).toEqual([
      [noon + 4 * minute, true],
      [noon + minute, true],
    ]);
  });

  it('is over when the cron is stopped, removed, or goes with its environment', async () => {
    for (const name of ['a', 'b', 'c']) await add(name);
    await pass(2 * minute);
    expect(await open()).toHaveLength(3);
    await world.control.stopJob(operator, 'shop', 'a', noWait);
    await world.control.removeJob(operator, 'shop', 'b');
    await pass(10_000);
    expect((await open()).map((each) => each.job)).toEqual(['c']);
    expect((await all()).map((each) => String(each.endReason)).sort()).toEqual([
      'null',
      'the job is disabled',
      'the job was removed',
    ]);
    await world.control.removeEnvironment(operator, 'shop');
    await pass(minute);
    expect(await all()).toEqual([]);
  });

  it('is found by the next daemon, which tells it as the same incident', async () => {
    await add('feed');
    await pass(2 * minute);
    const [before] = await open();
    world.control.close();
    world = world.again();
    await world.control.start();
    expect(await notices()).toHaveLength(1);
    await pass(2 * minute);
    expect(await all()).toMatchObject([{ id: before?.id, endedAt: null }]);
    await served('feed', noon + 4 * minute);
    expect(await open()).toEqual([]);
  });

  it('is kept until the store can take it', async () => {
    await add('feed');
    world.failStore('saveIncident');
    await pass(2 * minute);
    expect(await all()).toEqual([]);
    expect(await notices()).toHaveLength(1);
    world.failStore(null);
    await pass(10_000);
    expect(await open()).toHaveLength(1);
  });
});

describe('the limits that a job sets', () => {
  const begin = (changes: Partial<Run> = {}): Run => {
    const run: Run = {
      ...world.platform.run('shop', 'feed'),
      trigger: 'schedule',
      createdAt: noon,
      ...changes,
    };
    world.platform.onEvent({ kind: 'run-began', run: { ...run, startedAt: null } });
    if (run.startedAt !== null) world.platform.onEvent({ kind: 'run-started', run });
    return run;
  };
  const end = (run: Run): void => {
    world.platform.onEvent({ kind: 'run-ended', run: { ...endedOf(run), endedAt: world.clock.wall() } });
  };

  it('are told of once for an incident, and when a run keeps them', async () => {
    await add('feed', {
      crontab: '0 3 * * *',
      warnLateSeconds: 60,
      warnLongerSeconds: 120,
      warnShorterSeconds: 5,
    });
    const slow = begin({ dueAt: noon - 2 * minute, startedAt: noon });
    await pass(3 * minute);
    expect((await open()).map(({ kind, run }) => [kind, run]).sort()).toEqual([
      ['cron-late', slow.id],
      ['cron-longer', slow.id],
    ]);
    end(slow);
    const short = begin({ dueAt: world.clock.wall(), startedAt: world.clock.wall() });
    end(short);
    await pass(10_000);
    // It began in time and was not too long: those two are over, and it was too short.
    expect((await open()).map(({ kind, run, count }) => [kind, run, count])).toEqual([
      ['cron-shorter', short.id, 1],
    ]);
    const shorter = begin({ dueAt: world.clock.wall(), startedAt: world.clock.wall() });
    end(shorter);
    await pass(10_000);
    expect(await open()).toMatchObject([{ kind: 'cron-shorter', run: shorter.id, count: 2 }]);
    expect(await notices()).toEqual(['"feed" took 0s, shorter than 5s (2 times).']);
    await world.control.editJob(operator, 'shop', 'feed', { warnShorterSeconds: null }, noWait);
    await pass(10_000);
    expect(await open()).toEqual([]);
  });

  it('hold for a run that does not begin at all, and for one that was there before the daemon', async () => {
    await add('feed', { crontab: '0 3 * * *', warnLateSeconds: 60, warnLongerSeconds: 60 });
    begin({ dueAt: noon, startedAt: null });
    await pass(90_000);
    expect(await open()).toMatchObject([
      { kind: 'cron-late', reason: expect.stringContaining('has not begun') },
    ]);
    const run = { ...world.platform.run('shop', 'feed'), createdAt: noon, startedAt: noon - 10 * minute };
    await world.store.beginRuns([run], []);
    await world.store.runStarted(run.id, noon, { runtime: 'fake', version: 1, runId: run.id });
    world.control.close();
    world = world.again();
    await world.control.start();
    await pass(10_000);
    expect((await open()).map((each) => each.kind).sort()).toEqual(['cron-late', 'cron-longer']);
  });
});

describe('a scheduler that is silent', () => {
  it('is an incident of the machine, over with its next sign of life', async () => {
    await world.store.setMeta('beat', String(noon));
    for (let turn = 0; turn < 9; turn++) {
      await world.clock.advanceAsync(10_000);
      for (let wait = 0; wait < 8; wait++) await settle();
    }
    expect(await open()).toMatchObject([
      {
        environment: null,
        job: null,
        kind: 'scheduler-silent',
        reason:
          'the scheduler has given no sign of life since 2026-01-14 12:00:00 UTC: crons may not be started',
      },
    ]);
    expect(await world.control.incidents(member('shop'), { limit: 5 })).toEqual([]);
    await pass(10_000);
    expect(await open()).toEqual([]);
  });
});

describe('incidents', () => {
  it('are read by those who see the environment', async () => {
    await add('feed');
    await pass(2 * minute);
    expect(await world.control.incidents(member('shop'), { limit: 5 })).toHaveLength(1);
    expect(await world.control.incidents(member('blog'), { limit: 5 })).toEqual([]);
    const hidden = world.control.incidents(member('blog'), { environment: 'shop', limit: 5 });
    await expect(hidden).rejects.toMatchObject({ code: 'environment.unknown' });
  });
});
