import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { initArguments, parseLeftovers, readLeftovers } from './init.ts';

describe('the note of what a run left', () => {
  test('names processes with their command lines', () => {
    const note =
      '12 (sleep) S 1 12 12\n15 (a) b) (c) R 1 15\n/proc/12/cmdline:sleep\0/proc/12/cmdline:1000\0';
    expect(parseLeftovers(note)).toEqual([
      { pid: 12, command: 'sleep 1000' },
      { pid: 15, command: 'a) b) (c' },
    ]);
  });

  test('a command line alone names nobody, and a new line in an argument hides nothing', () => {
    const note = '7 (php) S 1\n/proc/9/cmdline:stranger\0/proc/7/cmdline:php\0/proc/7/cmdline:a\nb\0';
    expect(parseLeftovers(note)).toEqual([{ pid: 7, command: 'php a b' }]);
  });

  test('whatever a job writes there, a hundred short printable lines come out', () => {
    const words = fc.constantFrom(
      '1 (',
      ') S ',
      '\n',
      '\0',
      '/proc/1/cmdline:',
      '(',
      '\u001b[31m',
      'x'.repeat(300),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 400 }), (parts) => {
        const leftovers = parseLeftovers(parts.join(''));
        expect(leftovers.length).toBeLessThanOrEqual(100);
        for (const { pid, command } of leftovers) {
          expect(Number.isSafeInteger(pid)).toBe(true);
          expect(command.length).toBeLessThanOrEqual(200);
          expect(command).not.toMatch(/[\p{Cc}]/u);
        }
      }),
    );
  });

  test('a note of any size is read within its bound, and a missing one is none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nightshift-note-'));
    try {
      const path = join(folder, 'note');
      writeFileSync(path, '3 (sleep) S 1\n');
      truncateSync(path, 10 * 1024 ** 3);
      expect(readLeftovers(path)).toEqual([{ pid: 3, command: 'sleep' }]);
      expect(readLeftovers(join(folder, 'missing'))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test("the init takes away what shells add, unless the run's own variables have it", () => {
  expect(initArguments(['true'], {})[2]).toContain('unset OLDPWD PWD SHLVL _;');
  expect(initArguments(['true'], { PWD: '/x', _: 'y' })[2]).toContain('unset OLDPWD SHLVL;');
});
