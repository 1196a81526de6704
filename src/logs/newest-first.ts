/**
 * Reads a log backwards in time: one stretch after the other, each read forward and told from its end. Stretches grow while
 * little is found, so that all of a log is read once; where much is found they shrink, so that little is held.
 */
import type { LogQuery, ToldEntry } from './log-store.ts';

export interface NewestFirstOptions<T extends ToldEntry> {
  readonly query: LogQuery;
  /** Wall time, ms. */
  readonly now: number;
  /** The times of the first and the last line, as far as the files tell; undefined when there are none. */
  readonly extent: { readonly from: number; readonly until: number } | undefined;
  /** Reads forward. */
  readonly read: (query: LogQuery) => AsyncIterable<T>;
}

const firstStretchMs = 10 * 60_000;
const growth = 4;
/** No more lines are held, but for those of one and the same time. */
const heldLinesMax = 5_000;
const heldBytesMax = 32 * 1024 * 1024;
/** Clocks run apart: lines may seem to come from the future. */
const futureMs = 86_400_000;

export async function* newestFirst<T extends ToldEntry>(options: NewestFirstOptions<T>): AsyncGenerator<T> {
  const { query, now, extent, read } = options;
  const { last = Number.POSITIVE_INFINITY, order: _, ...rest } = query;
  const least = query.since ?? extent?.from ?? now;
  let left = last;
  let until = query.until ?? now + futureMs;
  let stretch = firstStretchMs;
  // The first stretch ends with the last line, and holds what a clock that is ahead may have written, too.
  let from = Math.min(until, extent?.until ?? now) - stretch;
  while (left > 0) {
    const isLast = from <= least;
    const since = isLast ? query.since : from;
    const { last: _last, ...asked } = { ...rest, last: 0, until, ...(since === undefined ? {} : { since }) };
    const { lines, cut } = await collect(read(asked), Math.min(left, heldLinesMax));
    for (let at = lines.length - 1; at >= 0 && left > 0; at--, left--) yield lines[at] as T;
    if (isLast && !cut) return;
    if (cut) {
      const oldest = lines[0]?.entry.time ?? until;
      stretch = Math.max(1, until - oldest);
      until = oldest;
    } else {
      until = from;
      stretch *= growth;
    }
    from = until - stretch;
  }
}

/** The last lines of a stretch; `cut` when there are more before them. All lines of the oldest time are there, or none. */
async function collect<T extends ToldEntry>(
  reading: AsyncIterable<T>,
  most: number,
): Promise<{ lines: T[]; cut: boolean }> {
  let lines: T[] = [];
  let bytes = 0;
  let cut = false;
  for await (const each of reading) {
    lines.push(each);
    bytes += each.entry.message.length;
    if (lines.length < 2 * most && bytes < heldBytesMax) continue;
    const kept = wholeTimes(lines, bytes < heldBytesMax ? most : lines.length >> 1);
    cut ||= kept.length < lines.length;
    lines = kept;
    bytes = lines.reduce((sum, { entry }) => sum + entry.message.length, 0);
  }
  return { lines, cut };
}

/** The last lines, and with them all of the oldest one's time. */
function wholeTimes<T extends ToldEntry>(lines: T[], most: number): T[] {
  let first = Math.max(0, lines.length - Math.max(1, most));
  const time = lines[first]?.entry.time;
  while (first > 0 && lines[first - 1]?.entry.time === time) first--;
  return lines.slice(first);
}
