import { describe, expect, test } from 'vitest';
import type { Metrics } from '../../../../src/contract/metrics.ts';
import { chartsOf, isEmpty, mostOf, newestOf, sumOf, topOf } from './charts.ts';

const none = [null, null, null];
const metrics = (more: Partial<Metrics['series']> = {}): Metrics => ({
  environment: 'shop',
  job: null,
  from: '2026-11-22T03:00:00.000Z',
  until: '2026-11-22T03:00:30.000Z',
  stepSeconds: 10,
  series: {
    memoryBytes: none,
    memoryMaxBytes: none,
    memoryWithCacheBytes: none,
    swapBytes: none,
    swapMaxBytes: none,
    cpu: none,
    cpuMax: none,
    throttled: none,
    cronRuns: [0, 0, 0],
    cronFails: [0, 0, 0],
    workerStarts: [0, 0, 0],
    outOfMemoryKills: [0, 0, 0],
    memoryLimitBytes: null,
    cpuLimit: null,
    durationAvgSeconds: null,
    durationMaxSeconds: null,
    ...more,
  },
  marks: [],
  limits: { memoryBytes: 1024 ** 3, cpu: 1 },
});

describe('the charts of the metrics', () => {
  test('are memory, CPU, swap, cron runs, cron fails and worker starts, in this order', () => {
    expect(chartsOf(metrics()).map(({ title }) => title)).toEqual([
      'Memory',
      'CPU',
      'Swap',
      'Cron runs',
      'Cron fails',
      'Worker starts',
    ]);
  });

  test('lack swap for one job, of which it is not known', () => {
    expect(chartsOf(metrics({ swapBytes: null })).map(({ key }) => key)).not.toContain('swap');
  });

  test('say that nothing was measured, and that something was', () => {
    expect(isEmpty(metrics())).toBe(true);
    expect(isEmpty(metrics({ memoryBytes: [null, 5, null] }))).toBe(false);
    expect(isEmpty(metrics({ cronFails: [0, 1, 0] }))).toBe(false);
  });

  test('reach to the plan, or to what was used where that is more', () => {
    const line = (values: (number | null)[]) => [{ label: '', values, look: 'line' as const }];
    expect(topOf({ lines: line([10]), limit: 100, topMin: 1 })).toBeGreaterThan(100);
    expect(topOf({ lines: line([300, null]), limit: 100, topMin: 1 })).toBeGreaterThan(300);
    expect(topOf({ lines: line(none), limit: null, topMin: 8 })).toBeGreaterThan(8);
  });

  test('pass over gaps: a gap is no zero', () => {
    expect([newestOf([1, 2, null]), mostOf([null, -3, null]), newestOf(none), mostOf(none)]).toEqual([
      2,
      -3,
      null,
      null,
    ]);
    expect(sumOf([1, null, 2])).toBe(3);
  });
});
