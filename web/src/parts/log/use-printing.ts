/** Whether the page is being printed: then all lines stand on it, and not only those in sight. */
import { useSyncExternalStore } from 'react';

const printing = matchMedia('print');

export const usePrinting = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      printing.addEventListener('change', listener);
      return () => printing.removeEventListener('change', listener);
    },
    () => printing.matches,
  );
