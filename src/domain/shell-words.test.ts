import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLine } from './shell-words.ts';

describe('the first word of a line', () => {
  it.each([
    ['a b', 0, 'a'],
    ['  a b', 2, 'a'],
    ['X=1 Y="2 3" a', 12, 'a'],
    ['>x 2>&1 <y a', 11, 'a'],
    ['# note\n\na', 8, 'a'],
    ['\\\na', 2, 'a'],
    ['X=`b c` a', 8, 'a'],
  ])('of %j begins at %i', (line, at, value) => {
    expect(readLine(line).first).toMatchObject({ at, value });
  });

  it('is told apart from the digits before a redirection', () => {
    expect(readLine('2>x a').first?.value).toBe('a');
    expect(readLine('2 >x a').first?.value).toBe('2');
  });

  it('has no value while it depends on what the shell makes of it', () => {
    expect(readLine('"$A"/b').first).toMatchObject({ value: null, splits: false, text: '$A/b' });
    expect(readLine('$A/b').first).toMatchObject({ value: null, splits: true });
    expect(readLine('a*').first).toMatchObject({ value: null, splits: false });
    expect(readLine("'a*'").first).toMatchObject({ value: 'a*' });
  });
});

it('any text is read without an error, and a first word lies within it', () => {
  const piece = fc.constantFrom(
    'a',
    ' ',
    '\n',
    '\\',
    '"',
    "'",
    '$',
    '(',
    ')',
    '{',
    '}',
    '`',
    '<',
    '>',
    '&',
    '|',
    ';',
    '#',
    '=',
    '$(',
    '${',
    '<<',
    '2',
    'case ',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
      (line) => {
        const { first, single } = readLine(line);
        if (single) expect(first).not.toBeNull();
        if (first !== null) expect(line.slice(first.at)).toMatch(/^[^\s;&|()<>#]/);
      },
    ),
    { numRuns: 3_000 },
  );
});
