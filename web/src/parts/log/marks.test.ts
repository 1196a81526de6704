import { expect, test } from 'vitest';
import { parseAnsi } from './ansi.ts';
import { findsOf, linksOf, segmentsOf } from './marks.ts';

const links = (text: string) => linksOf(text).map(({ from, to }) => text.slice(from, to));

test.each([
  ['see https://example.org/a.', ['https://example.org/a']],
  ['(https://example.org/a)', ['https://example.org/a']],
  ['https://example.org/a_(b), then', ['https://example.org/a_(b)']],
  ['"https://example.org/?q=1&b=2"', ['https://example.org/?q=1&b=2']],
  ['javascript:alert(1) ftp://example.org', []],
])('links of %s', (text, found) => {
  expect(links(text)).toEqual(found);
});

test('the searched text is found by its very letters, wherever it stands', () => {
  expect(findsOf('SMTP smtp SMTPSMTP', 'SMTP').map(({ from }) => from)).toEqual([0, 10, 14]);
  expect(findsOf('abc', '')).toEqual([]);
});

test('a find may begin in one colour and end in another, and within a link', () => {
  const pieces = parseAnsi('go \u001b[31mhttps://example.org/fo\u001b[0mund now');
  const text = pieces.map((piece) => piece.text).join('');
  const segments = segmentsOf(pieces, [...linksOf(text), ...findsOf(text, 'found')]);
  expect(segments.map((segment) => segment.text).join('')).toBe(text);
  expect(segments.filter(({ found }) => found).map((segment) => segment.text)).toEqual(['fo', 'und']);
  expect(segments.find(({ found }) => found)?.href).toBe('https://example.org/found');
  expect(segments.at(-1)).toEqual({ text: ' now', look: {}, found: false, href: undefined });
});
