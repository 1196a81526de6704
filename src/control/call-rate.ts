/** How often something is done in the minute that goes on, in bounded memory. */

const minuteMs = 60_000;
/** Counters kept at once; when there are more, the oldest minute makes room. */
const keysMax = 10_000;

export class CallRate {
  readonly #most: number;
  readonly #minutes = new Map<string, { readonly since: number; calls: number }>();

  /** @param most in a minute, for each key */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Counts one, unless that is one too many.
   * @param now ms, on any clock that only goes forward
   */
  take(key: string, now: number): boolean {
    const minute = this.#minutes.get(key);
    if (minute === undefined || now - minute.since >= minuteMs) {
      this.#minutes.delete(key);
      this.#minutes.set(key, { since: now, calls: 1 });
      if (this.#minutes.size > keysMax) this.#minutes.delete(this.#minutes.keys().next().value as string);
      return true;
    }
    minute.calls += 1;
    return minute.calls <= this.#most;
  }

  /** Has this key none left? Counts nothing. */
  isFull(key: string, now: number): boolean {
    const minute = this.#minutes.get(key);
    return minute !== undefined && now - minute.since < minuteMs && minute.calls >= this.#most;
  }
}
