import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPlanHolds, cpuOfMemory, defaultPlans, findPlan, megabyte, memoryPerJobBytes } from './plan.ts';

const code = (name: string) => expect.objectContaining({ code: name });

describe('the default plans', () => {
  it('are those of the design', () => {
    const rows = defaultPlans.map((plan) => [
      plan.name,
      plan.memoryBytes / megabyte,
      plan.jobs,
      plan.cpu,
      plan.softLimitPerJobBytes === null ? null : plan.softLimitPerJobBytes / megabyte,
    ]);
    expect(rows).toEqual([
      ['XS', 128, 1, 0.125, null],
      ['S', 256, 2, 0.25, null],
      ['M', 512, 4, 0.5, null],
      ['L', 1024, 8, 1, 1024],
      ['XL', 2048, 16, 2, 1024],
      ['2XL', 4096, 32, 4, 1024],
    ]);
  });

  it('hold all the jobs that they have places for', () => {
    for (const plan of defaultPlans) expect(() => checkPlanHolds(plan, plan.jobs, 'shop')).not.toThrow();
  });

  it('are found by name, whatever its case', () => {
    expect(findPlan(defaultPlans, '2xl').name).toBe('2XL');
    expect(() => findPlan(defaultPlans, 'XXL')).toThrow(
      'there is no plan "XXL": choose one of XS, S, M, L, XL, 2XL',
    );
  });
});

it('512 MB gets four times the CPU of 128 MB', () => {
  expect(cpuOfMemory(512 * megabyte) / cpuOfMemory(128 * megabyte)).toBe(4);
});

it('a plan holds just as many jobs as it has places and memory for', () => {
  const plan = fc.record({
    jobs: fc.integer({ min: 1, max: 64 }),
    memory: fc.integer({ min: 64, max: 8_192 }),
  });
  fc.assert(
    fc.property(plan, fc.integer({ min: 0, max: 70 }), ({ jobs, memory }, enabled) => {
      const given = { name: 'X', jobs, memoryBytes: memory * megabyte, cpu: 1, softLimitPerJobBytes: null };
      const check = () => checkPlanHolds(given, enabled, 'shop');
      if (enabled > jobs) expect(check).toThrow(code('plan.jobs-exceeded'));
      else if (enabled * memoryPerJobBytes > given.memoryBytes)
        expect(check).toThrow(code('plan.memory-exceeded'));
      else expect(check).not.toThrow();
    }),
  );
});
