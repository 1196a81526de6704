import { expect, test } from 'vitest';
import { isOver, progressOf } from './restart-progress.ts';

const row = (name: string, state: string, since: string | null = null, until: string | null = null) =>
  ({ name, state, stateSince: since, stateUntil: until }) as Parameters<typeof progressOf>[2][number];
const names = ['a', 'b'];
const before = new Map(
  [row('a', 'running', '03:00'), row('b', 'backing-off', null, '03:01')].map((each) => [each.name, each]),
);
const progress = (...rows: ReturnType<typeof row>[]) => progressOf(before, names, rows);

test('a worker has restarted when it runs since another moment', () => {
  const begun = progress(row('a', 'stopping', null, '03:20'), row('b', 'starting', '03:10'));
  expect(begun).toEqual({ of: 2, restarted: 0, not: [] });
  expect(isOver(begun)).toBe(false);
  expect(progress(row('a', 'running', '03:00'), row('b', 'running', '03:10'))).toMatchObject({
    restarted: 1,
  });
  const done = progress(row('a', 'running', '03:12'), row('b', 'running', '03:10'));
  expect(done.restarted).toBe(2);
  expect(isOver(done)).toBe(true);
});

test('one that falls again, or that somebody takes away, is waited for no longer', () => {
  expect(progress(row('a', 'running', '03:00'), row('b', 'backing-off', null, '03:01')).not).toEqual([]);
  const end = progress(row('a', 'disabled'), row('b', 'crash-loop', null, '03:11'));
  expect(end).toEqual({ of: 2, restarted: 0, not: ['a', 'b'] });
  expect(isOver(end)).toBe(true);
  expect(progress(row('b', 'running', '03:10')).not).toEqual(['a']);
});
