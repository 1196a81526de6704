/** Failed log-ins for the activity log, where strangers must not be able to fill it: so many an hour, the others are counted. */
import { limits } from '../domain/limits.ts';

const hourMs = 3_600_000;

export class FailedLogIns {
  #hourBegan = Number.NEGATIVE_INFINITY;
  #noted = 0;
  #more = 0;

  /** What to note of one more failure, or null when it is only counted. */
  detail(why: string, now: number): string | null {
    if (now - this.#hourBegan >= hourMs) {
      this.#hourBegan = now;
      this.#noted = 0;
    }
    if (this.#noted >= limits.failedLogInsNotedPerHour) {
      this.#more += 1;
      return null;
    }
    this.#noted += 1;
    const more = this.#more === 0 ? '' : `; before it ${this.#more} more failed that are not noted`;
    this.#more = 0;
    return why + more;
  }
}
