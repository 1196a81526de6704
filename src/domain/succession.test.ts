import { expect, test } from 'vitest';
import type { Exit, Run } from './run.ts';
import { successionOf } from './succession.ts';

const rules = { dueSince: 0, retries: 2, retryDelaySeconds: 30, retryOn: null };
type Ended = Pick<Run, 'endedAt' | 'outcome' | 'exit' | 'endRequest' | 'attempt'>;
const exited = (code: number): Exit => ({ kind: 'exited', code });
const failed = (changes: Partial<Ended> = {}): Ended => ({
  endedAt: 1_000,
  outcome: 'failed',
  exit: exited(75),
  endRequest: null,
  attempt: 1,
  ...changes,
});

test.each(['failed', 'signalled', 'timed-out', 'out-of-memory', 'lost'] as const)(
  'a run that %s is begun again after the delay',
  (outcome) => {
    expect(successionOf(rules, failed({ outcome }))).toEqual({ trigger: 'failure', at: 31_000, attempt: 2 });
  },
);

test.each([
  ['that went well', { outcome: 'ok', exit: exited(0) }],
  ['that was stopped', { outcome: 'stopped', endRequest: 'stop' }],
  ['that was ended with the daemon', { outcome: 'stopped', endRequest: 'shutdown' }],
  ['that goes on', { endedAt: null, outcome: null, exit: null }],
  ['of the last attempt', { attempt: 3 }],
] as const)('a run %s is not', (_, changes) => {
  expect(successionOf(rules, failed(changes))).toBeNull();
});

test('a run from before the cron was enabled, or from a job of that name before it, has no successor', () => {
  expect(successionOf({ ...rules, dueSince: 1_001 }, failed())).toBeNull();
  expect(successionOf({ ...rules, dueSince: 1_001 }, failed({ endRequest: 'deploy' }))).toBeNull();
  expect(successionOf({ ...rules, dueSince: 1_000 }, failed())).not.toBeNull();
});

test('with exit codes named, only those are begun again, and nothing that has none', () => {
  const named = { ...rules, retryOn: [75, 111] };
  expect(successionOf(named, failed())).not.toBeNull();
  expect(successionOf(named, failed({ exit: exited(1) }))).toBeNull();
  expect(successionOf(named, failed({ outcome: 'timed-out' }))).toBeNull();
  expect(successionOf(named, failed({ exit: { kind: 'unknown', why: 'no user' } }))).toBeNull();
});

test('what a deployment ended begins again at once, as the same attempt, however it ended', () => {
  const ended = { outcome: 'stopped', exit: exited(0), endRequest: 'deploy', attempt: 2 } as const;
  const again = { trigger: 'deploy', at: 1_000, attempt: 2 };
  expect(successionOf({ ...rules, retries: 0 }, failed(ended))).toEqual(again);
  expect(successionOf({ ...rules, retries: 0 }, failed({ ...ended, outcome: 'lost' }))).toEqual(again);
});
