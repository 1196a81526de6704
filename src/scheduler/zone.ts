/**
 * Time zones as tables: each zone's offsets are asked of Intl once per stretch of about 400 days and kept, so that
 * a due time costs no formatting. What Intl knows is the zone database that Node carries
 * (`process.versions.tz`): a rule that changed later arrives with the next Node.
 */
import { editDistance } from '../std/edit-distance.ts';
import { dayMs, minuteMs } from './calendar.ts';

/** A stretch of time with one offset. Instants and offsets in ms; `end` is exclusive. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  /** Local time minus UTC. */
  readonly offset: number;
  /** Local time before which fixed-time jobs have run already: the clock was put back at `start`, or shortly before. */
  readonly repeatedUntil: number;
  /** Local time from which the clock was put forward at `start`: [skippedFrom, start + offset) did not happen. NaN when nothing was skipped. */
  readonly skippedFrom: number;
}

export interface Zone {
  readonly name: string;
  /** The piece that holds an instant. */
  at(instant: number): Piece;
}

/** cron(8): "Clock changes of more than 3 hours are considered to be corrections". */
const correctionMs = 180 * minuteMs;

/** Tables are made in stretches of this length: 397.7 days. */
const stretchMs = 2 ** 35;

const everywhereUtc: Piece = {
  start: Number.NEGATIVE_INFINITY,
  end: Number.POSITIVE_INFINITY,
  offset: 0,
  repeatedUntil: Number.NEGATIVE_INFINITY,
  skippedFrom: Number.NaN,
};

export const utc: Zone = { name: 'UTC', at: () => everywhereUtc };

/** The offset at an instant, in ms. */
export type OffsetAt = (instant: number) => number;

/** A zone from its offsets: what the tables of a real one are made of, and how tests make zones that never were. */
export function zoneFromOffsets(name: string, offsetAt: OffsetAt): Zone {
  const stretches = new Map<number, readonly Piece[]>();
  let recent = everywhereUtc;
  let fresh = false;
  return {
    name,
    at(instant) {
      if (fresh && instant >= recent.start && instant < recent.end) return recent;
      const index = Math.floor(instant / stretchMs);
      let pieces = stretches.get(index);
      if (pieces === undefined) {
        pieces = cut(offsetAt, index * stretchMs, (index + 1) * stretchMs);
        stretches.set(index, pieces);
      }
      let place = pieces.length - 1;
      while (place > 0 && instant < (pieces[place] as Piece).start) place--;
      recent = pieces[place] as Piece;
      fresh = true;
      return recent;
    },
  };
}

/** The pieces of [start, end). Sampled daily: no zone has changed twice within a day. */
function cut(offsetAt: OffsetAt, start: number, end: number): Piece[] {
  const pieces: Piece[] = [];
  let offset = offsetAt(start - dayMs);
  let from = start;
  let repeatedUntil = Number.NEGATIVE_INFINITY;
  let skippedFrom = Number.NaN;
  for (let sample = start - dayMs; sample < end; sample += dayMs) {
    const next = Math.min(sample + dayMs, end);
    const offsetThen = offsetAt(next - 1);
    if (offsetThen === offset) continue;
    const change = changeBetween(offsetAt, sample, next, offset);
    if (change > start) pieces.push({ start: from, end: change, offset, repeatedUntil, skippedFrom });
    const shift = offsetThen - offset;
    // The day before the stretch is looked at for its last hours only: what they repeat may reach into it.
    repeatedUntil = shift < 0 && -shift <= correctionMs ? change + offset : Number.NEGATIVE_INFINITY;
    skippedFrom = shift > 0 && shift < correctionMs && change >= start ? change + offset : Number.NaN;
    from = Math.max(change, start);
    offset = offsetThen;
  }
  pieces.push({ start: from, end, offset, repeatedUntil, skippedFrom });
  return pieces;
}

/** The first instant, to the second, at which the offset is no longer `before`. */
function changeBetween(offsetAt: OffsetAt, from: number, to: number, before: number): number {
  let low = Math.floor(from / 1000) - 1;
  let high = Math.ceil(to / 1000);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * 1000) === before) low = middle;
    else high = middle;
  }
  return high * 1000;
}

/** By lower-case name. */
const zones = new Map<string, Zone>([['utc', utc]]);

/** The zone of that name (any case, old names too), or undefined when Node's database does not have it. */
export function findZone(name: string): Zone | undefined {
  const known = zones.get(name.toLowerCase());
  if (known !== undefined) return known;
  // Intl takes offsets such as +01:00 too; a zone has a name.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return undefined;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  } catch {
    return undefined;
  }
  const zone =
    format.resolvedOptions().timeZone === 'UTC' ? utc : zoneFromOffsets(name, (t) => offsetIn(format, t));
  zones.set(name.toLowerCase(), zone);
  return zone;
}

/** Reads the offset out of `1/1/2026, GMT+05:45`; plain `GMT` is none. Before 1972 some had seconds. */
function offsetIn(format: Intl.DateTimeFormat, instant: number): number {
  const text = format.format(instant);
  const at = text.lastIndexOf('GMT') + 3;
  if (at >= text.length) return 0;
  const [hours, minutes, seconds] = text.slice(at + 1).split(':');
  const magnitude = Number(hours) * 3_600_000 + Number(minutes) * minuteMs + Number(seconds ?? 0) * 1000;
  return text[at] === '-' || text[at] === '\u2212' ? -magnitude : magnitude;
}

/** The known zone whose name, or whose city, is most like what was written; undefined when nothing is near. */
export function nearestZone(name: string): string | undefined {
  const wanted = name.trim().toLowerCase().replaceAll(' ', '_');
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const zone of ['UTC', ...Intl.supportedValuesOf('timeZone')]) {
    const lower = zone.toLowerCase();
    const city = lower.slice(lower.lastIndexOf('/') + 1);
    const distance = Math.min(
      editDistance(wanted, lower),
      wanted.includes('/') ? Number.POSITIVE_INFINITY : editDistance(wanted, city),
    );
    if (distance < bestDistance) {
      best = zone;
      bestDistance = distance;
    }
  }
  return best;
}
