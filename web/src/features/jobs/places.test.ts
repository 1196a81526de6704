import { expect, test } from 'vitest';
import type { Environment } from '../../../../src/contract/environment.ts';
import { ordinal, placesInWords } from './places.ts';

const megabyte = 1024 ** 2;
const environment = (fields: object) =>
  ({
    plan: 'L',
    limits: { jobs: 8, memoryBytes: 1024 * megabyte },
    jobsEnabled: 4,
    usage: null,
    ...fields,
  }) as Environment;

test('a new job is told which place of the plan it takes', () => {
  const usage = { memoryMaxBytes: 540 * megabyte };
  expect(placesInWords(environment({ usage }))).toBe(
    'the 5th of 8 jobs in plan L · the others held 540.0 MB of 1024 MB at their peak',
  );
  expect(placesInWords(environment({ jobsEnabled: 8 }))).toContain(
    'all 8 jobs of plan L are enabled already',
  );
  expect(placesInWords(environment({ plan: null, limits: null }))).toContain('no plan is booked');
});

test('ordinals are English', () => {
  expect([1, 2, 3, 4, 11, 21, 112].map(ordinal)).toEqual([
    '1st',
    '2nd',
    '3rd',
    '4th',
    '11th',
    '21st',
    '112th',
  ]);
});
