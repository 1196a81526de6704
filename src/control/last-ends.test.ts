import { beforeEach, expect, test } from 'vitest';
import type { LastEnd, Run } from '../domain/run.ts';
import { LastEnds } from './last-ends.ts';

const end = (job: string, run: string): LastEnd => ({
  job,
  run,
  endedAt: 1,
  outcome: 'failed',
  reason: 'exit code 3',
});
const ended = (job: string, id: string): Run =>
  ({ id, job, environment: 'shop', endedAt: 1, outcome: 'failed', reason: 'exit code 3' }) as Run;

let asked: string[][];
let answer: () => Promise<LastEnd[]>;
let ends: LastEnds;

beforeEach(() => {
  asked = [];
  answer = async () => [end('feed', 'r1')];
  ends = new LastEnds({
    lastEnds: (_environment, jobs) => {
      asked.push([...jobs]);
      return answer();
    },
  });
});

test('the store is asked once for each job, also for one that never ran', async () => {
  expect((await ends.of('shop', ['feed', 'mail'])).get('mail')).toBeNull();
  expect((await ends.of('shop', ['feed', 'mail', 'new'])).get('feed')).toEqual(end('feed', 'r1'));
  expect(asked).toEqual([['feed', 'mail'], ['new']]);
});

test('an end is told at once, also one that comes while the store is asked', async () => {
  let tell: (found: LastEnd[]) => void = () => undefined;
  answer = () => new Promise((resolve) => (tell = resolve));
  const asking = ends.of('shop', ['feed']);
  ends.ended(ended('feed', 'r2'));
  tell([end('feed', 'r1')]);
  expect((await asking).get('feed')?.run).toBe('r2');
  ends.ended(ended('feed', 'r3'));
  expect((await ends.of('shop', ['feed'])).get('feed')?.run).toBe('r3');
});

test('of a remote command, and of an environment that nobody asked about, nothing is kept', async () => {
  ends.ended({ ...ended('feed', 'r2'), job: null });
  ends.ended({ ...ended('feed', 'r2'), environment: 'blog' });
  expect((await ends.of('shop', ['feed'])).get('feed')?.run).toBe('r1');
  ends.forget('shop');
  await ends.of('shop', ['feed']);
  expect(asked).toHaveLength(2);
});
