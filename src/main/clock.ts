import type { Clock } from '../domain/clock.ts';

/** No timer of Node's is longer: a suspended machine is noticed, and the 24.8-day overflow of setTimeout never met. */
const longestTimerMs = 30_000;

/** The machine's clocks. */
export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, act) {
    const due = performance.now() + ms;
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const left = due - performance.now();
      if (left <= 0) act();
      else timer = setTimeout(wait, Math.min(Math.ceil(left), longestTimerMs));
    };
    timer = setTimeout(wait, Math.min(Math.max(0, Math.ceil(ms)), longestTimerMs));
    return () => clearTimeout(timer);
  },
};
