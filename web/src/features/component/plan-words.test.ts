import { expect, test } from 'vitest';
import type { Environment, Plan } from '../../../../src/contract/environment.ts';
import { whatChanges } from './plan-words.ts';

const megabyte = 1024 ** 2;
const plan = (name: string, megabytes: number, jobs: number, cpu: number): Plan => ({
  name,
  memoryBytes: megabytes * megabyte,
  jobs,
  cpu,
  softLimitPerJobBytes: null,
});
const [s, m, l] = [plan('S', 256, 2, 0.25), plan('M', 512, 4, 0.5), plan('L', 1024, 8, 1)];
const environment = (fields: object = {}) =>
  ({ jobs: 4, jobsEnabled: 3, usage: { memoryMaxBytes: 300 * megabyte }, ...fields }) as Environment;

test('a larger plan says what it gives, and that nothing is restarted', () => {
  expect(whatChanges(environment(), m, l)).toEqual([
    'All jobs together get 1024 MB instead of 512 MB, 1 instead of 0.5 CPU, and up to 8 enabled jobs instead of 4.',
    'It takes effect at once, on what runs: nothing is restarted.',
  ]);
});

test('a plan that is too small says so before it is refused', () => {
  const said = whatChanges(environment(), m, s).join(' ');
  expect(said).toContain('3 jobs are enabled, 1 more than it holds');
  expect(said).toContain('held 300.0 MB at their peak, more than it has');
});

test('a first plan says what begins', () => {
  expect(whatChanges(environment({ usage: null }), undefined, l)[1]).toBe(
    'Of 4 jobs defined, 3 enabled jobs begin to work.',
  );
});
