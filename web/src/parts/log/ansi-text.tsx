/** What was printed for a terminal, many lines, in its colours. */
import { useMemo } from 'react';
import { parseAnsi } from './ansi.ts';
import { linksOf, segmentsOf } from './marks.ts';
import { SegmentText } from './segment-text.tsx';

export function AnsiText({ text }: { readonly text: string }) {
  const lines = useMemo(
    () =>
      text.split('\n').map((line) => {
        const pieces = parseAnsi(line);
        return segmentsOf(pieces, linksOf(pieces.map((piece) => piece.text).join('')));
      }),
    [text],
  );
  return lines.map((segments, index) => (
    <span key={index}>
      {segments.map((segment, place) => (
        <SegmentText key={place} segment={segment} />
      ))}
      {'\n'}
    </span>
  ));
}
