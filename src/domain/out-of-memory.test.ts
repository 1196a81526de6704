import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryInWords, memoryLine, planThatHolds } from './out-of-memory.ts';
import { defaultPlans, megabyte } from './plan.ts';
import { judge, type OutOfMemory } from './run.ts';

const memory = (limit: number | null, held: number | null, others: number | null): OutOfMemory => ({
  scope: 'environment',
  limitBytes: limit === null ? null : limit * megabyte,
  heldBytes: held === null ? null : held * megabyte,
  othersBytes: others === null ? null : others * megabyte,
});
const surroundings = { job: 'mailer', plans: defaultPlans };

describe('the plan that would have kept a run', () => {
  it('is larger than the one whose limit was hit, and holds all that was held', () => {
    expect(planThatHolds(defaultPlans, memory(256, 196, 60))?.name).toBe('M');
    expect(planThatHolds(defaultPlans, memory(128, 100, 400))?.name).toBe('M');
    expect(planThatHolds(defaultPlans, memory(128, 600, 10))?.name).toBe('L');
  });

  it('is none when no plan is large enough', () => {
    expect(planThatHolds(defaultPlans, memory(4096, 4000, 96))).toBeUndefined();
    expect(planThatHolds([], memory(256, 1, 1))).toBeUndefined();
  });

  it('is the smallest of all that hold it, in whatever order they are', () => {
    const size = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(size, size, size, fc.shuffledSubarray([...defaultPlans]), (limit, held, others, plans) => {
        const facts = memory(limit, held, others);
        const found = planThatHolds(plans, facts);
        const fits = plans.filter(
          (plan) => plan.memoryBytes > limit * megabyte && plan.memoryBytes >= (held + others) * megabyte,
        );
        expect(found?.memoryBytes).toBe(
          fits.length === 0 ? undefined : Math.min(...fits.map((plan) => plan.memoryBytes)),
        );
      }),
    );
  });
});

describe('the words', () => {
  it('name the job, what it held, what the others held, the limit and the plan', () => {
    expect(memoryInWords(memory(256, 196, 60), surroundings)).toBe(
      '"mailer" held 196.0 MB, the others 60.0 MB, and plan S has 256 MB for all: plan M (512 MB) would have kept it',
    );
  });

  it('leave out what is not known, and never invent a number', () => {
    expect(memoryInWords(memory(null, null, null), { job: null, plans: [] })).toBe(
      'the remote command held what nobody measured',
    );
    expect(memoryInWords(memory(100, 90, null), surroundings)).toBe(
      '"mailer" held 90.0 MB, and the plan has 100 MB for all: plan XS (128 MB) would have kept it',
    );
    expect(memoryInWords(memory(4096, 4000, 96), surroundings)).toContain('no plan is large enough');
  });

  it('stand in the log as a line of ours', () => {
    expect(memoryLine(memory(256, 196, 60), surroundings)).toMatch(
      /^nightshift: out of memory: "mailer" held/,
    );
  });
});

it('the reason of a run that ran out of memory has these words where they are known', () => {
  const facts = {
    exit: { kind: 'signalled', signal: 'KILL' },
    endRequest: null,
    killedAfterTimeout: false,
    outOfMemory: memory(128, 127, 1),
  } as const;
  expect(judge(facts).reason).toBe('out of memory (signal KILL)');
  expect(judge({ ...facts, memory: surroundings })).toEqual({
    outcome: 'out-of-memory',
    reason:
      'out of memory (signal KILL): "mailer" held 127.0 MB, the others 1.0 MB, and plan XS has 128 MB for all: plan S (256 MB) would have kept it',
  });
});
