/** A page with nothing on it teaches: what belongs here, and the one thing that begins it. */
import type { ReactNode } from 'react';
import classes from './empty-state.module.css';

export interface EmptyStateProps {
  readonly title: string;
  readonly children: ReactNode;
  /** The button that begins it. */
  readonly action?: ReactNode;
  /** The command that does the same. */
  readonly command?: string;
}

export function EmptyState({ title, children, action, command }: EmptyStateProps) {
  return (
    <div className={classes.empty}>
      <svg className={classes.moon} viewBox="0 0 48 48" width="44" height="44" aria-hidden="true">
        <path
          d="M33 29.4A13 13 0 0 1 18.6 12.5a13.4 13.4 0 1 0 16.9 16.3 12.7 12.7 0 0 1-2.5.6z"
          fill="currentColor"
        />
        <circle cx="33" cy="15" r="2.2" fill="currentColor" />
      </svg>
      <h2>{title}</h2>
      <div className={classes.text}>{children}</div>
      {action}
      {command !== undefined && (
        <p className={classes.command}>
          or <code>{command}</code>
        </p>
      )}
    </div>
  );
}
