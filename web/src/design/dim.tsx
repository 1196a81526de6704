/** Words that stand back. */
import type { ReactNode } from 'react';
import classes from './dim.module.css';

export interface DimProps {
  readonly children: ReactNode;
  readonly small?: boolean;
  readonly title?: string;
}

export const Dim = ({ children, small, title }: DimProps) => (
  <span className={classes.dim} data-small={small || undefined} title={title}>
    {children}
  </span>
);
