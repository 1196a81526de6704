/** Who wants to know that the session is over, when a request finds out. */
type Listener = () => void;
const listeners = new Set<Listener>();

export const signedOut = {
  announce: (): void => {
    for (const each of listeners) each();
  },
  listen: (listener: Listener): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
