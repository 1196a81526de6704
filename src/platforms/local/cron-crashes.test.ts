/**
 * The daemon dies at every step that it takes for its crons, and another one goes on: no due time begins two runs, none is
 * without its row in the ledger, and what was to follow a run follows it once.
 */
import { afterEach, describe, expect, test } from 'vitest';
import type { Cron } from '../../domain/job.ts';
import { exits, type FakeProgram, finishesOnTerm } from '../../runtimes/fake/fake-program.ts';
import { Life } from './life.testkit.ts';
import { everyMinute, Scene } from './scene.testkit.ts';

const minute = 60_000;
let scene: Scene;
afterEach(() => scene.close());

interface Play {
  readonly jobs: readonly Cron[];
  /** What each job's program does at first. */
  readonly programs: Readonly<Record<string, FakeProgram>>;
  readonly script: readonly (() => Promise<void>)[];
}

/** Goes through a script; where the daemon dies, another one begins after 10 s and the script goes on. */
async function play({ jobs, programs, script }: Play, endsAt: number): Promise<Life> {
  scene = await Scene.open();
  for (const [job, program] of Object.entries(programs)) scene.programs.set(job, program);
  const life = new Life(endsAt);
  await scene.again(jobs, life);
  for (const act of [async () => undefined, ...script]) {
    await act();
    if (!scene.life.ended) continue;
    await scene.pass(10_000);
    await scene.again(jobs);
  }
  return life;
}

/** Plays it once for each step that a life without a crash takes, and looks at what is left. */
async function dieAtEachStep(given: Play, look: (where: string) => Promise<void>): Promise<number> {
  const { steps } = await play(given, Number.POSITIVE_INFINITY);
  await look('without a crash');
  await scene.close();
  for (let step = 1; step <= steps; step++) {
    const { lastStep } = await play(given, step);
    expect(lastStep).not.toBe('');
    await look(`step ${step}, ${lastStep}`);
    await scene.close();
  }
  scene = await Scene.open();
  return steps;
}

/** The programs that were started for each due time by a due time. */
function startsByDueTime(job: string): Map<string, number> {
  const starts = new Map<string, number>();
  for (const { spec } of scene.machine.history) {
    const { NIGHTSHIFT_DUE_AT: dueAt, NIGHTSHIFT_TRIGGER: trigger } = spec.variables;
    if (spec.job !== job || dueAt === undefined || (trigger !== 'schedule' && trigger !== 'catch-up'))
      continue;
    starts.set(dueAt, (starts.get(dueAt) ?? 0) + 1);
  }
  return starts;
}

describe('a daemon that dies at any step', () => {
  test('begins no due time twice and leaves none without its row', { timeout: 120_000 }, async () => {
    const jobs = [
      everyMinute('feed', { catchUp: 'all', maxInstances: 2 }),
      everyMinute('slow', { maxInstances: 1 }),
      everyMinute('held', { paused: true }),
    ];
    const programs = { feed: exits(0, 5_000), slow: exits(0, 90_000) };
    const script = Array.from({ length: 4 }, () => () => scene.pass(minute));
    const steps = await dieAtEachStep({ jobs, programs, script }, async (where) => {
      const due: number[] = [];
      for (let at = Date.UTC(2026, 0, 14, 12, 1); at <= scene.clock.wall(); at += minute) due.unshift(at);
      expect(due.length).toBeGreaterThanOrEqual(4);
      for (const { name } of jobs) {
        const told = (await scene.ledger(name)).flatMap((row) =>
          Array.from({ length: row.count ?? 1 }, (_, index) => row.dueAt + index * minute).reverse(),
        );
        expect(told, `${where}: ${name}`).toEqual(due);
        for (const [dueAt, count] of startsByDueTime(name))
          expect(count, `${where}: ${name} ${dueAt}`).toBe(1);
      }
      // What the ledger says ran has a run, and that has come to an end or goes on.
      for (const row of await scene.ledger('feed')) {
        if (row.fate !== 'ran') continue;
        const run = await scene.store.run('shop', row.run ?? '');
        expect(run, where).toMatchObject({ dueAt: row.dueAt, job: 'feed' });
        if (run?.endedAt === null) expect(scene.alive('feed'), where).toContain(run.id);
      }
    });
    expect(steps).toBeGreaterThan(80);
  });

  test('begins a failed run again once, not never and not twice', { timeout: 120_000 }, async () => {
    const jobs = [everyMinute('feed', { retries: 1, retryDelaySeconds: 20 })];
    const script = [
      () => scene.pass(minute),
      () => scene.pass(5_000),
      async () => void scene.programs.set('feed', exits(0, 1_000)),
      () => scene.pass(50_000),
    ];
    let retried = 0;
    await dieAtEachStep({ jobs, programs: { feed: exits(75, 1_000) }, script }, async (where) => {
      const runs = await scene.runs('feed');
      for (const run of runs) {
        const followed = run.attempt === 1 && (run.outcome === 'failed' || run.outcome === 'lost');
        const next = runs.filter((each) => each.predecessor === run.id);
        expect(next.length, `${where}: ${run.id} ${run.outcome}`).toBe(followed ? 1 : 0);
        retried += next.length;
      }
    });
    expect(retried).toBeGreaterThan(30);
  });

  test('begins again what a deployment ends, once', { timeout: 120_000 }, async () => {
    const jobs = [
      everyMinute('feed', {
        schedule: { kind: 'crontab', expression: '0 3 * * *', timezone: 'UTC', moment: 0 },
        dueSince: Date.UTC(2026, 0, 14, 12),
        onDeploy: 'restart',
      }),
    ];
    const script = [
      async () => {
        void scene.platform.runNow('shop', 'feed', 'ada');
        await scene.pass(1_000);
      },
      async () => {
        void scene.platform.restart('shop', ['feed'], 'deploy');
        await scene.pass(1_000);
      },
      () => scene.pass(minute),
    ];
    await dieAtEachStep({ jobs, programs: { feed: finishesOnTerm(0, 2_000) }, script }, async (where) => {
      const runs = await scene.runs('feed');
      for (const run of runs) {
        const next = runs.filter((each) => each.predecessor === run.id);
        expect(next.length, `${where}: ${run.id}`).toBe(run.endRequest === 'deploy' ? 1 : 0);
      }
    });
  });
});
