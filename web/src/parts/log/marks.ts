import type { Look, Piece } from './ansi.ts';

/** Where in a line the searched text and links stand. */
export interface Mark {
  readonly from: number;
  readonly to: number;
  readonly kind: 'found' | 'link';
}

const link = /https?:\/\/[^\s"'<>`\\]+/g;

const brackets = [
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
] as const;

/** Links of the line, without the punctuation of the sentence that they end. */
export const linksOf = (text: string): readonly Mark[] =>
  [...text.matchAll(link)].map(({ index, 0: found }) => {
    let address = found.replace(/[.,;:!?]+$/, '');
    // `(see https://example.org/a)` is not closed within the link, `https://example.org/a_(b)` is.
    for (const [open, close] of brackets)
      while (address.endsWith(close) && !address.includes(open)) address = address.slice(0, -1);
    return { from: index, to: index + address.length, kind: 'link' as const };
  });

/** Every place of the searched text: as the server finds it, by its very letters. */
export function findsOf(text: string, needle: string): readonly Mark[] {
  if (needle === '') return [];
  const marks: Mark[] = [];
  for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + needle.length))
    marks.push({ from: at, to: at + needle.length, kind: 'found' });
  return marks;
}

export interface Segment {
  readonly text: string;
  readonly look: Look;
  readonly found: boolean;
  readonly href: string | undefined;
}

/** The pieces cut where marks begin and end. */
export function segmentsOf(pieces: readonly Piece[], marks: readonly Mark[]): readonly Segment[] {
  const cuts = [...new Set(marks.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  const whole = pieces.map(({ text }) => text).join('');
  const segments: Segment[] = [];
  let at = 0;
  for (const { text, look } of pieces) {
    const end = at + text.length;
    const edges = [at, ...cuts.filter((cut) => cut > at && cut < end), end];
    for (let index = 1; index < edges.length; index += 1) {
      const [from = 0, to = 0] = [edges[index - 1], edges[index]];
      const around = marks.filter((mark) => mark.from <= from && mark.to >= to);
      const link = around.find(({ kind }) => kind === 'link');
      segments.push({
        text: whole.slice(from, to),
        look,
        found: around.some(({ kind }) => kind === 'found'),
        href: link === undefined ? undefined : whole.slice(link.from, link.to),
      });
    }
    at = end;
  }
  return segments;
}
