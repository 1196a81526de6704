/** The thin bar that says that what is shown may be old; it goes away by itself. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import { connection } from '../data/connection.ts';
import classes from './connection-bar.module.css';

/** A hiccup is not worth a word. */
const patienceMs = 1_000;

export function ConnectionBar() {
  const state = useSyncExternalStore(connection.listen, connection.state);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (state !== 'lost') return setShown(false);
    const timer = setTimeout(() => setShown(true), patienceMs);
    return () => clearTimeout(timer);
  }, [state]);
  return (
    <div role="status" aria-live="polite">
      {shown && (
        <div className={classes.bar}>
          Nightshift does not answer. What you see may be old; jobs run on without it. Trying again …
        </div>
      )}
    </div>
  );
}
