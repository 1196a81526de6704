import { describe, expect, it } from 'vitest';
import { advise, type Measured } from './advice.ts';
import { defaultPlans, findPlan, megabyte } from './plan.ts';

const calm: Measured = {
  memoryMaxBytes: 100 * megabyte,
  swapBytes: 0,
  cpuSeconds: 1_000,
  throttledSeconds: 10,
  outOfMemoryKills: 0,
};
const advice = (more: Partial<Measured>, plan = 'S') =>
  advise(findPlan(defaultPlans, plan), defaultPlans, { ...calm, ...more });

describe('advice', () => {
  it('is silent while the plan fits, and where nothing was measured', () => {
    expect(advice({})).toEqual([]);
    expect(advice({ memoryMaxBytes: null, throttledSeconds: null, outOfMemoryKills: null })).toEqual([]);
  });

  it('names the next plan when memory ran out', () => {
    expect(advice({ outOfMemoryKills: 2, memoryMaxBytes: 256 * megabyte })).toEqual([
      'Memory ran out 2 times: plan M has 512 MB and 0.5 CPU.',
    ]);
  });

  it('names a plan that holds the peak with room to spare', () => {
    expect(advice({ memoryMaxBytes: 240 * megabyte })).toEqual([
      'The jobs held 240.0 MB of 256 MB at their peak: plan M has 512 MB and 0.5 CPU.',
    ]);
    expect(advice({ memoryMaxBytes: 500 * megabyte })[0]).toContain('plan L has 1024 MB');
  });

  it('says all its reasons in one sentence', () => {
    expect(advice({ swapBytes: 3 * megabyte, throttledSeconds: 600 })).toEqual([
      '3.0 MB are in swap, and the jobs waited 10m for CPU: plan M has 512 MB and 0.5 CPU.',
    ]);
  });

  it('takes a moment without CPU for what every start has', () => {
    expect(advice({ cpuSeconds: 1, throttledSeconds: 59 })).toEqual([]);
    expect(advice({ cpuSeconds: 10_000, throttledSeconds: 600 })).toEqual([]);
  });

  it('says so where no plan is larger', () => {
    expect(advice({ outOfMemoryKills: 1 }, '2XL')).toEqual([
      'Memory ran out once: no plan is larger: let the jobs use less.',
    ]);
  });
});
