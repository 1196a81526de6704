/** A cron's run whose record stands and that an earlier daemon did not come to start. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Cron } from '../../domain/job.ts';
import type { Run } from '../../domain/run.ts';
import { newRun } from './new-run.ts';
import { environment, everyMinute, Scene, wishFor, worker } from './scene.testkit.ts';

const minute = 60_000;

describe('a run that was recorded and never begun', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.close());

  /** As a daemon leaves it that was killed between the record and the start. */
  async function recorded(job: Cron, change: Partial<Run> = {}): Promise<Run> {
    await scene.store.addJob(job);
    const now = scene.clock.wall();
    const dueAt = Math.floor(now / minute) * minute;
    const known = { id: 'run-0000', job: job.name, kind: 'cron', command: job.command } as const;
    const run = {
      ...newRun(wishFor([job]), { ...known, trigger: 'schedule', dueAt, createdAt: now }),
      ...change,
    };
    const due = {
      environment: environment.name,
      job: job.name,
      fate: 'ran',
      run: run.id,
      reason: null,
    } as const;
    await scene.store.beginRuns([run], run.dueAt === null ? [] : [{ ...due, dueAt: run.dueAt }]);
    return run;
  }

  test('is begun by the next daemon, under its id', async () => {
    const job = everyMinute('report');
    await recorded(job);
    await scene.start([job]);
    expect(scene.alive('report')).toEqual(['run-0000']);
    expect(await scene.runs('report')).toMatchObject([
      { id: 'run-0000', outcome: null, trigger: 'schedule' },
    ]);
  });

  test('is begun once, also when that daemon dies as well', async () => {
    const job = everyMinute('report');
    await recorded(job);
    await scene.start([job]);
    await scene.again([job]);
    expect(scene.machine.history.filter((run) => run.spec.runId === 'run-0000')).toHaveLength(1);
  });

  test('counts among the instances of its cron', async () => {
    const job = everyMinute('report', { maxInstances: 1 });
    await recorded(job);
    await scene.start([job]);
    await scene.pass(minute);
    expect((await scene.ledger('report')).map((row) => row.fate)).toEqual(['skipped', 'ran']);
  });

  test('is lost when the daemon was away for long and nothing is to be caught up', async () => {
    const job = everyMinute('report');
    await recorded(job);
    await scene.clock.advanceAsync(10 * minute);
    await scene.start([job]);
    expect(scene.alive('report')).not.toContain('run-0000');
    expect((await scene.runs('report')).at(-1)).toMatchObject({
      id: 'run-0000',
      outcome: 'lost',
      exit: { kind: 'unknown' },
    });
  });

  test('is begun after all where the job wants to be caught up', async () => {
    const job = everyMinute('report', { catchUp: 'latest', catchUpMaxAgeSeconds: 3600 });
    await recorded(job);
    await scene.clock.advanceAsync(10 * minute);
    await scene.start([job]);
    expect(scene.alive('report')).toContain('run-0000');
  });

  test.each([
    ['was disabled', { status: 'disabled' }],
    ['is paused', { paused: true }],
  ] as const)('is lost when the cron %s meanwhile', async (_what, change) => {
    await recorded(everyMinute('report'));
    await scene.start([everyMinute('report', change)]);
    expect(scene.alive('report')).toEqual([]);
    expect(await scene.runs('report')).toMatchObject([{ outcome: 'lost' }]);
  });

  test('is told as lost when it was a worker’s, which gets a new run', async () => {
    const job = worker('mails');
    await scene.store.addJob(job);
    const known = {
      id: 'run-0000',
      job: 'mails',
      kind: 'worker',
      command: 'mails',
      trigger: 'start',
    } as const;
    await scene.store.beginRuns([newRun(wishFor([job]), { ...known, createdAt: scene.clock.wall() })], []);
    await scene.start([job]);
    expect(scene.alive('mails')).toEqual(['run-0001']);
    expect((await scene.runs('mails')).map((run) => run.outcome)).toEqual([null, 'lost']);
  });
});
