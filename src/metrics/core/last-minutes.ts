/** The peaks of memory in the last hour, minute by minute, of everything that is shown with a small line. */
import type { Points } from './points.ts';

export const minutesShown = 60;
const bucketsPerMinute = 6;

export class LastMinutes {
  readonly #kb = new Float64Array(minutesShown).fill(-1);
  /** The newest minute that was seen, minutes since 1970. */
  #newest = -1;

  /** Takes in what was measured earlier, in buckets of ten seconds; what is too old to be shown is left out. */
  add(points: Points): void {
    points.at.forEach((at, index) => {
      if (Math.floor(at / bucketsPerMinute) > this.#newest - minutesShown)
        this.note(at, points.columns.memoryKbMax?.[index] ?? 0);
    });
  }

  /** Takes in what is measured now. */
  note(bucket: number, kb: number): void {
    const minute = Math.floor(bucket / bucketsPerMinute);
    if (minute > this.#newest) this.#goTo(minute);
    // The clock was set back by more than is shown: what comes now is what people look at.
    else if (minute <= this.#newest - minutesShown) this.#begin(minute);
    const place = minute % minutesShown;
    this.#kb[place] = Math.max(this.#kb[place] as number, kb);
  }

  /** Up to this minute, oldest first, bytes; null where nothing was measured. */
  until(minute: number): (number | null)[] {
    return Array.from({ length: minutesShown }, (_, index) => {
      const each = minute - minutesShown + 1 + index;
      const known = each <= this.#newest && each > this.#newest - minutesShown;
      const kb = known ? (this.#kb[each % minutesShown] as number) : -1;
      return kb < 0 ? null : kb * 1_024;
    });
  }

  /** Whether nothing was measured in the hour before this minute. */
  silentAt(minute: number): boolean {
    return minute - this.#newest >= minutesShown;
  }

  #goTo(minute: number): void {
    const first = Math.max(this.#newest + 1, minute - minutesShown + 1);
    for (let each = first; each <= minute; each++) this.#kb[each % minutesShown] = -1;
    this.#newest = minute;
  }

  #begin(minute: number): void {
    this.#kb.fill(-1);
    this.#newest = minute;
  }
}
