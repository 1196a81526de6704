/** A piece of a line: its look, whether it was searched for, and where it leads. */
import type { ReactNode } from 'react';
import type { Look } from './ansi.ts';
import type { Segment } from './marks.ts';
import classes from './segment-text.module.css';

export function SegmentText({ segment }: { readonly segment: Segment }) {
  const { text, look, found, href } = segment;
  let shown: ReactNode = text;
  if (found) shown = <mark className={classes.found}>{shown}</mark>;
  if (href !== undefined)
    shown = (
      <a href={href} target="_blank" rel="noreferrer noopener" className={classes.link}>
        {shown}
      </a>
    );
  return <Styled look={look}>{shown}</Styled>;
}

function Styled({ look, children }: { readonly look: Look; readonly children: ReactNode }) {
  if (Object.keys(look).length === 0) return children;
  const { colour, ground, inverse } = look;
  const style: Record<string, string> = {};
  if (colour !== undefined) style['--colour'] = typeof colour === 'number' ? `var(--ansi-${colour})` : colour;
  if (ground !== undefined) style['--under'] = typeof ground === 'number' ? `var(--ansi-${ground})` : ground;
  const words = [
    ...(['bold', 'dim', 'italic', 'underlined', 'struck'] as const).map(
      (each) => look[each] && classes[each],
    ),
    colour !== undefined && classes.coloured,
    (ground !== undefined || inverse) && classes.onGround,
  ];
  return (
    <span className={words.filter(Boolean).join(' ')} style={style}>
      {children}
    </span>
  );
}
