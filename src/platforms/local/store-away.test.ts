/** The store can't be written for a while (its disk is full, or its server is away): what goes on, what waits, and what is told afterwards. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exits, failsToStart, runsForever } from '../../runtimes/fake/fake-program.ts';
import { fullDisk, serverAway } from '../../store/failing/failing-store.ts';
import { everyMinute, Scene, worker } from './scene.testkit.ts';

const minute = 60_000;

describe.each([
  ['its disk is full', fullDisk],
  ['its server is away', serverAway],
])('while the store can not be written: %s', (_, breaking) => {
  let scene: Scene;
  const disk = breaking();
  const fill = () => {
    disk.full = true;
    scene.failure = disk.plan;
  };
  const free = async () => {
    disk.full = false;
    await scene.pass(5_000);
  };
  const troubles = () => scene.events.flatMap((event) => (event.kind === 'trouble' ? [event.sentence] : []));

  beforeEach(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.close());

  test('a worker that ends is restarted, and all its runs are told when it can be written again', async () => {
    scene.programs.set('mails', exits(3, 20_000));
    await scene.start([worker('mails')]);
    const first = scene.alive('mails');
    fill();
    await scene.pass(50_000);
    const second = scene.alive('mails');
    expect(second).toHaveLength(1);
    expect(second).not.toEqual(first);
    expect(await scene.runs('mails')).toHaveLength(1);
    await free();
    const runs = await scene.runs('mails');
    expect(runs.map((run) => run.outcome)).toEqual([null, 'failed', 'failed']);
    expect(runs[0]).toMatchObject({ id: second[0], handle: { runId: second[0] } });
    expect(runs.slice(1).map((run) => run.exit)).toEqual([
      { kind: 'exited', code: 3 },
      { kind: 'exited', code: 3 },
    ]);
    expect(runs.map((run) => run.predecessor)).toEqual([runs[1]?.id, runs[2]?.id, null]);
  });

  test('the beginning and the end of it are told once each, with how long it lasted', async () => {
    scene.programs.set('mails', exits(0, 20_000));
    await scene.start([worker('mails')]);
    fill();
    await scene.pass(3 * minute);
    expect(troubles().filter((each) => each.includes('what happens meanwhile'))).toHaveLength(1);
    await free();
    expect(troubles().filter((each) => each.includes('can be written again after'))).toHaveLength(1);
  });

  test('loses no due time that is skipped or missed meanwhile, however often it asks whether the store is back', async () => {
    scene.programs.set('feed', runsForever());
    await scene.start([everyMinute('feed', { maxInstances: 1 })]);
    await scene.pass(minute);
    fill();
    for (let minutes = 0; minutes < 4; minutes += 1) await scene.pass(minute);
    disk.full = false;
    await scene.pass(2_000);
    const overlap = ['skipped', 'skipped: one instance runs'];
    expect((await scene.ledger('feed')).map(({ fate, reason }) => [fate, reason])).toEqual([
      overlap,
      overlap,
      overlap,
      overlap,
      ['ran', null],
    ]);
  });

  test('tells of them as soon as it can be written again, also when nothing else is due for long', async () => {
    await scene.start([everyMinute('feed')]);
    scene.programs.set('feed', exits(0));
    fill();
    await scene.pass(minute);
    expect(await scene.ledger('feed')).toEqual([]);
    disk.full = false;
    await scene.pass(2_000);
    expect(await scene.ledger('feed')).toMatchObject([{ fate: 'skipped' }]);
  });

  test('a cron does not start, and its due times are told as skipped afterwards', async () => {
    await scene.start([everyMinute('report')]);
    fill();
    await scene.pass(2 * minute);
    expect(scene.alive('report')).toEqual([]);
    await free();
    await scene.pass(minute);
    const rows = await scene.ledger('report');
    expect(rows.map((row) => row.fate)).toContain('skipped');
    expect(rows.find((row) => row.fate === 'skipped')?.reason).toContain('database');
  });

  test('a worker that can not be started is tried again all the same', async () => {
    scene.programs.set('mails', failsToStart('no luck'));
    await scene.start([]);
    fill();
    await scene.apply([worker('mails')]);
    await scene.pass(10_000);
    expect(scene.state('mails')).toMatchObject({ kind: 'backing-off' });
    await free();
    const runs = await scene.runs('mails');
    expect(runs.length).toBeGreaterThan(2);
    expect(runs.every((run) => run.outcome === 'failed')).toBe(true);
  });

  test('a worker is stopped, and stays so', async () => {
    await scene.start([worker('mails')]);
    fill();
    await scene.apply([worker('mails', { status: 'disabled' })]);
    await scene.pass(15_000);
    expect(scene.alive('mails')).toEqual([]);
    await free();
    expect((await scene.runs('mails'))[0]).toMatchObject({ outcome: 'stopped', endRequest: 'stop' });
  });

  test('a daemon that ends does not wait for it for ever', async () => {
    await scene.start([worker('mails')]);
    fill();
    const closed = scene.platform.close({ endJobs: true });
    await scene.pass(minute);
    await closed;
    expect(scene.alive('mails')).toEqual([]);
  });
});
