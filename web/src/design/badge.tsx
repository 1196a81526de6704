/** One badge for all states: a shape and a word, so that the colour is never needed to read it. */
import type { ReactNode } from 'react';
import classes from './badge.module.css';
import { Dim } from './dim.tsx';

export type Tone = 'good' | 'warn' | 'bad' | 'still' | 'accent';
export type Shape = 'dot' | 'ring' | 'half' | 'triangle' | 'square' | 'cross' | 'clock' | 'bars';

export interface BadgeProps {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly children: ReactNode;
  /** The reason, on hover. */
  readonly title?: string;
  /** Something is under way: the shape breathes. */
  readonly busy?: boolean;
}

export function Badge({ tone, shape, children, title, busy }: BadgeProps) {
  return (
    <span className={classes.badge} data-tone={tone} data-busy={busy || undefined} title={title}>
      <ShapeMark shape={shape} />
      <span>{children}</span>
    </span>
  );
}

/** A badge, and beside it why it is so. */
export const WithReason = ({
  badge,
  children,
}: {
  readonly badge: ReactNode;
  readonly children: ReactNode;
}) => (
  <div className={classes.withReason}>
    {badge}
    <Dim small>{children}</Dim>
  </div>
);

/** A shape in the colour of its tone, for places where a word beside it would be too much; it is said all the same. */
export const ToneMark = ({
  tone,
  shape,
  word,
}: {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly word: string;
}) => (
  <span className={classes.mark} data-tone={tone} role="img" aria-label={word}>
    <ShapeMark shape={shape} />
  </span>
);

/** Drawn, not typed: fonts disagree about the size of such marks. */
export function ShapeMark({ shape }: { readonly shape: Shape }) {
  return (
    <svg className={classes.shape} viewBox="0 0 12 12" width="10" height="10" aria-hidden="true">
      {shapes[shape]}
    </svg>
  );
}

const shapes: Record<Shape, ReactNode> = {
  dot: <circle cx="6" cy="6" r="4.5" fill="currentColor" />,
  ring: <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="2" />,
  half: (
    <>
      <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="1.6" />
      <path d="M6 1.5a4.5 4.5 0 0 1 0 9z" fill="currentColor" />
    </>
  ),
  triangle: <path d="M6 1l5.4 9.6H.6z" fill="currentColor" />,
  square: <rect x="1.8" y="1.8" width="8.4" height="8.4" rx="1.4" fill="currentColor" />,
  cross: <path d="M2.2 2.2l7.6 7.6M9.8 2.2L2.2 9.8" stroke="currentColor" strokeWidth="2.2" />,
  clock: (
    <>
      <circle cx="6" cy="6" r="4.4" fill="none" stroke="currentColor" strokeWidth="1.6" />
      <path d="M6 3.4V6l1.9 1.2" fill="none" stroke="currentColor" strokeWidth="1.4" />
    </>
  ),
  bars: <path d="M3.2 2v8M8.8 2v8" stroke="currentColor" strokeWidth="2.6" />,
};
