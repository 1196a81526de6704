import { expect, test } from 'vitest';
import { dayLengths, shadeOf } from './day-lengths.ts';

const hour = 3_600_000;
const midnight = Date.UTC(2026, 10, 25);
const days = [midnight, midnight + 24 * hour];
const metrics = (durationAvgSeconds: (number | null)[], cronRuns: (number | null)[]) =>
  ({
    from: new Date(midnight + 22 * hour).toISOString(),
    stepSeconds: 3_600,
    series: { durationAvgSeconds, cronRuns },
  }) as Parameters<typeof dayLengths>[0];

test('a day has the average of its runs, each step weighing what ran in it', () => {
  const lengths = dayLengths(metrics([10, 40, null, 5], [3, 1, null, 0]), days);
  expect(lengths).toEqual(
    new Map([
      [days[0], 17.5],
      [days[1], 5],
    ]),
  );
});

test('what was measured before the first day belongs to none', () => {
  expect(dayLengths(metrics([10], [1]), [midnight + 24 * hour]).size).toBe(0);
});

test('the longest day is the darkest, and days that hardly differ look alike', () => {
  const lengths = new Map([
    [1, 1],
    [2, 10],
    [3, 100],
  ]);
  expect([1, 10, 100].map((each) => shadeOf(each, lengths))).toEqual([0, expect.closeTo(0.5), 1]);
  expect(
    shadeOf(
      10.5,
      new Map([
        [1, 10],
        [2, 10.5],
      ]),
    ),
  ).toBe(0);
});
