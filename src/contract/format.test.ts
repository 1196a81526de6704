import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatDuration,
  formatInZone,
  formatLocal,
  formatPlanSize,
  formatRelative,
  formatSize,
  formatUtc,
  parseDuration,
  parseMoment,
} from './format.ts';

const now = Date.UTC(2026, 10, 22, 3, 12, 7);

test.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_536, '1.5 KB'],
  [15_833_498, '15.1 MB'],
  [1.5 * 1024 ** 3, '1.5 GB'],
])('%d bytes are written %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));

test.each([
  [128, '128 MB'],
  [1_024, '1024 MB'],
  [0.5, '0.5 MB'],
])('a plan of %d MB is written %s', (size, text) => expect(formatPlanSize(size * 1024 ** 2)).toBe(text));

describe('durations', () => {
  test.each([
    [0, '0s'],
    [0.04, '0s'],
    [0.42, '0.4s'],
    [5, '5s'],
    [9.96, '10s'],
    [59.6, '1m'],
    [80, '1m 20s'],
    [3_600, '1h'],
    [3_605, '1h'],
    [7_500, '2h 5m'],
    [273_600, '3d 4h'],
  ])('of %d s are written %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  test.each([
    ['10s', 10],
    ['1h30m', 5_400],
    ['2d', 172_800],
    ['90', 90],
    ['1.5', 1.5],
    [' 5m ', 300],
  ])('"%s" are read', (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  test.each(['', 's', '1x', '1 hour', '-5s', '1h foo', '1.5h'])('"%s" are none', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  test('of whole units mean the same when read again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 59 }), fc.constantFrom(1, 60, 3_600, 86_400), (amount, unit) => {
        expect(parseDuration(formatDuration(amount * unit).replaceAll(' ', ''))).toBe(amount * unit);
      }),
    );
  });
});

describe('moments', () => {
  test.each([
    ['2026-11-22T03:12:07Z', now],
    ['2026-11-22t03:12:07z', now],
    ['2026-11-22T04:12:07+01:00', now],
    ['2026-11-22 03:12', now - 7_000],
    ['2026-11-22', Date.UTC(2026, 10, 22)],
    ['2026-11-22T03:12:07.250Z', now + 250],
    ['1h', now - 3_600_000],
    ['1h30m', now - 5_400_000],
  ])('"%s" are read', (text, wall) => expect(parseMoment(text, now)).toBe(wall));

  test.each(['', '2026', 'yesterday', '2026-13-01', '2026-11-22T25:00:00Z'])('"%s" are none', (text) =>
    expect(parseMoment(text, now)).toBeUndefined(),
  );

  test.each([
    [0, 'just now'],
    [-12, '12 s ago'],
    [-299, '4 min ago'],
    [360, 'in 6 min'],
    [3 * 3_600, 'in 3 h'],
    [-47 * 3_600, '47 h ago'],
    [-49 * 3_600, '2 d ago'],
  ])('%d s from now are told as %s', (seconds, text) =>
    expect(formatRelative(now + seconds * 1_000, now)).toBe(text),
  );

  test('are written in UTC and by a clock that goes otherwise', () => {
    expect(formatUtc(now)).toBe('2026-11-22 03:12:07 UTC');
    expect(formatLocal(now, 60)).toBe('2026-11-22 04:12:07 +01:00');
    expect(formatLocal(now, -210)).toBe('2026-11-21 23:42:07 -03:30');
  });
});

test('a moment is shown by the clock of a zone, over midnight and over a change of the clock', () => {
  expect(formatInZone(now, 'Europe/Berlin')).toBe('Sun 2026-11-22 04:12:07');
  expect(formatInZone(Date.UTC(2026, 9, 24, 22, 30), 'Europe/Berlin')).toBe('Sun 2026-10-25 00:30:00');
  expect(formatInZone(Date.UTC(2026, 9, 25, 1, 30), 'Europe/Berlin')).toBe('Sun 2026-10-25 02:30:00');
  expect(formatInZone(now, 'America/St_Johns')).toBe('Sat 2026-11-21 23:42:07');
});
