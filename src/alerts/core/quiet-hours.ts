/** Quiet hours: when a notice that comes now may go. */
import type { QuietHours } from '../../domain/alert.ts';
import type { Zone } from '../../scheduler/zone.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

/**
 * The end of the quiet hours that hold at `now` (wall time, ms); null when none do. Where the clock is put forward or back
 * meanwhile, the end is at its time on the clock all the same.
 */
export function quietUntil(quiet: QuietHours | null, zone: Zone, now: number): number | null {
  if (quiet === null) return null;
  const from = minutesOf(quiet.from);
  const until = minutesOf(quiet.until);
  const local = now + zone.at(now).offset;
  const midnight = Math.floor(local / dayMs) * dayMs;
  const minute = (local - midnight) / minuteMs;
  const acrossMidnight = from > until;
  const isQuiet = acrossMidnight ? minute >= from || minute < until : minute >= from && minute < until;
  if (!isQuiet) return null;
  const endLocal = midnight + until * minuteMs + (acrossMidnight && minute >= from ? dayMs : 0);
  const guess = endLocal - zone.at(now).offset;
  return Math.max(now + 1, endLocal - zone.at(guess).offset);
}
