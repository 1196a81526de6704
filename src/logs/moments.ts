/** Finds moments in a run's output: its first time, and the place where a moment begins, without reading what lies before. */
import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { currentName, type RunFiles, type Segment, segmentName } from './layout.ts';
import { clockSlackMs } from './line-filter.ts';
import { firstPlace, type Place, placeAt, type Start } from './place.ts';
import { RecordHeader, recordHeaderBytesMax } from './record-header.ts';
import { openPacked, type SegmentSource, sourceOf } from './segment-file.ts';

/** A line's first piece is looked for in so many bytes before the place at which a reader begins. */
export const lookBackBytes = 64 * 1024;
const probeBytes = 16 * 1024;
/** Reading so much is cheaper than looking for a better place. */
const closeEnoughBytes = 128 * 1024;

/** Wall time of the first record that is left, ms; undefined when there is none, or it can't be read. */
export function firstTime(run: RunFiles): number | undefined {
  if (run.dropped !== null) return run.dropped.at;
  const segment = run.segments[0];
  if (segment === undefined) return undefined;
  if (segment.packed !== undefined) return segment.packed.entry.from;
  const head = Buffer.alloc(recordHeaderBytesMax);
  try {
    const file = openSync(pathOf(run, segment), 'r');
    try {
      const bytes = readSync(file, head, 0, head.length, 0);
      return timeIn(head.subarray(0, bytes), 0);
    } finally {
      closeSync(file);
    }
  } catch {
    // Renamed or gone meanwhile, or unreadable: the reader meets that again, and says it.
    return undefined;
  }
}

/** Where to begin so that no line later than `time` (wall, ms) is missed, nor the beginning of one. */
export async function startAfter(run: RunFiles, time: number, only: 'later' | 'all'): Promise<Start> {
  const after = only === 'later' ? time : null;
  const place = await seek(run, time - clockSlackMs);
  const first = firstPlace(run).total;
  const total = Math.max(first, place.total - lookBackBytes);
  if (total === first) return { place: firstPlaceSaid(run), done: 0, align: false, after };
  return { place: placeAt(run, total), done: total, align: true, after };
}

/** From the run's first byte, so that what was dropped is said. */
const firstPlaceSaid = (run: RunFiles): Place =>
  run.dropped === null ? firstPlace(run) : { segment: 1, offset: 0, total: 0 };

/** The place of a record with this time or a little before the first such one. */
export async function seek(run: RunFiles, time: number): Promise<Place> {
  const first = firstPlace(run);
  let [low, high] = [0, run.segments.length];
  // The last segment that begins before the moment.
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const begins = await timeOfSegment(run, run.segments[middle] as Segment);
    if (begins === undefined || begins >= time) high = middle;
    else low = middle;
  }
  const segment = run.segments[low];
  if (segment === undefined) return first;
  const begin = run.segments.slice(0, low).reduce((sum, each) => sum + each.bytes, first.total);
  const offset = await seekInSegment(run, segment, time);
  return { segment: segment.number, offset, total: begin + offset };
}

async function seekInSegment(run: RunFiles, segment: Segment, time: number): Promise<number> {
  if (segment.bytes <= closeEnoughBytes) return 0;
  const file = await openOf(run, segment);
  if (file === undefined) return 0;
  try {
    let [low, high] = [0, segment.bytes];
    while (high - low > closeEnoughBytes) {
      const middle = low + Math.floor((high - low) / 2);
      const found = await recordAfter(file, middle, high);
      if (found === undefined || found.time >= time) high = middle;
      else low = found.offset;
    }
    return low;
  } finally {
    await file.close();
  }
}

/** The first record that begins after `offset` and before `limit`. */
async function recordAfter(
  file: SegmentSource,
  offset: number,
  limit: number,
): Promise<{ readonly offset: number; readonly time: number } | undefined> {
  const probe = Buffer.alloc(probeBytes);
  for (let at = offset; at < limit; at += probeBytes - recordHeaderBytesMax) {
    const bytesRead = await file.read(probe, at);
    const bytes = probe.subarray(0, bytesRead);
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, end + 1)) {
      const time = timeIn(bytes, end + 1);
      if (time !== undefined) return { offset: at + end + 1, time };
    }
    if (bytesRead < probeBytes) return undefined;
  }
  return undefined;
}

async function timeOfSegment(run: RunFiles, segment: Segment): Promise<number | undefined> {
  if (segment.packed !== undefined) return segment.packed.entry.from;
  const file = await openOf(run, segment);
  if (file === undefined) return undefined;
  try {
    const head = Buffer.alloc(recordHeaderBytesMax);
    const bytesRead = await file.read(head, 0);
    return timeIn(head.subarray(0, bytesRead), 0) ?? (await recordAfter(file, 0, segment.bytes))?.time;
  } finally {
    await file.close();
  }
}

async function openOf(run: RunFiles, segment: Segment): Promise<SegmentSource | undefined> {
  if (segment.packed !== undefined) return openPacked(segment.packed);
  try {
    const file = await open(pathOf(run, segment));
    if ((await file.stat()).ino === segment.inode) return sourceOf(file);
    await file.close();
    return undefined;
  } catch (error) {
    // Renamed or dropped since it was listed: the reader finds out.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const pathOf = (run: RunFiles, segment: Segment): string =>
  join(run.folder, segment.rotated ? segmentName(run.key.run, segment.number) : currentName(run.key.run));

function timeIn(bytes: Buffer, at: number): number | undefined {
  const head = new RecordHeader();
  return head.read(bytes, at) ? head.time : undefined;
}
