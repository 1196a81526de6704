import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dateOf, dayMs, dayNumberOf, daysInMonth, weekdayOf } from './calendar.ts';

test('days become dates and back as the language itself has it, for thousands of years', () => {
  fc.assert(
    fc.property(fc.integer({ min: -800_000, max: 2_900_000 }), (dayNumber) => {
      const known = new Date(dayNumber * dayMs);
      const { year, month, day } = dateOf(dayNumber);
      expect([year, month, day]).toEqual([
        known.getUTCFullYear(),
        known.getUTCMonth() + 1,
        known.getUTCDate(),
      ]);
      expect(weekdayOf(dayNumber)).toBe(known.getUTCDay());
      expect(dayNumberOf(year, month, day)).toBe(dayNumber);
    }),
    { numRuns: 2_000 },
  );
});

test('February has 29 days in leap years, and 1900 was none', () => {
  expect([1900, 2000, 2023, 2024, 2100].map((year) => daysInMonth(year, 2))).toEqual([28, 29, 28, 29, 28]);
});
