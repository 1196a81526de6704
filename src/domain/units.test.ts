import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, formatPlanSize, formatSize, parseDuration, parseSize } from './units.ts';

describe('a size', () => {
  it.each([
    ['128MB', 128 * 1024 ** 2],
    ['128 mb', 128 * 1024 ** 2],
    ['1GB', 1024 ** 3],
    ['1.5G', 1.5 * 1024 ** 3],
    ['64K', 64 * 1024],
    ['4096', 4096],
    ['4096B', 4096],
    [' 1KB ', 1024],
  ])('%j is %i bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each(['', 'MB', '-1MB', '1TB', '1 MB x', '1e3', 'one', '1,5GB'])('%j is none', (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KB'],
    [15.1 * 1024 ** 2, '15.1 MB'],
    [1.5 * 1024 ** 3, '1.5 GB'],
  ])('%d bytes are shown as %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));

  it('never shows 1024 of one unit where the next begins', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        (power, off) => {
          expect(formatSize(Math.max(0, 1024 ** power + off))).not.toMatch(/^1024(\.0)? (B|KB|MB)$/);
        },
      ),
    );
    expect(formatSize(1024 ** 2 - 1)).toBe('1.0 MB');
    expect(formatSize(1024 ** 3 - 1)).toBe('1.0 GB');
  });

  it('of a plan has no decimals where it needs none', () => {
    expect(formatPlanSize(1024 * 1024 ** 2)).toBe('1024 MB');
    expect(formatPlanSize(1.5 * 1024 ** 2)).toBe('1.5 MB');
  });
});

describe('a duration', () => {
  it.each([
    ['10s', 10],
    ['1h30m', 5_400],
    ['1h 30m', 5_400],
    ['90', 90],
    ['0.5', 0.5],
    ['2d', 172_800],
    [' 5m ', 300],
  ])('%j is %d s', (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  it.each(['', 's', '-1s', '1x', '1h30', '1.5h', '10 s', '1ms', 'soon'])('%j is none', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  it.each([
    [0, '0s'],
    [0.42, '0.4s'],
    [5, '5s'],
    [5.04, '5s'],
    [9.96, '10s'],
    [59.7, '1m'],
    [80, '1m 20s'],
    [3_600, '1h'],
    [7_500, '2h 5m'],
    [3_601, '1h'],
    [273_600, '3d 4h'],
  ])('of %d s is shown as %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  it('is read again as what was shown, to the second below an hour', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_599 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds))).toBe(seconds);
      }),
    );
  });
});
