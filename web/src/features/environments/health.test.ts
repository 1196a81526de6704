import { expect, test } from 'vitest';
import type { Environment } from '../../../../src/contract/environment.ts';
import { healthOf, troubleFirst } from './health.ts';

const environment = (name: string, fields: object = {}) =>
  ({
    name,
    plan: 'M',
    paused: false,
    workersExpected: 2,
    workersRunning: 2,
    jobsEnabled: 3,
    ...fields,
  }) as Environment;

test('trouble comes first, the rest by name', () => {
  const all = [
    environment('shop'),
    environment('blog', { plan: null }),
    environment('wiki', { workersRunning: 1 }),
    environment('api', { paused: true }),
  ];
  expect(troubleFirst(all).map(({ name }) => name)).toEqual(['wiki', 'api', 'blog', 'shop']);
});

test('health has a word, a shape and a tone', () => {
  expect(healthOf(environment('a', { workersRunning: 1 }))).toMatchObject({
    tone: 'bad',
    words: '1 of 2 workers does not run',
  });
  expect(healthOf(environment('a'))).toMatchObject({ tone: 'good', words: 'all runs' });
  expect(healthOf(environment('a', { plan: null }))).toMatchObject({ words: 'no jobs component' });
  expect(healthOf(environment('a', { jobsEnabled: 0, workersExpected: 0, workersRunning: 0 }))).toMatchObject(
    {
      words: 'no job is enabled',
    },
  );
});
