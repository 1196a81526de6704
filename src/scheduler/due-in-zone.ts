/**
 * Crontab expressions in a zone, with daylight saving as Debian's cron has it (cron(8), and its main loop):
 * - an expression whose minute or hour begins with `*` runs by elapsed time: whenever the local clock shows a match;
 * - any other one runs at particular times. Where the clock is put forward by less than 3 hours over such times, it
 *   runs once, at the first instant after; where the clock is put back by up to 3 hours, it does not run again in the
 *   repeated time;
 * - larger changes are corrections: what did not happen is left out, and what happens twice runs twice.
 * All instants in ms.
 */
import { minuteMs } from './calendar.ts';
import type { CrontabFields } from './crontab-fields.ts';
import { countMatches, nextMatch, previousMatch } from './crontab-matching.ts';
import type { Piece, Zone } from './zone.ts';

/** 29 February on a given weekday can be 40 years away, around 2100. */
const horizonMs = 45 * 366 * 86_400_000;

/** Year 9999: beyond it no calendar is promised. */
const lastInstant = 253_402_300_799_000;

/** The local minute from which the expression counts in a piece: repeated time is not counted again for fixed times. */
function firstMinuteIn(piece: Piece, fields: CrontabFields, fromInstant: number): number {
  const local = Math.max(fromInstant, piece.start) + piece.offset;
  return Math.ceil((fields.wildcard ? local : Math.max(local, piece.repeatedUntil)) / minuteMs);
}

/** The first local minute that no longer belongs to a piece. */
const endMinuteOf = (piece: Piece): number => Math.ceil((piece.end + piece.offset) / minuteMs);

/** Whether the piece's first instant is a due time because matching local times were skipped right before it. */
function dueAfterSkip(piece: Piece, fields: CrontabFields): boolean {
  if (fields.wildcard || Number.isNaN(piece.skippedFrom)) return false;
  const end = Math.ceil((piece.start + piece.offset) / minuteMs);
  return nextMatch(fields, Math.ceil(piece.skippedFrom / minuteMs), end) < end;
}

/** The first due time strictly after an instant, or null when there is none within 45 years. */
export function nextDueInZone(fields: CrontabFields, zone: Zone, after: number): number | null {
  let instant = Math.floor(after) + 1;
  const horizon = Math.min(instant + horizonMs, lastInstant);
  while (instant < horizon) {
    const piece = zone.at(instant);
    if (instant <= piece.start && dueAfterSkip(piece, fields)) return piece.start;
    const match = nextMatch(
      fields,
      firstMinuteIn(piece, fields, instant),
      Math.min(endMinuteOf(piece), Math.ceil((horizon + piece.offset) / minuteMs)),
    );
    if (match !== Number.POSITIVE_INFINITY) return match * minuteMs - piece.offset;
    instant = piece.end;
  }
  return null;
}

/** The last due time in (after, upTo], or null. */
export function previousDueInZone(
  fields: CrontabFields,
  zone: Zone,
  after: number,
  upTo: number,
): number | null {
  let instant = Math.floor(upTo);
  while (instant > after) {
    const piece = zone.at(instant);
    const local = Math.floor((instant + piece.offset) / minuteMs);
    const match = previousMatch(fields, local, firstMinuteIn(piece, fields, Math.floor(after) + 1));
    if (match !== Number.NEGATIVE_INFINITY) return match * minuteMs - piece.offset;
    if (piece.start > after && dueAfterSkip(piece, fields)) return piece.start;
    instant = piece.start - 1;
  }
  return null;
}

/** How many due times lie in (after, upTo]. */
export function countDueInZone(fields: CrontabFields, zone: Zone, after: number, upTo: number): number {
  let count = 0;
  let instant = Math.floor(after) + 1;
  while (instant <= upTo) {
    const piece = zone.at(instant);
    const first = firstMinuteIn(piece, fields, instant);
    const end = Math.min(endMinuteOf(piece), Math.floor((upTo + piece.offset) / minuteMs) + 1);
    count += countMatches(fields, first, end);
    if (instant <= piece.start && dueAfterSkip(piece, fields)) {
      const isMatchItself = nextMatch(fields, first, first + 1) * minuteMs - piece.offset === piece.start;
      if (!isMatchItself) count++;
    }
    instant = piece.end;
  }
  return count;
}
