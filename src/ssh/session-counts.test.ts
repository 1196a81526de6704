import { expect, test } from 'vitest';
import { limits } from '../domain/limits.ts';
import { SessionCounts } from './session-counts.ts';

const many = (counts: SessionCounts, environment: string, times: number): (() => void)[] =>
  Array.from({ length: times }, () => counts.enter(environment));

test('one environment has so many sessions and leaves room for the others', () => {
  const counts = new SessionCounts();
  const [leave] = many(counts, 'shop', limits.sshSessionsPerEnvironment);
  expect(() => counts.enter('shop')).toThrow(
    `"shop" has ${limits.sshSessionsPerEnvironment} SSH sessions open, and that is the limit: end some first`,
  );
  counts.enter('blog');
  leave?.();
  leave?.();
  counts.enter('shop');
  expect(() => counts.enter('shop')).toThrow('that is the limit');
});

test('all together have so many', () => {
  const counts = new SessionCounts();
  const environments = limits.sshSessions / limits.sshSessionsPerEnvironment;
  for (let each = 0; each < environments; each++)
    many(counts, `env-${each}`, limits.sshSessionsPerEnvironment);
  expect(() => counts.enter('one-more')).toThrow('this server has');
});
