import type { Clock } from '../../src/domain/clock.ts';

/** The machine's clock, for tests that run real programs. */
export const systemClock: Clock = {
  wall: () => performance.timeOrigin + performance.now(),
  monotonic: () => performance.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};
