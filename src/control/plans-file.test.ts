import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../domain/errors.ts';
import { defaultPlans, megabyte } from '../domain/plan.ts';
import { parsePlans } from './plans-file.ts';

describe('plans.yml', () => {
  it('lists plans, with CPU linear where it is not given', () => {
    const text = `
      # ours
      plans:
        - {name: small, memory: 128MB, jobs: 1}
        - name: 2XL
          memory: 4 GB
          jobs: 32
          cpu: 8
          soft_limit_per_job: 1024MB
    `;
    expect(parsePlans(text)).toEqual([
      { name: 'small', memoryBytes: 128 * megabyte, jobs: 1, cpu: 0.125, softLimitPerJobBytes: null },
      {
        name: '2XL',
        memoryBytes: 4096 * megabyte,
        jobs: 32,
        cpu: 8,
        softLimitPerJobBytes: 1024 * megabyte,
      },
    ]);
  });

  it('takes a name that YAML reads as a number as it was written', () => {
    expect(parsePlans('plans: [{name: 1e2, memory: 128MB, jobs: 1}]')[0]?.name).toBe('1e2');
  });

  it('can say what the default plans are', () => {
    const list = defaultPlans.map((plan) => ({
      name: plan.name,
      memory: `${plan.memoryBytes / megabyte}MB`,
      jobs: plan.jobs,
      ...(plan.softLimitPerJobBytes === null
        ? {}
        : { soft_limit_per_job: `${plan.softLimitPerJobBytes / megabyte}MB` }),
    }));
    expect(parsePlans(JSON.stringify({ plans: list }))).toEqual(defaultPlans);
  });

  it.each([
    ['', 'must begin with "plans:"'],
    ['42', 'must begin with "plans:"'],
    ['plans:', 'must list one plan at least'],
    ['plans: []', 'must list one plan at least'],
    ['plans: {}', 'must list one plan at least'],
    ['plan: []', 'line 1: "plan" is not known here'],
    ['plans:\n  - M', 'line 2: each plan is written as'],
    ['plans:\n  - {memory: 1GB, jobs: 1}', 'line 2: each plan needs a "name"'],
    ['plans: [{name: "a b", memory: 1GB, jobs: 1}]', 'each plan needs a "name"'],
    ['plans: [{name: [], memory: 1GB, jobs: 1}]', 'each plan needs a "name"'],
    ['plans: [{name: M, jobs: 1}]', 'plan "M" has no "memory"'],
    ['plans: [{name: M, memory: 1GB}]', 'plan "M" has no "jobs"'],
    ['plans:\n  - {name: M,\n     memory: lots, jobs: 1}', 'line 3: the memory of plan "M" is "lots"'],
    ['plans: [{name: M, memory: 512, jobs: 1}]', 'must be a size such as 512MB'],
    ['plans: [{name: M, memory: 512KB, jobs: 1}]', 'must be a size such as 512MB'],
    ['plans: [{name: M, memory: 1GB, jobs: many}]', 'the jobs of plan "M" is "many"'],
    ['plans: [{name: M, memory: 1GB, jobs: 0}]', 'must be a whole number from 1'],
    ['plans: [{name: M, memory: 1GB, jobs: 1.5}]', 'must be a whole number from 1'],
    ['plans: [{name: M, memory: 256MB, jobs: 3}]', 'has 256 MB and its 3 jobs need 384 MB'],
    ['plans: [{name: M, memory: 1GB, jobs: 1, cpu: 0}]', 'the cpu of plan "M" must be between'],
    ['plans: [{name: M, memory: 1GB, jobs: 1, cpu: .nan}]', 'must be a number'],
    [
      'plans: [{name: M, memory: 1GB, jobs: 1, soft_limit_per_job: no}]',
      'the soft_limit_per_job of plan "M"',
    ],
    ['plans: [{name: M, memory: 1GB, jobs: 1, disk: 1GB}]', '"disk" is not a setting of a plan'],
    [
      'plans:\n  - {name: M, memory: 1GB, jobs: 1}\n  - {name: m, memory: 1GB, jobs: 1}',
      'line 3: plan "m" is there twice',
    ],
    ['plans: [{name: M, name: N, memory: 1GB, jobs: 1}]', 'line 1: '],
    ['plans: [\n{name: M', 'line 2: '],
    ['plans: *nothing', 'line 1: '],
    ['a: 1\n---\nb: 2', 'line '],
  ])('%j is refused: %s', (text, why) => {
    const parse = () => parsePlans(text);
    expect(parse).toThrow(Refusal);
    expect(parse).toThrow(why);
    expect(parse).toThrow(/^plans\.yml can't be used: [^\n]+$/);
  });

  it('is refused in a sentence or read, whatever is in it', () => {
    const piece = fc.constantFrom(
      'plans',
      ':',
      ' ',
      '\n',
      '-',
      '{',
      '}',
      '[',
      ']',
      'name',
      'M',
      'memory',
      '1GB',
      'jobs',
      '1',
      ',',
      '&a',
      '*a',
      '!!x',
      '"',
      "'",
      '#',
      '|',
      '\t',
      '? ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          expect(parsePlans(pieces.join('')).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
