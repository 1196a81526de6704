import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Run } from '../../domain/run.ts';
import { EnvironmentCount, type Measurement, type RunUse } from './counting.ts';

const megabyte = 1024 * 1024;
const since = Date.UTC(2026, 0, 14, 12);

const aRun = (facts: Partial<Run>): Run => ({
  id: 'run-1',
  environment: 'shop',
  job: 'mailer',
  kind: 'worker',
  instance: 0,
  command: 'x',
  trigger: 'start',
  predecessor: null,
  attempt: 1,
  askedBy: null,
  dueAt: null,
  createdAt: since,
  startedAt: since,
  endedAt: null,
  exit: null,
  outcome: null,
  reason: null,
  memoryAvgBytes: null,
  memoryMaxBytes: null,
  commit: null,
  settings: 'x',
  leftovers: [],
  handle: null,
  endRequest: null,
  ...facts,
});

const aCronRun = (facts: Partial<Run> = {}): Run =>
  aRun({ id: 'run-2', job: 'report', kind: 'cron', trigger: 'schedule', ...facts });

const look = (usage: Partial<Measurement['usage']> = {}, runs: readonly RunUse[] = []): Measurement => ({
  environment: 'shop',
  usage: {
    memoryBytes: 100 * megabyte,
    cacheBytes: 20 * megabyte,
    swapBytes: 0,
    cpuSeconds: 0,
    throttledSeconds: 0,
    outOfMemoryKills: 0,
    ...usage,
  },
  runs,
  limits: null,
});

const use = (facts: Partial<RunUse> = {}): RunUse => ({
  runId: 'run-1',
  job: 'mailer',
  memoryBytes: 50 * megabyte,
  cpuSeconds: 0,
  ...facts,
});

let count: EnvironmentCount;
let now: number;
/** The next look, ten seconds after the one before. */
const next = (measurement: Measurement, ms = 10_000): ReturnType<EnvironmentCount['measured']> => {
  now += ms;
  return count.measured(measurement, now);
};

beforeEach(() => {
  count = new EnvironmentCount(since);
  now = 1_000;
});

describe('what is counted of an environment', () => {
  test('is what it holds at each look, and what its counters have grown by since the one before', () => {
    next(look({ cpuSeconds: 100, throttledSeconds: 7 }));
    const buckets = next(look({ cpuSeconds: 102.5, throttledSeconds: 8, swapBytes: megabyte }));
    expect(buckets.get('')).toEqual({
      samples: 1,
      elapsedMs: 10_000,
      memoryKb: 102_400,
      memoryKbMax: 102_400,
      cacheKb: 20_480,
      swapKb: 1_024,
      swapKbMax: 1_024,
      cpuMs: 2_500,
      cpuMilliMax: 250,
      throttledMs: 1_000,
    });
  });

  test('has no CPU for a time that nobody watched: neither before the first look nor over a gap', () => {
    expect(next(look({ cpuSeconds: 100 })).get('')).not.toHaveProperty('elapsedMs');
    const after = next(look({ cpuSeconds: 400 }), 60_000).get('');
    expect(after).not.toHaveProperty('elapsedMs');
    expect(after).not.toHaveProperty('cpuMs');
    expect(next(look({ cpuSeconds: 401 })).get('')).toMatchObject({ elapsedMs: 10_000, cpuMs: 1_000 });
  });

  test('never goes below nothing where a counter begins anew', () => {
    next(look({ cpuSeconds: 100, outOfMemoryKills: 5 }));
    expect(next(look({ cpuSeconds: 2, outOfMemoryKills: 1 })).get('')).toMatchObject({
      cpuMs: 2_000,
      outOfMemoryKills: 1,
    });
  });

  test('has the kills of a gap too, but not those before the first look', () => {
    expect(next(look({ outOfMemoryKills: 3 })).get('')).not.toHaveProperty('outOfMemoryKills', 3);
    expect(next(look({ outOfMemoryKills: 4 }), 90_000).get('')).toMatchObject({ outOfMemoryKills: 1 });
  });

  test('has a kill that happened while the daemon was away once, whether or not the kernel counts it still', () => {
    const killed = aRun({ outcome: 'out-of-memory', endedAt: since - 5_000 });
    count.ended(killed, null);
    expect(next(look({ outOfMemoryKills: 1 })).get('')).toMatchObject({ outOfMemoryKills: 1 });
    expect(next(look({ outOfMemoryKills: 1 })).get('')).not.toHaveProperty('outOfMemoryKills');
  });

  test('has a kill that the kernel counted once, not once more by its run', () => {
    next(look());
    count.ended(aRun({ outcome: 'out-of-memory', endedAt: since + 15_000 }), null);
    const buckets = next(look({ outOfMemoryKills: 1 }));
    expect(buckets.get('')).toMatchObject({ outOfMemoryKills: 1 });
    expect(buckets.get('mailer')).toMatchObject({ outOfMemoryKills: 1 });
  });

  test('sums up to what the counter says, however often it begins anew', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(100_000), fc.boolean()), { maxLength: 40 }), (steps) => {
        const own = new EnvironmentCount(since);
        let [counter, total, counted] = [0, 0, 0];
        own.measured(look({ cpuSeconds: 0 }), 0);
        steps.forEach(([ms, anew], index) => {
          counter = anew ? ms : counter + ms;
          total += ms;
          const bucket = own.measured(look({ cpuSeconds: counter / 1_000 }), (index + 1) * 10_000).get('');
          counted += bucket?.cpuMs ?? 0;
        });
        // Where it begins anew above its old value nobody can see it: never more than was used is told.
        expect(counted).toBeLessThanOrEqual(total);
        if (steps.every(([, anew]) => !anew)) expect(counted).toBe(total);
      }),
    );
  });
});

describe('what is counted of a job', () => {
  test('is the memory of its open runs together, and the CPU of each', () => {
    count.began(aRun({}));
    count.started(aRun({}));
    next(look({}, [use({ cpuSeconds: 1 })]));
    const runs = [
      use({ cpuSeconds: 1.5 }),
      use({ runId: 'run-3', memoryBytes: 10 * megabyte, cpuSeconds: 40 }),
    ];
    count.began(aRun({ id: 'run-3' }));
    expect(next(look({}, runs)).get('mailer')).toEqual({
      samples: 1,
      elapsedMs: 10_000,
      memoryKb: 60 * 1_024,
      memoryKbMax: 60 * 1_024,
      cpuMs: 40_500,
      cpuMilliMax: 4_050,
    });
  });

  test('leaves out what an adopted run had used before', () => {
    next(look());
    const first = next(look({}, [use({ cpuSeconds: 4_000 })])).get('mailer');
    expect(first).not.toHaveProperty('cpuMs', 4_000_000);
    expect(next(look({}, [use({ cpuSeconds: 4_001 })])).get('mailer')).toMatchObject({ cpuMs: 1_000 });
  });

  test('is nothing while nothing of it runs', () => {
    next(look({}, [use()]));
    expect([...next(look()).keys()]).toEqual(['']);
  });

  test('has a run that was over between two looks: its peak, its CPU, its length', () => {
    next(look());
    count.began(aCronRun());
    const end = { endedAt: since + 2_500, outcome: 'failed', memoryMaxBytes: 30 * megabyte } as const;
    count.ended(aCronRun(end), 0.7);
    const buckets = next(look());
    expect(buckets.get('report')).toEqual({
      samples: 1,
      elapsedMs: 10_000,
      memoryKb: 30 * 1_024,
      memoryKbMax: 30 * 1_024,
      cpuMs: 700,
      cpuMilliMax: 70,
      cronRuns: 1,
      cronFails: 1,
      ends: 1,
      durationMs: 2_500,
      durationMsMax: 2_500,
    });
    expect(buckets.get('')).toMatchObject({ cronRuns: 1, cronFails: 1 });
    expect(buckets.get('')).not.toHaveProperty('ends');
    expect([...next(look()).keys()]).toEqual(['']);
  });

  test('counts starts of workers, and the last CPU of a run that was looked at', () => {
    count.began(aRun({}));
    count.started(aRun({}));
    next(look({}, [use({ cpuSeconds: 2 })]));
    count.ended(aRun({ outcome: 'failed', endedAt: since + 12_000 }), 2.25);
    count.began(aRun({ id: 'run-3' }));
    count.started(aRun({ id: 'run-3', trigger: 'failure' }));
    const buckets = next(look({}, [use({ runId: 'run-3', cpuSeconds: 0.5 })]));
    expect(buckets.get('mailer')).toMatchObject({ workerStarts: 1, cpuMs: 750 });
    expect(buckets.get('')).toMatchObject({ workerStarts: 1 });
    expect(buckets.get('mailer')).not.toHaveProperty('cronFails');
  });

  test('leaves remote commands to the environment', () => {
    count.began(aRun({ id: 'run-9', job: null, kind: 'remote' }));
    expect([...next(look({}, [use({ runId: 'run-9', job: null })])).keys()]).toEqual(['']);
  });
});
