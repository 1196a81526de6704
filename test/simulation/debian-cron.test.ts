import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileSchedule, countDue, dueBetween, nextDue, previousDue } from '../../src/scheduler/schedule.ts';
import { debianDueTimes, localMinutes, readExpression } from './debian-cron.ts';
import { type Comparison, compareAround, oracleExpressions, zoneChanges } from './oracle-comparison.ts';

const day = 86_400_000;
const crontab = (expression: string, timezone: string) =>
  compileSchedule({ kind: 'crontab', expression, timezone, moment: 0 });

/** A field in all the ways that crontab(5) allows, most often a star, so that something is due within days. */
function field(first: number, last: number, stars: number): fc.Arbitrary<string> {
  const value = fc.integer({ min: first, max: last });
  const step = fc.integer({ min: 1, max: last });
  const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const item = fc.oneof(
    value.map(String),
    range,
    fc.tuple(range, step).map(([text, by]) => `${text}/${by}`),
  );
  return fc.oneof(
    { weight: stars, arbitrary: fc.constant('*') },
    { weight: 2, arbitrary: step.map((by) => `*/${by}`) },
    { weight: 4, arbitrary: fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(',')) },
  );
}

const expressions = fc
  .tuple(field(0, 59, 2), field(0, 23, 3), field(1, 31, 12), field(1, 12, 20), field(0, 7, 12))
  .map((fields) => fields.join(' '));

const changes = zoneChanges(Date.UTC(2024, 0), Date.UTC(2027, 0));
/** Any zone at any time, or a zone within a day of its change. */
const placesInTime = fc.oneof(
  fc.record({
    zone: fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
    at: fc
      .integer({ min: Date.UTC(2020, 0) / 60_000, max: Date.UTC(2036, 0) / 60_000 })
      .map((m) => m * 60_000),
  }),
  fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -1440, max: 1440 }))
    .map(([change, minutes]) => ({ zone: change.zone, at: change.at + minutes * 60_000 })),
);

describe('due times beside those of Debian cron, minute by minute', () => {
  test('the first one after any instant is the same', () => {
    fc.assert(
      fc.property(
        expressions,
        placesInTime,
        fc.integer({ min: 0, max: 59_999 }),
        (expression, place, rest) => {
          const after = place.at + rest;
          // The daemon must have seen the hours before, to know what has run already.
          const minutes = localMinutes(place.zone, place.at - day / 4, place.at + 2 * day);
          const expected = debianDueTimes(readExpression(expression), minutes).find((due) => due > after);
          const found = nextDueOrNull(expression, place.zone, after);
          if (expected !== undefined) expect(found).toBe(expected);
          else if (found !== null) expect(found).toBeGreaterThan(place.at + 2 * day);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('looking back and counting agree with looking ahead, over months', () => {
    fc.assert(
      fc.property(
        expressions,
        placesInTime,
        fc.integer({ min: 1, max: 100_000 }),
        (expression, place, minutes) => {
          const compiled = compileOrNull(expression, place.zone);
          if (compiled === null) return;
          const to = place.at + minutes * 60_000;
          const due = dueBetween(compiled, place.at, to, 200_000);
          expect(countDue(compiled, place.at, to)).toBe(due.length);
          expect(previousDue(compiled, place.at, to)).toBe(due.at(-1) ?? null);
          const some = due[Math.floor(due.length / 2)];
          if (some === undefined) return;
          expect(previousDue(compiled, place.at, some)).toBe(some);
          expect(countDue(compiled, some, to)).toBe(due.length - Math.floor(due.length / 2) - 1);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('around changes of zones, a sample of what script/simulate --oracle compares', () => {
    const comparison: Comparison = { comparisons: 0, dueTimes: 0, mismatches: [] };
    const all = zoneChanges(Date.UTC(2020, 0), Date.UTC(2026, 0));
    const special = all.filter(({ zone }) =>
      /Lord_Howe|Casey|Troll|Vostok|Casablanca|Dublin|Cairo/.test(zone),
    );
    const sample = [...special, ...all.filter((_, index) => index % 37 === 0)].slice(0, 120);
    for (const change of sample) compareAround(change, oracleExpressions, comparison);
    console.log(
      `${new Set(sample.map(({ zone }) => zone)).size} zones, ${sample.length} changes × ${oracleExpressions.length} expressions: ` +
        `${comparison.dueTimes} due times compared, ${comparison.mismatches.length} mismatches`,
    );
    expect(comparison.dueTimes).toBeGreaterThan(100_000);
    expect(comparison.mismatches).toEqual([]);
  });
});

function compileOrNull(expression: string, zone: string) {
  try {
    return crontab(expression, zone);
  } catch (error) {
    // 31 February and the like.
    expect(error).toMatchObject({ code: 'cron.never-due' });
    return null;
  }
}

function nextDueOrNull(expression: string, zone: string, after: number): number | null {
  const compiled = compileOrNull(expression, zone);
  return compiled === null ? null : nextDue(compiled, after);
}
