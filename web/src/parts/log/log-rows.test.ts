import { describe, expect, test } from 'vitest';
import type { LogLine } from './log-buffer.ts';
import { rowsOf } from './log-rows.ts';

const line = (key: number, message: string, more: Partial<LogLine> = {}): LogLine => ({
  key,
  at: key * 1_000,
  job: 'mailer',
  run: 'r1',
  level: 'INFO',
  stream: 'stdout',
  message,
  cursor: '',
  ...more,
});
const asked = { landmarks: [], open: new Set<number>(), dayOf: () => 0, fold: true };
const kinds = (lines: readonly LogLine[], more: Partial<Parameters<typeof rowsOf>[1]> = {}) =>
  rowsOf(lines, { ...asked, ...more }).map((row) => (row.kind === 'line' ? row.line.message : row.kind));

describe('what stands in the list', () => {
  test('is a rule for each day, and each line', () => {
    const dayOf = (at: number) => Math.floor(at / 2_000);
    expect(kinds([line(0, 'a'), line(1, 'b'), line(2, 'c')], { dayOf })).toEqual([
      'day',
      'a',
      'b',
      'day',
      'c',
    ]);
  });

  test('is a rule where another run of the job begins, and none where instances take turns', () => {
    const lines = [
      line(0, 'a', { run: 'r1' }),
      line(1, 'b', { run: 'r2' }),
      line(2, 'c', { run: 'r1' }),
      line(3, 'd', { run: 'r2' }),
      line(4, 'e', { run: 'r0', job: 'other' }),
    ];
    expect(kinds(lines)).toEqual(['day', 'a', 'run', 'b', 'c', 'd', 'e']);
  });

  test('is a rule for each deployment between lines', () => {
    const landmarks = [-5, 1_500, 9_000].map((at) => ({ id: String(at), at, words: '' }));
    expect(kinds([line(0, 'a'), line(1, 'b'), line(2, 'c')], { landmarks })).toEqual([
      'day',
      'a',
      'b',
      'landmark',
      'c',
    ]);
  });

  test('folds lines that go on into the one that they belong to, until somebody opens it', () => {
    const trace = [
      line(0, 'Error: x'),
      line(1, '  at a'),
      line(2, '  at b'),
      line(3, '  at c'),
      line(4, 'next'),
    ];
    expect(kinds(trace)).toEqual(['day', 'Error: x', 'next']);
    expect(rowsOf(trace, asked)[1]).toMatchObject({ more: 3, open: false });
    expect(kinds(trace, { open: new Set([0]) })).toHaveLength(6);
    expect(kinds(trace, { fold: false })).toHaveLength(6);
  });

  test('does not fold lines of another run, stream, or where only one or two go on', () => {
    const mixed = [line(0, 'Error'), line(1, '  a', { stream: 'stderr' }), line(2, '  b'), line(3, '  c')];
    expect(kinds(mixed)).toHaveLength(5);
  });
});
