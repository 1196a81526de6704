/** Carries out what `drop-plan.ts` decided: first the marker that says it, then the files. */
import { existsSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Drop } from './drop-plan.ts';
import { type Dropped, nothingDropped, readDropped, writeDropped } from './dropped.ts';
import { bytesOf, currentName, runMarkerName, type Segment, segmentName, turn, wholeRuns } from './layout.ts';

export interface DroppingOptions {
  readonly limitBytes: number;
  readonly trouble: (sentence: string, error: unknown) => void;
}

const dropsPerTurn = 32;

/** Answers how many bytes went. */
export async function carryOut(drops: readonly Drop[], options: DroppingOptions): Promise<number> {
  let bytes = 0;
  for (const [index, drop] of drops.entries()) {
    if (index % dropsPerTurn === dropsPerTurn - 1) await turn();
    bytes += drop.whole ? dropWhole(drop, options) : dropSegments(drop, options);
  }
  return bytes;
}

function dropSegments({ run, segments, aged }: Drop, options: DroppingOptions): number {
  const last = segments.at(-1);
  if (last === undefined) return 0;
  const marker = join(run.folder, runMarkerName(run.key.run));
  const before = run.dropped ?? nothingDropped;
  const bytes = sum(segments);
  const dropped: Dropped = {
    ...before,
    through: last.number,
    bytes: before.bytes + bytes,
    agedBytes: before.agedBytes + (aged ? bytes : 0),
    at: last.modified,
    limitBytes: options.limitBytes,
  };
  const said = say(marker, dropped);
  const gone = segments.map((segment) =>
    remove(join(run.folder, segmentName(run.key.run, segment.number)), segment, options),
  );
  // On a full disk there is room for the marker only now.
  const failed = said === null ? null : say(marker, dropped);
  if (failed !== null) options.trouble(`what was dropped of run ${run.key.run} can't be noted`, failed);
  return gone.reduce((all, each) => all + each, 0);
}

/** The run leaves nothing but its share in the job's marker. */
function dropWhole({ run, aged }: Drop, options: DroppingOptions): number {
  const marker = join(run.folder, runMarkerName(wholeRuns));
  const before = readDropped(marker) ?? nothingDropped;
  const earlier = run.dropped ?? nothingDropped;
  const bytes = bytesOf(run);
  const gone = run.segments.map((segment) => {
    const name = segment.rotated ? segmentName(run.key.run, segment.number) : currentName(run.key.run);
    return remove(join(run.folder, name), segment, options);
  });
  rmSync(join(run.folder, runMarkerName(run.key.run)), { force: true });
  const failed = say(marker, {
    through: before.runs + 1,
    runs: before.runs + 1,
    bytes: before.bytes + earlier.bytes + bytes,
    agedBytes: before.agedBytes + earlier.agedBytes + (aged ? bytes : 0),
    at: Math.max(before.at, run.modified),
    limitBytes: options.limitBytes,
  });
  if (failed !== null) options.trouble(`what was dropped of ${run.key.job} can't be noted`, failed);
  return gone.reduce((all, each) => all + each, 0);
}

function say(marker: string, dropped: Dropped): unknown {
  try {
    writeDropped(marker, dropped);
    return null;
  } catch (error) {
    return error;
  }
}

function remove(path: string, segment: Segment, { trouble }: DroppingOptions): number {
  try {
    unlinkSync(path);
    return segment.bytes;
  } catch (error) {
    if (existsSync(path)) trouble(`${path} can't be removed`, error);
    return 0;
  }
}

const sum = (segments: readonly Segment[]): number => segments.reduce((all, { bytes }) => all + bytes, 0);
