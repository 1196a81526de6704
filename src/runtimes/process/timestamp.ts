import type { Clock } from '../../domain/clock.ts';

/**
 * Times of log records: RFC 3339 in UTC with nine decimals, as CRI logs have them. The wall clock may tick in whole
 * milliseconds; the monotonic one orders what falls within the same one, so that a reader that merges streams by time
 * has something to go by.
 */
export class Timestamps {
  readonly #clock: Clock;
  #millisecond = Number.NaN;
  #monotonicAtStart = 0;
  #text = '';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): string {
    const wall = Math.floor(this.#clock.wall());
    const monotonic = this.#clock.monotonic();
    if (wall !== this.#millisecond) {
      this.#millisecond = wall;
      this.#monotonicAtStart = monotonic;
      this.#text = new Date(wall).toISOString().slice(0, -1);
    }
    const within = Math.min(999_999, Math.floor((monotonic - this.#monotonicAtStart) * 1e6));
    return `${this.#text}${String(within).padStart(6, '0')}Z`;
  }
}
