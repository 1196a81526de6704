/** The frame of the pages that are seen before one is logged in. */
import type { ReactNode } from 'react';
import classes from './gate.module.css';

export function Gate({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <main className={classes.gate}>
      <div className={classes.name}>
        <img src="/favicon.svg" alt="" width="40" height="40" />
        <span>Nightshift</span>
      </div>
      <div className={classes.card}>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
