/** Places in a run's output, and where a reader of it begins. */
import type { RunFiles } from './layout.ts';

export interface Place {
  readonly segment: number;
  readonly offset: number;
  /** The same place counted from the first byte that the run ever wrote; what was dropped is known by it. */
  readonly total: number;
}

export interface Start {
  readonly place: Place;
  /** Lines that end here (in total bytes) or before are known to the reader already. */
  readonly done: number;
  /** The place may lie inside a record: the first whole one begins after the next newline. */
  readonly align: boolean;
  /** Lines are left out until the first one that is later than this (wall time, ms). */
  readonly after: number | null;
}

export const origin: Place = { segment: 1, offset: 0, total: 0 };
export const fromOrigin: Start = { place: origin, done: 0, align: false, after: null };

/** The first place of what is left of a run. */
export function firstPlace(run: RunFiles): Place {
  const dropped = run.dropped;
  return {
    segment: run.segments[0]?.number ?? (dropped?.through ?? 0) + 1,
    offset: 0,
    total: dropped?.bytes ?? 0,
  };
}

/** Just after the last byte that was there when the run was listed. */
export function endPlace(run: RunFiles): Place {
  const last = run.segments.at(-1);
  const { total } = firstPlace(run);
  const bytes = run.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  if (last === undefined) return firstPlace(run);
  return { segment: last.number, offset: last.bytes, total: total + bytes };
}

/** The place at so many total bytes, within what is left of the run. */
export function placeAt(run: RunFiles, total: number): Place {
  let begin = firstPlace(run).total;
  for (const segment of run.segments) {
    if (total < begin + segment.bytes || segment === run.segments.at(-1)) {
      return { segment: segment.number, offset: Math.max(0, total - begin), total: Math.max(begin, total) };
    }
    begin += segment.bytes;
  }
  return firstPlace(run);
}

/** A start at which open lines are found again, after a place that was reached without reading: lines that end before it are left out. */
export function startBefore(run: RunFiles, place: Place, bytes: number): Start {
  const first = firstPlace(run);
  const total = Math.max(first.total, place.total - bytes);
  return { place: placeAt(run, total), done: place.total, align: total > first.total, after: null };
}
