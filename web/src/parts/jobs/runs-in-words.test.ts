import { expect, test } from 'vitest';
import { runsInWords } from './runs-in-words.ts';

const job = { exitSignal: 'TERM', exitTimeoutSeconds: 10, state: 'running' } as const;
const since = '2026-11-26T00:00:00.000Z';
const now = Date.parse('2026-11-26T03:00:00.000Z');

test('an end says what it ends, and how', () => {
  expect(runsInWords({ ...job, openRuns: ['a', 'b'], stateSince: since }, now)).toBe(
    'Ends 2 runs, the longest for 3h: TERM first, and KILL for what is left after 10s.',
  );
  expect(runsInWords({ ...job, openRuns: ['a'], stateSince: null }, now)).toBe(
    'Ends 1 run: TERM first, and KILL for what is left after 10s.',
  );
  expect(runsInWords({ ...job, openRuns: [], stateSince: null }, now)).toBe('Nothing of it runs now.');
});
