import { expect, test } from 'vitest';
import type { Run } from './run.ts';
import { judgeLimits } from './run-limits.ts';

const minute = 60_000;
const none = { name: 'feed', warnLateSeconds: null, warnLongerSeconds: null, warnShorterSeconds: null };
type Timed = Pick<Run, 'trigger' | 'dueAt' | 'createdAt' | 'startedAt' | 'endedAt' | 'outcome'>;
const run = (changes: Partial<Timed> = {}): Timed => ({
  trigger: 'schedule',
  dueAt: 0,
  createdAt: 0,
  startedAt: 100,
  endedAt: null,
  outcome: null,
  ...changes,
});
const ended = (endedAt: number, outcome: Run['outcome'] = 'ok') => run({ startedAt: 0, endedAt, outcome });

test('without limits nothing is said', () => {
  expect(judgeLimits(none, ended(1), 2)).toEqual([]);
});

test('a start is late when it comes later than the limit after its due time, also one that has not come yet', () => {
  const job = { ...none, warnLateSeconds: 60 };
  expect(judgeLimits(job, run({ startedAt: minute }), minute)).toEqual([{ kind: 'cron-late', broken: null }]);
  expect(judgeLimits(job, run({ startedAt: minute + 1 }), minute + 1)).toEqual([
    { kind: 'cron-late', broken: '"feed" began 1m after its due time, more than 1m' },
  ]);
  expect(judgeLimits(job, run({ startedAt: null }), minute)).toEqual([]);
  expect(judgeLimits(job, run({ startedAt: null }), 5 * minute)).toEqual([
    { kind: 'cron-late', broken: '"feed" has not begun 5m after its due time, more than 1m' },
  ]);
});

test.each(['manual', 'failure', 'deploy'] as const)('a run begun by "%s" is never late', (trigger) => {
  expect(judgeLimits({ ...none, warnLateSeconds: 1 }, run({ trigger, startedAt: minute }), minute)).toEqual(
    [],
  );
});

test('a run is told to be too long while it still runs, and kept the limit only when it has ended', () => {
  const job = { ...none, warnLongerSeconds: 60 };
  expect(judgeLimits(job, run({ startedAt: 0 }), minute)).toEqual([]);
  expect(judgeLimits(job, run({ startedAt: 0 }), 90_000)).toEqual([
    { kind: 'cron-longer', broken: '"feed" has been running for 1m 30s, longer than 1m' },
  ]);
  expect(judgeLimits(job, ended(minute), 9 * minute)).toEqual([{ kind: 'cron-longer', broken: null }]);
  expect(judgeLimits(job, ended(2 * minute), 9 * minute)).toMatchObject([
    { broken: expect.stringContaining('took 2m') },
  ]);
});

test('a run is too short when it ended by itself before the limit', () => {
  const job = { ...none, warnShorterSeconds: 10 };
  expect(judgeLimits(job, run({ startedAt: 0 }), 1)).toEqual([]);
  expect(judgeLimits(job, ended(9_900, 'failed'), minute)).toEqual([
    { kind: 'cron-shorter', broken: '"feed" took 9.9s, shorter than 10s' },
  ]);
  expect(judgeLimits(job, ended(10_000), minute)).toEqual([{ kind: 'cron-shorter', broken: null }]);
});

test.each(['stopped', 'lost'] as const)(
  'a run that was %s says nothing about its length, unless it was too long',
  (outcome) => {
    const job = { ...none, warnShorterSeconds: 10, warnLongerSeconds: 60 };
    expect(judgeLimits(job, ended(1, outcome), minute)).toEqual([]);
    expect(judgeLimits(job, ended(61_000, outcome), minute)).toMatchObject([{ kind: 'cron-longer' }]);
  },
);
