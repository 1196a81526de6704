/** The daemon's clock, as far as its answers tell: relative times hold also where this device's clock is wrong. */

/** What the device's clock is behind the daemon's, in ms; small differences are only the time of the answer's way. */
let behindMs = 0;
const trustedMs = 5_000;

export const now = (): number => Date.now() + behindMs;

/** Takes over the moment at which an answer was written (its `date` header). */
export function hearDate(headers: Headers): void {
  const date = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(date)) return;
  const difference = date - Date.now();
  behindMs = Math.abs(difference) > trustedMs ? difference : 0;
}

type Listener = () => void;
const listeners = new Set<Listener>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One timer for all that shows how long ago something was; none while nobody looks. */
export function onTick(listener: Listener): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    if (document.visibilityState === 'hidden') return;
    for (const each of listeners) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Now, in whole seconds: the same value between two ticks. */
export const thisSecond = (): number => Math.floor(now() / 1_000) * 1_000;
