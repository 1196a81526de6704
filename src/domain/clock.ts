/**
 * Time, handed in: nothing in the core reads a clock of its own.
 * Wall time (ms since 1970) is for schedules and records, monotonic time (ms) for durations and timers:
 * the wall may be set forward and back, the other can't.
 */
export interface Clock {
  wall(): number;
  monotonic(): number;
  /** Calls `act` once after `ms`; the answer cancels it. Drivers wait 30 s at most at a time, so that a suspend is noticed. */
  after(ms: number, act: () => void): () => void;
}
