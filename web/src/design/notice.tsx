/** A sentence that somebody should read, and what went wrong. */
import type { ReactNode } from 'react';
import { sentenceOf } from '../data/failure.ts';
import { type Shape, ShapeMark } from './badge.tsx';
import classes from './notice.module.css';

export interface NoticeProps {
  readonly tone?: 'bad' | 'warn' | 'accent';
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

const shapes: Record<'bad' | 'warn' | 'accent', Shape> = { bad: 'cross', warn: 'triangle', accent: 'ring' };

export function Notice({ tone = 'warn', children, action }: NoticeProps) {
  return (
    <div className={classes.notice} data-tone={tone} role={tone === 'bad' ? 'alert' : undefined}>
      <ShapeMark shape={shapes[tone]} />
      <div className={classes.text}>{children}</div>
      {action}
    </div>
  );
}

/** What was refused or failed; nothing when nothing was. */
export function Failure({ of: thrown, action }: { readonly of: unknown; readonly action?: ReactNode }) {
  if (thrown === null || thrown === undefined) return null;
  return (
    <Notice tone="bad" action={action}>
      {sentenceOf(thrown)}
    </Notice>
  );
}
