import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/testkit/fake-clock.ts';
import { makeTempFolder, type TempFolder } from '../../test/testkit/temp-folder.ts';
import type { RunUse } from './core/counting.ts';
import type { Metrics } from './metrics.ts';
import { openMetrics } from './open-metrics.ts';

const megabyte = 1024 * 1024;
const noon = Date.UTC(2026, 0, 14, 12);
const day = 86_400_000;

let folder: TempFolder;
let clock: FakeClock;
let metrics: Metrics;
let troubles: string[];
const cleaning: (() => void)[] = [];

const open = (
  path = join(folder.path, 'metrics.db'),
  environments: readonly string[] = ['shop'],
): Metrics => {
  const opened = openMetrics({ path, clock, onTrouble: (sentence) => troubles.push(sentence) });
  opened.load(environments);
  return opened;
};

beforeEach(async () => {
  folder = await makeTempFolder('metrics');
  clock = new FakeClock(noon);
  troubles = [];
  metrics = open();
});

afterEach(async () => {
  metrics.close();
  for (const clean of cleaning.splice(0).reverse()) clean();
  await folder.dispose();
});

/** Ten seconds later, everything is looked at. */
async function look(
  memoryMb: number,
  jobs: Readonly<Record<string, number>> = {},
  ms = 10_000,
): Promise<void> {
  await clock.advanceAsync(ms);
  const runs = Object.entries(jobs).map(
    ([job, each]): RunUse => ({
      runId: `${job}-1`,
      job,
      memoryBytes: each * megabyte,
      cpuSeconds: clock.monotonic() / 10_000,
    }),
  );
  metrics.measured({
    environment: 'shop',
    usage: {
      memoryBytes: memoryMb * megabyte,
      cacheBytes: 0,
      swapBytes: 0,
      // A tenth of a CPU, always.
      cpuSeconds: clock.monotonic() / 10_000,
      throttledSeconds: 0,
      outOfMemoryKills: 0,
    },
    runs,
    limits: { memoryBytes: 512 * megabyte, cpu: 0.5 },
  });
  await Promise.resolve();
}

const read = (from: number, until: number, stepSeconds: number | null = null, job?: string) =>
  metrics.read({ environment: 'shop', from, until, stepSeconds, ...(job === undefined ? {} : { job }) });
const inMb = (series: readonly (number | null)[]): (number | null)[] =>
  series.map((value) => (value === null ? null : value / megabyte));

describe('metrics', () => {
  test('answer with one value a step, from the first one on', async () => {
    for (const memory of [10, 20, 30]) await look(memory, { mailer: memory - 5 });
    const { series, stepSeconds, from, until } = read(noon, noon + 30_000);
    expect({ stepSeconds, from, until }).toEqual({ stepSeconds: 10, from: noon, until: noon + 30_000 });
    expect(inMb(series.memoryBytes)).toEqual([10, 20, 30]);
    expect(series.cpu).toEqual([null, 0.1, 0.1]);
    expect(inMb(read(noon, noon + 30_000, null, 'mailer').series.memoryBytes)).toEqual([5, 15, 25]);
    expect(read(noon, noon + 30_000, null, 'nobody').series.memoryBytes).toEqual([null, null, null]);
  });

  test('leave a gap where nobody looked', async () => {
    await look(10);
    await look(20, {}, 40_000);
    expect(inMb(read(noon, noon + 50_000).series.memoryBytes)).toEqual([10, null, null, null, 20]);
    expect(read(noon, noon + 60_000, 60).series.cpu).toEqual([null]);
  });

  test('take the average and the peak of a longer step from its samples', async () => {
    for (let index = 1; index <= 12; index++) await look(index);
    const { series } = read(noon, noon + 120_000, 60);
    expect(inMb(series.memoryBytes)).toEqual([3.5, 9.5]);
    expect(inMb(series.memoryMaxBytes)).toEqual([6, 12]);
  });

  test('say at every level what the samples say, long after they were packed', async () => {
    const hours = 30;
    for (let index = 0; index < hours * 360; index++) await look(index % 100, { mailer: (index * 7) % 50 });
    const end = noon + hours * 3_600_000;
    const sample = (index: number): number => index % 100;
    for (const [step, from] of [
      [10, end - 3 * 3_600_000],
      [60, end - 20 * 3_600_000],
      [600, noon],
      [3_600, noon],
    ] as const) {
      const { series, stepSeconds } = read(from, end, step);
      expect(stepSeconds).toBe(step);
      const perStep = step / 10;
      const first = (from - noon) / 10_000;
      series.memoryBytes.forEach((average, at) => {
        const own = Array.from({ length: perStep }, (_, each) => sample(first + at * perStep + each));
        const sum = own.reduce((all, each) => all + each, 0);
        expect(average).toBe(Math.round((sum * megabyte) / perStep));
        expect(series.memoryMaxBytes[at]).toBe(Math.max(...own) * megabyte);
      });
    }
    expect(
      read(noon, end, 3_600, 'mailer').series.memoryMaxBytes.every((peak) => peak === 49 * megabyte),
    ).toBe(true);
    expect(metrics.peaks('shop', 7, null)).toMatchObject({
      memoryMaxBytes: 99 * megabyte,
      outOfMemoryKills: 0,
    });
    expect(metrics.peaks('shop', 7, null)?.cpuHourMax).toBeCloseTo(0.1, 3);
  });

  test('answer with no more points than the bound, in steps that are still kept for the time asked for', async () => {
    await look(10);
    for (const [from, until] of [
      [noon - 400 * day, noon + day],
      [noon - 8 * day, noon],
      [noon - 90 * day, noon - 89 * day],
      [0, noon + 300_000 * day],
    ] as const) {
      const { series, stepSeconds } = read(from, until);
      expect(series.memoryBytes.length).toBeLessThanOrEqual(1_500);
      expect(stepSeconds).toBeGreaterThanOrEqual(60);
    }
    expect(read(noon - 8 * day, noon - 8 * day + 600_000).stepSeconds).toBe(600);
    expect(read(noon - 100 * day, noon - 100 * day + 600_000).stepSeconds).toBe(3_600);
  });

  test('show the last hour by minutes, also after a new start', async () => {
    for (let index = 0; index < 100 * 6; index++) await look(Math.floor(index / 6), { mailer: 5 });
    const before = metrics.lastHour('shop');
    expect(inMb(before?.memoryBytes ?? []).slice(-3)).toEqual([98, 99, null]);
    expect(before?.memoryBytes).toHaveLength(60);
    expect(before?.cpu).toBeCloseTo(0.1, 3);
    metrics.close();
    metrics = open();
    expect(metrics.lastHour('shop')?.memoryBytes).toEqual(before?.memoryBytes);
    expect(metrics.lastHour('shop')?.jobs.map((each) => each.job)).toEqual(['mailer']);
    expect(metrics.lastHour('blog')).toBeUndefined();
  });

  test('mark restarts and kills, of all jobs or of one, within the range', async () => {
    await look(1);
    const run = {
      environment: 'shop',
      job: 'mailer',
      kind: 'worker',
      outcome: null,
      memoryMaxBytes: null,
    } as never;
    const ofRun = (facts: object): never => ({ ...(run as object), ...facts }) as never;
    metrics.started(ofRun({ id: 'run-1', trigger: 'start', startedAt: noon }));
    metrics.started(ofRun({ id: 'run-2', trigger: 'failure', startedAt: noon + 1_000 }));
    metrics.ended(
      ofRun({ id: 'run-2', outcome: 'out-of-memory', endedAt: noon + 2_000, reason: 'out of memory' }),
      1,
    );
    metrics.started(ofRun({ id: 'run-3', job: 'other', trigger: 'deploy', startedAt: noon + 3_000 }));
    const { marks } = read(noon, noon + 10_000);
    expect(marks).toEqual([
      { at: noon + 1_000, kind: 'restart', job: 'mailer', run: 'run-2', text: 'failure' },
      { at: noon + 2_000, kind: 'out-of-memory', job: 'mailer', run: 'run-2', text: 'out of memory' },
      { at: noon + 3_000, kind: 'restart', job: 'other', run: 'run-3', text: 'deploy' },
    ]);
    expect(read(noon, noon + 10_000, null, 'other').marks).toHaveLength(1);
    expect(read(noon + 10_000, noon + 20_000).marks).toEqual([]);
  });

  test('are gone with their environment', async () => {
    await look(10, { mailer: 5 });
    metrics.removeEnvironment('shop');
    expect(read(noon, noon + 10_000).series.memoryBytes).toEqual([null]);
    expect(metrics.seen()).toEqual([]);
    await look(20);
    metrics.close();
    metrics = open(undefined, ['blog']);
    metrics.close();
    metrics = open();
    expect(read(noon, noon + 20_000).series.memoryBytes).toEqual([null, null]);
  });
});

describe('metrics and a clock that is set', () => {
  test('back into an hour that was packed, go on in it', async () => {
    for (let index = 0; index < 370; index++) await look(10);
    clock.setWall(noon);
    for (let index = 0; index < 3; index++) await look(30);
    const { series } = read(noon, noon + 50_000, 10);
    expect(inMb(series.memoryBytes)).toEqual([20, 20, 20, 10, 10]);
    expect(inMb(series.memoryMaxBytes)).toEqual([30, 30, 30, 10, 10]);
    await clock.advanceAsync(0);
    metrics.close();
    metrics = open();
    expect(inMb(read(noon, noon + 50_000, 10).series.memoryBytes)).toEqual([20, 20, 20, 10, 10]);
  });

  test('years ahead for a moment, lose nothing of what was measured', async () => {
    for (let index = 0; index < 370; index++) await look(10);
    const then = clock.wall();
    clock.setWall(then + 2_000 * day);
    await look(50);
    clock.setWall(then + 10_000);
    await look(20);
    await clock.advanceAsync(1_000);
    expect(
      read(noon, noon + 3_600_000, 60).series.memoryBytes.every((value) => value === 10 * megabyte),
    ).toBe(true);
    expect(inMb(read(then, then + 20_000, 10).series.memoryBytes)).toEqual([null, 20]);
    expect(inMb(metrics.lastHour('shop')?.memoryBytes ?? []).slice(-2)).toEqual([20, null]);
  });
});

describe('metrics after a kill', () => {
  test('have all that was measured, but for the last look, whenever it comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ looks: fc.integer({ min: 1, max: 250 }), away: fc.nat(90) }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.boolean(),
        async (lives, settles) => {
          metrics.close();
          rmSync(folder.path, { recursive: true });
          mkdirSync(folder.path);
          clock = new FakeClock(noon);
          metrics = open();
          const expected = new Map<number, number>();
          const dead: Metrics[] = [];
          for (const { looks, away } of lives) {
            for (let index = 0; index < looks; index++) {
              const memory = (index * 13) % 64;
              await look(memory, { mailer: 1 });
              expected.set(clock.wall() / 10_000 - 1, memory);
            }
            // Packing is under way, or has not begun: the other is deaf from here on, as a process that is killed.
            if (settles) await clock.advanceAsync(0);
            dead.push(metrics);
            metrics = open();
            await clock.advanceAsync(away * 10_000);
          }
          const until = Math.ceil(clock.wall() / 10_000) * 10_000;
          const { series, from, stepSeconds } = read(noon, Math.max(until, noon + 10_000), 10);
          const shown = series.memoryMaxBytes.flatMap((value, at): [number, number][] =>
            value === null ? [] : [[at, value / megabyte]],
          );
          const model = new Map<number, number>();
          for (const [bucket, memory] of expected) {
            const at = Math.floor((bucket * 10_000 - from) / (stepSeconds * 1_000));
            model.set(at, Math.max(model.get(at) ?? 0, memory));
          }
          expect(new Map(shown)).toEqual(model);
          const samples = read(noon, until, 3_600).series.memoryMaxBytes;
          expect(Math.max(...samples.map((value) => (value ?? 0) / megabyte))).toBe(
            Math.max(...expected.values()),
          );
          for (const each of dead) each.close();
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('the file of metrics', () => {
  test('that is spoilt is set aside, and they begin anew', async () => {
    metrics.close();
    writeFileSync(join(folder.path, 'metrics.db'), 'this is no database, and never was one: '.repeat(200));
    metrics = open();
    expect(troubles).toEqual([expect.stringContaining('begin anew')]);
    await look(10);
    expect(inMb(read(noon, noon + 10_000).series.memoryBytes)).toEqual([10]);
    expect(readdirSync(folder.path)).toContain('metrics.db.unreadable');
  });

  test('that can not be made leaves them in memory', async () => {
    metrics.close();
    metrics = open(join(folder.path, 'nowhere', 'metrics.db'));
    expect(troubles).toEqual([expect.stringContaining('held in memory')]);
    await look(10);
    expect(inMb(read(noon, noon + 10_000).series.memoryBytes)).toEqual([10]);
  });

  test('on a full disk: they are kept in memory, told of once, and written when there is room', async (context) => {
    const disk = join(folder.path, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', disk], { stdio: 'pipe' });
    } catch (error) {
      context.skip(`no disk of its own: ${String(error)}`);
    }
    cleaning.push(() => void execFileSync('umount', ['--lazy', disk]));
    metrics.close();
    metrics = open(join(disk, 'metrics.db'));
    await look(10);
    try {
      writeFileSync(join(disk, 'filler'), Buffer.alloc(2 * megabyte));
    } catch {
      // Now it is full.
    }
    const jobs = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`job-${index}`, index]));
    let looks = 1;
    while (troubles.length === 0 && looks < 2_000) {
      await look(20, jobs);
      looks++;
    }
    for (let index = 0; index < 5; index++) await look(30, jobs);
    expect(troubles).toEqual([expect.stringContaining('kept in memory and tried again')]);
    rmSync(join(disk, 'filler'));
    await look(40, jobs);
    expect(troubles.at(-1)).toBe('metrics are written again');
    metrics.close();
    metrics = open(join(disk, 'metrics.db'));
    const at = noon + looks * 10_000;
    expect(inMb(read(at - 10_000, at + 60_000, 10).series.memoryBytes)).toEqual([20, 30, 30, 30, 30, 30, 40]);
  });
});
