/** Crons on the local platform: what follows a run, what holds them back, and what is left of them when the daemon dies. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Cron } from '../../domain/job.ts';
import { exits, failsToStart, finishesOnTerm, runsForever } from '../../runtimes/fake/fake-program.ts';
import { fullDisk } from '../../store/failing/failing-store.ts';
import { heartbeatKey } from './crons.ts';
import { environment, everyMinute, Scene } from './scene.testkit.ts';

const minute = 60_000;
/** Due in hours: only what a test asks for begins. */
const rarely = (name: string, changes: Partial<Cron> = {}): Cron =>
  everyMinute(name, {
    schedule: { kind: 'crontab', expression: '0 3 * * *', timezone: 'UTC', moment: 0 },
    dueSince: Date.UTC(2026, 0, 14, 12),
    ...changes,
  });
const retrying = (changes: Partial<Cron> = {}): Cron =>
  rarely('feed', { retries: 2, retryDelaySeconds: 30, ...changes });

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.open();
});
afterEach(() => scene.close());

const runNow = async (job = 'feed') => {
  const begun = scene.platform.runNow('shop', job, 'ada');
  await scene.pass(0);
  return await begun;
};

describe('a cron that is run by hand', () => {
  test('has a run that says who asked', async () => {
    await scene.start([rarely('feed')]);
    const run = await runNow();
    expect(run).toMatchObject({ trigger: 'manual', askedBy: 'ada', attempt: 1, predecessor: null });
    expect(await scene.runs('feed')).toMatchObject([{ id: run.id, askedBy: 'ada' }]);
  });
});

describe('a cron with retries', () => {
  test('is begun again after its delay, by runs that name their predecessor, and not for ever', async () => {
    scene.programs.set('feed', exits(75, 1_000));
    await scene.start([retrying()]);
    const first = await runNow();
    await scene.pass(1_000);
    expect(scene.state('feed')).toEqual({
      kind: 'backing-off',
      until: scene.clock.wall() + 30_000,
      attempt: 1,
    });
    expect(scene.reason('feed')).toBe('exit code 75: retry 1 of 2 follows');
    await scene.pass(29_999);
    expect(await scene.runs('feed')).toHaveLength(1);
    await scene.pass(10 * minute);
    const [third, second] = await scene.runs('feed');
    expect(second).toMatchObject({
      trigger: 'failure',
      predecessor: first.id,
      attempt: 2,
      outcome: 'failed',
    });
    expect(third).toMatchObject({ trigger: 'failure', predecessor: second?.id, attempt: 3 });
    expect(await scene.runs('feed')).toHaveLength(3);
    expect(scene.state('feed')?.kind).toBe('scheduled');
  });

  test('keeps the due time of its first run for those that follow, and one row in the ledger', async () => {
    scene.programs.set('feed', exits(1));
    await scene.start([everyMinute('feed', { retries: 1, retryDelaySeconds: 10 })]);
    await scene.pass(minute + 15_000);
    const [retry, first] = await scene.runs('feed');
    expect(retry).toMatchObject({ trigger: 'failure', predecessor: first?.id, dueAt: first?.dueAt });
    expect(await scene.ledger('feed')).toMatchObject([{ fate: 'ran', run: first?.id, dueAt: first?.dueAt }]);
  });

  test('is not begun again when it went well, or was stopped', async () => {
    scene.programs.set('feed', exits(0, 1_000));
    await scene.start([retrying(), rarely('long', { retries: 3 })]);
    await runNow();
    await runNow('long');
    await scene.apply([retrying(), rarely('long', { retries: 3, status: 'disabled' })]);
    await scene.apply([retrying(), rarely('long', { retries: 3 })]);
    await scene.pass(5 * minute);
    expect(await scene.runs('feed')).toHaveLength(1);
    expect(await scene.runs('long')).toMatchObject([{ outcome: 'stopped' }]);
  });

  test('is begun again only after the exit codes that it names', async () => {
    scene.programs.set('feed', exits(1));
    await scene.start([retrying({ retryOn: [75, 111] })]);
    await runNow();
    await scene.pass(5 * minute);
    expect(await scene.runs('feed')).toHaveLength(1);
    scene.programs.set('feed', exits(111));
    await runNow();
    await scene.pass(31_000);
    expect((await scene.runs('feed'))[0]).toMatchObject({ trigger: 'failure', attempt: 2 });
  });

  test('is begun again when it ran too long, and when it could not be started', async () => {
    await scene.start([retrying({ maxRuntimeSeconds: 5 })]);
    await runNow();
    await scene.pass(36_000);
    const [second, first] = await scene.runs('feed');
    expect(first).toMatchObject({ outcome: 'timed-out' });
    expect(second).toMatchObject({ predecessor: first?.id, endedAt: null });
    scene.programs.set('feed', failsToStart('conmon is gone'));
    await scene.pass(40_000);
    expect((await scene.runs('feed'))[0]).toMatchObject({ attempt: 3, outcome: 'failed' });
  });

  test('waits for a place where its max instances run, and takes it as soon as it is free', async () => {
    const job = retrying({ maxInstances: 1 });
    scene.programs.set('feed', exits(1));
    await scene.start([job]);
    const failed = await runNow();
    scene.programs.set('feed', exits(0, 5 * minute));
    const long = await runNow();
    await scene.pass(4 * minute);
    expect(scene.alive('feed')).toEqual([long.id]);
    await scene.pass(minute);
    const [retry] = await scene.runs('feed');
    expect(retry).toMatchObject({ predecessor: failed.id, attempt: 2, endedAt: null });
    expect(scene.alive('feed')).toEqual([retry?.id]);
  });

  test.each([
    ['stopped', [retrying({ status: 'disabled' })], {}],
    ['paused', [retrying({ paused: true })], {}],
    ['unbooked', [retrying()], { plan: null }],
    ['paused with its environment', [retrying()], { environment: { ...environment, paused: true } }],
    ['removed', [], {}],
  ] as const)(
    'that is %s meanwhile is not begun again, also not after a restart of the daemon',
    async (_, jobs, changes) => {
      scene.programs.set('feed', exits(1));
      await scene.start([retrying()]);
      await runNow();
      await scene.pass(10_000);
      expect(scene.state('feed')?.kind).toBe('backing-off');
      await scene.apply(jobs, changes);
      // Added or enabled again, it counts anew; booked or let go on again, it does not.
      const anew = jobs.length === 0 || jobs[0]?.status === 'disabled';
      const back = [retrying(anew ? { dueSince: scene.clock.wall() } : {})];
      await scene.apply(back);
      await scene.pass(minute);
      expect(await scene.runs('feed')).toHaveLength(1);
      await scene.again(back);
      await scene.pass(5 * minute);
      expect(await scene.runs('feed')).toHaveLength(1);
    },
  );

  test('is begun again at its time by another daemon', async () => {
    scene.programs.set('feed', exits(1));
    await scene.start([retrying({ retryDelaySeconds: 600 })]);
    const first = await runNow();
    await scene.pass(4 * minute);
    await scene.again([retrying({ retryDelaySeconds: 600 })]);
    expect(scene.state('feed')).toMatchObject({ kind: 'backing-off' });
    await scene.pass(5 * minute);
    expect(await scene.runs('feed')).toHaveLength(1);
    await scene.pass(minute);
    expect((await scene.runs('feed'))[0]).toMatchObject({ predecessor: first.id, attempt: 2 });
    // And once only.
    scene.programs.set('feed', exits(0));
    await scene.pass(30 * minute);
    await scene.again([retrying({ retryDelaySeconds: 600 })]);
    await scene.pass(30 * minute);
    expect(await scene.runs('feed')).toHaveLength(3);
  });

  test('is begun again also when it failed while no daemon was there', async () => {
    scene.programs.set('feed', exits(9, 20_000));
    await scene.start([retrying()]);
    const first = await runNow();
    scene.life.end();
    await scene.pass(10 * minute);
    await scene.again([retrying()]);
    expect(await scene.runs('feed')).toMatchObject([
      { predecessor: first.id, attempt: 2 },
      { id: first.id, outcome: 'failed', exit: { code: 9 } },
    ]);
  });

  test('is left alone when its time was too long ago', async () => {
    scene.programs.set('feed', exits(9, 20_000));
    await scene.start([retrying({ catchUpMaxAgeSeconds: 3_600 })]);
    await runNow();
    await scene.pass(30_000);
    scene.life.end();
    await scene.pass(120 * minute);
    await scene.again([retrying({ catchUpMaxAgeSeconds: 3_600 })]);
    await scene.pass(10 * minute);
    expect(await scene.runs('feed')).toHaveLength(1);
  });
});

describe('a deployment', () => {
  const job = rarely('feed', { onDeploy: 'restart' });

  test('ends the runs of a cron that asks for it, and begins each again', async () => {
    scene.programs.set('feed', finishesOnTerm(0, 3_000));
    await scene.start([job]);
    const [one, two] = [await runNow(), await runNow()];
    let done = false;
    void scene.platform.restart('shop', ['feed'], 'deploy').then(() => {
      done = true;
    });
    await scene.pass(2_999);
    expect(done).toBe(false);
    await scene.pass(2);
    expect(done).toBe(true);
    const runs = await scene.runs('feed');
    const fresh = runs.filter((run) => run.trigger === 'deploy');
    expect(fresh.map((run) => run.predecessor).sort()).toEqual([one.id, two.id]);
    expect(fresh).toMatchObject([{ attempt: 1, endedAt: null }, { endedAt: null }]);
    expect(runs.filter((run) => run.outcome === 'stopped')).toHaveLength(2);
    expect(runs.find((run) => run.id === one.id)?.reason).toBe('restarted for a deployment (exit code 0)');
  });

  test('leaves a cron alone that does not run', async () => {
    await scene.start([job]);
    await scene.platform.restart('shop', ['feed'], 'deploy');
    expect(await scene.runs('feed')).toEqual([]);
  });

  test('begins a run again also when the daemon dies before it does', async () => {
    scene.programs.set('feed', finishesOnTerm(0, 3_000));
    await scene.start([job]);
    const first = await runNow();
    void scene.platform.restart('shop', ['feed'], 'deploy');
    await scene.pass(1_000);
    scene.life.end();
    await scene.pass(minute);
    await scene.again([job]);
    expect(await scene.runs('feed')).toMatchObject([
      { trigger: 'deploy', predecessor: first.id, endedAt: null },
      { id: first.id, outcome: 'stopped' },
    ]);
    await scene.again([job]);
    expect(await scene.runs('feed')).toHaveLength(2);
  });

  test('begins nothing again that a person stops meanwhile', async () => {
    scene.programs.set('feed', finishesOnTerm(0, 3_000));
    await scene.start([job]);
    await runNow();
    void scene.platform.restart('shop', ['feed'], 'deploy');
    await scene.pass(1_000);
    await scene.apply([{ ...job, status: 'disabled' }]);
    await scene.pass(minute);
    expect(await scene.runs('feed')).toHaveLength(1);
    expect(scene.state('feed')?.kind).toBe('disabled');
  });
});

describe('a cron that is paused', () => {
  test('skips its due times with that reason, and lets a run go on', async () => {
    const job = everyMinute('feed');
    await scene.start([job]);
    await scene.pass(minute);
    await scene.apply([{ ...job, paused: true }]);
    await scene.pass(2 * minute);
    expect(scene.alive('feed')).toHaveLength(1);
    expect(scene.state('feed')?.kind).toBe('running');
    await scene.apply([job]);
    await scene.pass(minute);
    expect((await scene.ledger('feed')).map(({ fate, reason }) => [fate, reason])).toEqual([
      ['ran', null],
      ['skipped', 'skipped: paused'],
      ['skipped', 'skipped: paused'],
      ['ran', null],
    ]);
  });

  test('says so, and runs when a person asks', async () => {
    await scene.start([rarely('feed', { paused: true })]);
    expect(scene.state('feed')).toEqual({ kind: 'stopped' });
    expect(scene.reason('feed')).toBe('paused: due times are skipped');
    await runNow();
    expect(scene.alive('feed')).toHaveLength(1);
  });

  test('with its environment tells that in the ledger', async () => {
    const paused = { environment: { ...environment, paused: true } };
    await scene.start([everyMinute('feed')], paused);
    await scene.pass(2 * minute);
    expect((await scene.ledger('feed')).map((row) => row.reason)).toEqual(
      Array(2).fill('skipped: the crons of the environment are paused'),
    );
    await scene.again([everyMinute('feed')], undefined, paused);
    expect(scene.reason('feed')).toBe('the crons of the environment are paused: due times are skipped');
  });
});

describe('what was due while no daemon was there', () => {
  const stopped = async (job: Cron, minutes: number): Promise<void> => {
    scene.programs.set('feed', exits(0, 5_000));
    await scene.start([job]);
    await scene.pass(minute);
    scene.life.end();
    await scene.pass(minutes * minute);
    await scene.again([job]);
  };
  const fates = async () =>
    (await scene.ledger('feed')).map((row) => `${row.fate}${row.count === undefined ? '' : ` ${row.count}`}`);

  test('is run in its order with "all", as far as it is not too old', async () => {
    await stopped(everyMinute('feed', { catchUp: 'all', catchUpMaxAgeSeconds: 185 }), 10);
    await scene.pass(30_000);
    // 12:02 … 12:11 were due; the last three, and 12:08 at 185 s before 12:11:00, are young enough.
    expect(await fates()).toEqual(['ran', 'ran', 'ran', 'ran', 'missed 6', 'ran']);
    const caughtUp = (await scene.runs('feed')).slice(0, 4).reverse();
    expect(caughtUp.map((run) => run.trigger)).toEqual(['catch-up', 'catch-up', 'catch-up', 'schedule']);
    expect(caughtUp.map((run) => run.dueAt)).toEqual([...caughtUp.map((run) => run.dueAt)].sort());
  });

  test('is run once with "latest", and only told with "none"', async () => {
    await stopped(everyMinute('feed', { catchUp: 'latest' }), 9);
    expect(await fates()).toEqual(['ran', 'missed 8', 'ran']);
    await scene.close();
    scene = await Scene.open();
    await stopped(everyMinute('feed', { catchUp: 'none' }), 9);
    expect(await fates()).toEqual(['ran', 'missed 8', 'ran']);
    const [, missed] = await scene.ledger('feed');
    expect(missed?.reason).toMatch(
      /^missed: the machine was down from 2026-01-14T12:0\d:\d\dZ to 2026-01-14T12:10:00Z/,
    );
  });

  test('is told from the last sign of life', async () => {
    await stopped(everyMinute('feed'), 5);
    expect(Number(await scene.store.meta(heartbeatKey))).toBe(scene.clock.wall());
  });
});

test('the scheduler gives its sign of life, however often something else happens', async () => {
  await scene.start([rarely('feed')]);
  for (let turn = 0; turn < 30; turn++) {
    await scene.pass(5_000);
    // Each time, what is due next is due at another time.
    const expression = `0 ${3 + (turn % 2)} * * *`;
    await scene.apply([
      rarely('feed', { schedule: { kind: 'crontab', expression, timezone: 'UTC', moment: 0 } }),
    ]);
    const beat = Number(await scene.store.meta(heartbeatKey));
    expect(scene.clock.wall() - beat).toBeLessThanOrEqual(30_000);
  }
});

describe('a full disk', () => {
  const disk = fullDisk();
  beforeEach(() => {
    disk.full = false;
    scene.failure = disk.plan;
  });

  test('begins nothing that is not recorded, and tells of every due time when it is free again', async () => {
    const at = (name: string, second: number): Cron =>
      everyMinute(name, { schedule: { kind: 'interval', interval: '1m', moment: second } });
    const jobs = [at('feed', 30), at('mails', 31)];
    for (const { name } of jobs) scene.programs.set(name, exits(0));
    await scene.start(jobs);
    disk.full = true;
    // Without a pause for its answers: what is due meanwhile fails as well.
    scene.clock.advance(3 * minute);
    await scene.pass(1_000);
    expect(scene.machine.history).toEqual([]);
    disk.full = false;
    await scene.pass(minute);
    for (const { name } of jobs) {
      const skipped = ['skipped', 'skipped: the database could not be written'];
      expect((await scene.ledger(name)).map(({ fate, reason }) => [fate, reason])).toEqual([
        ['ran', null],
        skipped,
        skipped,
        skipped,
      ]);
      expect(await scene.runs(name)).toHaveLength(1);
    }
  });

  test('holds a retry up, and does not lose it', async () => {
    scene.programs.set('feed', exits(1));
    await scene.start([retrying()]);
    await runNow();
    await scene.pass(10_000);
    disk.full = true;
    await scene.pass(5 * minute);
    expect(scene.machine.history).toHaveLength(1);
    expect(scene.state('feed')?.kind).toBe('backing-off');
    scene.programs.set('feed', exits(0));
    disk.full = false;
    await scene.pass(10_000);
    expect(await scene.runs('feed')).toMatchObject([{ attempt: 2, outcome: 'ok' }, { attempt: 1 }]);
  });
});

describe('a cron whose schedule can not be read', () => {
  test('says why, and holds up nobody else', async () => {
    const lost = everyMinute('lost', {
      schedule: { kind: 'crontab', expression: '* * * * *', timezone: 'Mars/Olympus', moment: 0 },
    });
    scene.programs.set('feed', exits(0));
    await scene.start([lost, everyMinute('feed')]);
    await scene.pass(minute);
    expect(await scene.runs('feed')).toHaveLength(1);
    expect(scene.state('lost')?.kind).toBe('stopped');
    expect(scene.reason('lost')).toContain('there is no time zone "Mars/Olympus"');
    expect(scene.events).toContainEqual(
      expect.objectContaining({ kind: 'trouble', sentence: expect.stringContaining('Mars/Olympus') }),
    );
  });
});

test('a run that never ends is told to be running for as long', async () => {
  scene.programs.set('feed', runsForever());
  await scene.start([everyMinute('feed', { maxInstances: 1 })]);
  await scene.pass(3 * minute);
  expect(scene.reason('feed')).toBe('one run for 2m');
});
