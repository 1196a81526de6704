import { describe, expect, it } from 'vitest';
import { type Advice, advise, type Measured } from './advice.ts';
import { defaultPlans, findPlan, megabyte } from './plan.ts';

const week = 7 * 86_400;
const calm: Measured = {
  watchedSeconds: week,
  memoryMaxBytes: 150 * megabyte,
  swapMaxBytes: 0,
  cpuSeconds: 1_000,
  cpuHourMax: 0.12,
  throttledSeconds: 10,
  outOfMemoryKills: 0,
};
const advice = (more: Partial<Measured>, plan = 'S', places = 1): Advice | null => {
  const measured = { ...calm, ...more };
  return advise(findPlan(defaultPlans, plan), defaultPlans, measured, measured, places);
};
const sentence = (more: Partial<Measured>, plan?: string): string | undefined => advice(more, plan)?.sentence;

describe('advice', () => {
  it('is silent while the plan fits, and where nothing was measured', () => {
    expect(advice({})).toBeNull();
    expect(advise(findPlan(defaultPlans, 'S'), defaultPlans, undefined, undefined, 1)).toBeNull();
  });

  it('names the next plan when memory ran out', () => {
    expect(advice({ outOfMemoryKills: 2, memoryMaxBytes: 256 * megabyte })).toEqual({
      kind: 'larger',
      plan: 'M',
      sentence: 'In the last 7 days memory ran out 2 times: plan M has 512 MB and 0.5 CPU.',
    });
  });

  it('names a plan that holds the peak with room to spare', () => {
    expect(sentence({ memoryMaxBytes: 240 * megabyte })).toBe(
      'In the last 7 days the jobs held 240.0 MB of 256 MB at their peak: plan M has 512 MB and 0.5 CPU.',
    );
    expect(advice({ memoryMaxBytes: 500 * megabyte })?.plan).toBe('L');
  });

  it('says all its reasons in one sentence, and for how long was measured', () => {
    expect(sentence({ swapMaxBytes: 3 * megabyte, throttledSeconds: 600, watchedSeconds: 5_400 })).toBe(
      'In the 1h 30m that were measured 3.0 MB were in swap, and the jobs waited 10m for CPU while they had 16m 40s of it: plan M has 512 MB and 0.5 CPU.',
    );
  });

  it('takes a moment without CPU for what every start has, and some pages in swap for nothing', () => {
    expect(advice({ cpuSeconds: 1, throttledSeconds: 59 })?.kind).not.toBe('larger');
    expect(advice({ cpuSeconds: 10_000, throttledSeconds: 600 })).toBeNull();
    expect(advice({ swapMaxBytes: 4_096 })).toBeNull();
  });

  it('says so where no plan is larger', () => {
    expect(advice({ outOfMemoryKills: 1 }, '2XL')).toEqual({
      kind: 'larger',
      plan: null,
      sentence: 'In the last 7 days memory ran out once: no plan is larger: let the jobs use less.',
    });
  });

  it('names the smallest plan that would hold memory, CPU and jobs with a quarter to spare', () => {
    const small = { watchedSeconds: 30 * 86_400, memoryMaxBytes: 60 * megabyte, cpuHourMax: 0.02 };
    expect(advice(small, 'L')).toEqual({
      kind: 'smaller',
      plan: 'XS',
      sentence:
        'In the last 30 days the jobs held 60.0 MB of 1024 MB at their peak and used 0.02 of 1 CPU in their busiest hour: plan XS with 128 MB and 0.125 CPU would hold them.',
    });
    expect(advice({ ...small, cpuHourMax: 0.1 }, 'L')?.plan).toBe('S');
    expect(advice({ ...small, memoryMaxBytes: 97 * megabyte }, 'L')?.plan).toBe('S');
    expect(advice(small, 'L', 3)?.plan).toBe('M');
    expect(advice(small, 'L', 5)).toBeNull();
  });

  it('calls no plan too large before a week, nor where memory ran out, was swapped or CPU was short', () => {
    const small = { memoryMaxBytes: 10 * megabyte, cpuHourMax: 0.01 };
    expect(advice({ ...small, watchedSeconds: week - 1 }, 'L')).toBeNull();
    for (const trouble of [
      { outOfMemoryKills: 1 },
      { swapMaxBytes: 2 * megabyte },
      { throttledSeconds: 900 },
    ])
      expect(advice({ ...small, ...trouble }, 'L')?.kind).not.toBe('smaller');
  });
});
