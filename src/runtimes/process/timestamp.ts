import type { Clock } from '../../domain/clock.ts';

const textLength = '2026-11-22T12:00:00.123456789Z'.length;
const microsecondsAt = 23;
const zero = 48;

/**
 * Times of log records: RFC 3339 in UTC with nine decimals, as CRI logs have them. The wall clock may tick in whole
 * milliseconds; the monotonic one orders what falls within the same one, so that a reader that merges streams by time
 * has something to go by.
 */
export class Timestamps {
  readonly #clock: Clock;
  #millisecond = Number.NaN;
  #monotonicAtStart = 0;
  /** The text of the last `read`, in ASCII. */
  readonly bytes: Uint8Array = Buffer.alloc(textLength);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Looks at the clock; `bytes` is the time then. Makes a string once in a millisecond at most. */
  read(): void {
    const wall = Math.floor(this.#clock.wall());
    const monotonic = this.#clock.monotonic();
    if (wall !== this.#millisecond) {
      this.#millisecond = wall;
      this.#monotonicAtStart = monotonic;
      Buffer.from(new Date(wall).toISOString().replace('Z', '000000Z'), 'latin1').copy(this.bytes);
    }
    let nanoseconds = Math.min(999_999, Math.floor((monotonic - this.#monotonicAtStart) * 1e6));
    for (let at = microsecondsAt + 5; at >= microsecondsAt; at--) {
      this.bytes[at] = zero + (nanoseconds % 10);
      nanoseconds = Math.floor(nanoseconds / 10);
    }
  }

  now(): string {
    this.read();
    return Buffer.from(this.bytes).toString('latin1');
  }
}
