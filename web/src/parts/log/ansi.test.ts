import { describe, expect, test } from 'vitest';
import { parseAnsi, plainText } from './ansi.ts';

const esc = '\u001b';

describe('what a program prints for a terminal', () => {
  test('is its text, with the colours and weights that it asked for', () => {
    expect(parseAnsi(`a ${esc}[1;31mred${esc}[22m thin${esc}[0m end`)).toEqual([
      { text: 'a ', look: {} },
      { text: 'red', look: { bold: true, colour: 1 } },
      { text: ' thin', look: { colour: 1 } },
      { text: ' end', look: {} },
    ]);
  });

  test.each([
    ['bright', `${esc}[92mx`, { colour: 10 }],
    ['on a ground', `${esc}[44mx`, { ground: 4 }],
    ['of 256 colours', `${esc}[38;5;9mx`, { colour: 9 }],
    ['of the cube', `${esc}[38;5;196mx`, { colour: 'rgb(255 0 0)' }],
    ['of the greys', `${esc}[48;5;232mx`, { ground: 'rgb(8 8 8)' }],
    ['of all colours', `${esc}[38;2;1;2;3mx`, { colour: 'rgb(1 2 3)' }],
    ['and inverse', `${esc}[7mx`, { inverse: true }],
    ['after an empty reset', `${esc}[31m${esc}[mx`, {}],
  ])('knows a text that is %s', (_, message, look) => {
    expect(parseAnsi(message)).toEqual([{ text: 'x', look }]);
  });

  test.each([
    ['movements of the cursor', `a${esc}[2K${esc}[1Gb`, 'ab'],
    ['titles of the window', `${esc}]0;title\u0007text`, 'text'],
    ['addresses behind words', `${esc}]8;;https://example.org/${esc}\\word${esc}]8;;${esc}\\`, 'word'],
    ['half a sequence at the end', `text${esc}[3`, 'text'],
    ['an escape alone at the end', `text${esc}`, 'text'],
    ['nonsense numbers', `${esc}[38;5;999mtext`, 'text'],
  ])('leaves out %s', (_, message, text) => {
    expect(plainText(message)).toBe(text);
  });

  test('is what stands there in the end where a line was written over', () => {
    expect(plainText('10 %\r50 %\r100 %\r')).toBe('100 %');
  });

  test('shows control characters as pictures, and keeps tabs', () => {
    expect(plainText('a\u0000b\tc\u007fd\u0090')).toBe('a␀b\tc␡d\ufffd');
  });

  test('never makes a colour of anything but numbers', () => {
    const looks = parseAnsi(`${esc}[38;2;300;0;0mx${esc}[38;2;1;2mx${esc}[38;5mx`).map(({ look }) => look);
    expect(looks).toEqual([{}, {}, {}]);
  });
});
