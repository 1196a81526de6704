import { expect, test } from 'vitest';
import { over, type Sighting, sighted } from './incident.ts';

const late: Sighting = {
  environment: 'shop',
  job: 'feed',
  kind: 'cron-late',
  reason: '"feed" began 6m late',
  run: 'run-1',
  dueAt: 500,
};

test('an incident begins once, is counted while it lasts, and keeps what was seen last', () => {
  const first = sighted(undefined, late, 1_000, 'a');
  expect(first).toMatchObject({ id: 'a', beganAt: 1_000, seenAt: 1_000, count: 1, endedAt: null });
  const again = sighted(first, { ...late, run: 'run-2', reason: '"feed" began 9m late' }, 2_000, 'b');
  expect(again).toEqual({ ...first, run: 'run-2', reason: '"feed" began 9m late', seenAt: 2_000, count: 2 });
});

test('it is over with a reason, and never before it began', () => {
  const first = sighted(undefined, late, 1_000, 'a');
  expect(over(first, 'it began in time', 3_000)).toEqual({
    ...first,
    endedAt: 3_000,
    endReason: 'it began in time',
  });
  expect(over(first, 'the clock was set back', 10).endedAt).toBe(1_000);
});
