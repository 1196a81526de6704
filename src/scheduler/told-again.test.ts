import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DueTime } from '../domain/due-time.ts';
import { compileSchedule } from './schedule.ts';
import { roomFor, untoldOf } from './told-again.ts';

const minute = 60_000;
const noon = Date.UTC(2026, 0, 14, 12);
const everyMinute = compileSchedule({ kind: 'crontab', expression: '* * * * *', timezone: 'UTC', moment: 0 });
const at = (index: number): number => noon + index * minute;

const row = (from: number, to = from, fate: DueTime['fate'] = 'missed'): DueTime => ({
  environment: 'shop',
  job: 'feed',
  dueAt: at(from),
  fate,
  run: fate === 'ran' ? `run-${from}` : null,
  reason: fate === 'ran' ? null : 'missed: the clock was set forward',
  ...(to > from ? { untilDueAt: at(to), count: to - from + 1 } : {}),
});

/** Which due times rows tell of, one by one. */
const told = (rows: readonly DueTime[]): number[] =>
  rows
    .flatMap(({ dueAt, untilDueAt = dueAt, count = 1 }) => {
      const all = Array.from(
        { length: (untilDueAt - dueAt) / minute + 1 },
        (_, index) => dueAt + index * minute,
      );
      expect(all).toHaveLength(count);
      return all;
    })
    .sort((a, b) => a - b);

describe('a due time that a wrong clock told of before it came', () => {
  test('gets room in the middle of a stretch that was missed, and the rest of it stays', () => {
    expect(roomFor(everyMinute, at(3), row(0, 9))).toEqual({
      drop: [row(0, 9)],
      put: [row(0, 2), row(4, 9)],
    });
  });

  test('gets room at both ends of a stretch, and in the place of a single row', () => {
    expect(roomFor(everyMinute, at(0), row(0, 2))?.put).toEqual([row(1, 2)]);
    expect(roomFor(everyMinute, at(2), row(0, 2))?.put).toEqual([row(0, 1)]);
    expect(roomFor(everyMinute, at(1), row(0, 2))?.put).toEqual([row(0), row(2)]);
    expect(roomFor(everyMinute, at(5), row(5))).toEqual({ drop: [row(5)], put: [] });
  });

  test('gets no room where it ran, or where nothing was told of it', () => {
    expect(roomFor(everyMinute, at(3), row(3, 3, 'ran'))).toBeNull();
    expect(roomFor(everyMinute, at(3), row(0, 9, 'ran'))).toBeNull();
    expect(roomFor(everyMinute, at(3), row(0, 2))).toBeNull();
    expect(roomFor(everyMinute, at(3), undefined)).toBeNull();
  });

  test('is told once: of a new stretch only that counts which was not told before', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(40), { maxLength: 12 }),
        fc.nat(40),
        fc.nat(20),
        (marks, from, length) => {
          // Rows between neighbouring marks, every other one: none overlap.
          const sorted = marks.sort((a, b) => a - b);
          const before = sorted.flatMap((mark, index) =>
            index % 2 === 0 ? [row(mark, Math.max(mark, (sorted[index + 1] ?? mark + 1) - 1))] : [],
          );
          const fresh = row(from, from + length);
          const added = untoldOf(everyMinute, fresh, before);
          const whole = new Set([...told(before), ...told([fresh])]);
          expect(told([...before, ...added])).toEqual([...whole].sort((a, b) => a - b));
        },
      ),
    );
  });

  test('splits into stretches that hold the same due times but the one, whatever the schedule', () => {
    const mornings = compileSchedule({
      kind: 'crontab',
      expression: '15 3,9 * * 1-5',
      timezone: 'Europe/Berlin',
      moment: 0,
    });
    const first = Date.UTC(2026, 0, 14, 2, 15);
    const last = Date.UTC(2026, 0, 20, 8, 15);
    const stretch = { ...row(0), dueAt: first, untilDueAt: last, count: 10 };
    const change = roomFor(mornings, Date.UTC(2026, 0, 16, 8, 15), stretch);
    expect(change?.put.map(({ dueAt, untilDueAt, count }) => [dueAt, untilDueAt, count])).toEqual([
      [first, Date.UTC(2026, 0, 16, 2, 15), 5],
      [Date.UTC(2026, 0, 19, 2, 15), last, 4],
    ]);
  });
});
