/** Carries out what `drop-plan.ts` decided: first the marker that says it, then the files. */
import { existsSync, rmSync, unlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Drop, Plan } from './drop-plan.ts';
import { type Dropped, nothingDropped, readDropped, writeDropped } from './dropped.ts';
import { currentName, runMarkerName, type Segment, segmentName, turn, wholeRuns } from './layout.ts';
import type { PackEntry } from './pack-format.ts';
import { indexOf, type Pack, packedOf } from './pack-shelf.ts';

export interface DroppingOptions {
  readonly limitBytes: number;
  readonly trouble: (sentence: string, error: unknown) => void;
}

const dropsPerTurn = 32;

/** Answers how many bytes went. */
export async function carryOut({ runs, packs, aged }: Plan, options: DroppingOptions): Promise<number> {
  let bytes = 0;
  // Packs hold what is older than all else.
  for (const pack of packs) {
    bytes += dropPack(pack, aged, options);
    await turn();
  }
  for (const [index, drop] of runs.entries()) {
    if (index % dropsPerTurn === dropsPerTurn - 1) await turn();
    bytes += drop.whole ? dropWhole(drop, options) : dropSegments(drop, options);
  }
  return bytes;
}

/** Runs that go on elsewhere say it themselves; those of which nothing is left are counted by their job. */
function dropPack(pack: Pack, aged: boolean, options: DroppingOptions): number {
  const whole = { runs: 0, bytes: 0, agedBytes: 0 };
  const ended: string[] = [];
  for (const [run, entries] of entriesByRun(pack)) {
    const marker = join(pack.folder, runMarkerName(run));
    const before = readDropped(marker) ?? nothingDropped;
    const left = entries.filter(({ number }) => number > before.through);
    const last = left.at(-1);
    if (last === undefined) continue;
    const bytes = before.bytes + sum(left);
    const agedBytes = before.agedBytes + (aged ? sum(left) : 0);
    if (last.final && !goesOn(pack, last)) {
      whole.runs++;
      whole.bytes += bytes;
      whole.agedBytes += agedBytes;
      if (before.through > 0) ended.push(marker);
      continue;
    }
    const { limitBytes } = options;
    const failed = say(marker, {
      ...before,
      through: last.number,
      bytes,
      agedBytes,
      at: last.until,
      limitBytes,
    });
    if (failed !== null) options.trouble(`what was dropped of run ${run} can't be noted`, failed);
  }
  const gone = remove(pack.path, pack.fileBytes, options);
  for (const marker of ended) rmSync(marker, { force: true });
  if (whole.runs > 0) sayWhole(pack.folder, { ...whole, at: pack.head.until }, options);
  return gone;
}

function entriesByRun(pack: Pack): ReadonlyMap<string, readonly PackEntry[]> {
  try {
    return indexOf(pack).byRun;
  } catch {
    // Nobody can read it: nothing of it can be told of.
    return new Map();
  }
}

/** Is there more of this run than what its last packed entry holds? */
function goesOn({ folder }: Pack, { run, number }: PackEntry): boolean {
  if (existsSync(join(folder, currentName(run))) || existsSync(join(folder, segmentName(run, number + 1))))
    return true;
  return (packedOf(folder, run).at(-1)?.entry.number ?? 0) > number;
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
  const gone = segments
    .filter(({ packed }) => packed === undefined)
    .map(({ number, bytes }) => remove(join(run.folder, segmentName(run.key.run, number)), bytes, options));
  // On a full disk there is room for the marker only now.
  const failed = said === null ? null : say(marker, dropped);
  if (failed !== null) options.trouble(`what was dropped of run ${run.key.run} can't be noted`, failed);
  return gone.reduce((all, each) => all + each, 0);
}

/** The run leaves nothing but its share in the job's marker. */
function dropWhole({ run, aged }: Drop, options: DroppingOptions): number {
  const earlier = run.dropped ?? nothingDropped;
  const bytes = sum(run.segments);
  const marker = join(run.folder, runMarkerName(run.key.run));
  const packed = run.packedGone === true || run.segments.some((segment) => segment.packed !== undefined);
  // Told by the job's marker; what of it lies in packs still counts as gone, and goes with them.
  if (packed) say(marker, { ...earlier, through: run.segments.at(-1)?.number ?? 0, bytes: 0 });
  const gone = run.segments
    .filter((segment) => segment.packed === undefined)
    .map((segment) => {
      const name = segment.rotated ? segmentName(run.key.run, segment.number) : currentName(run.key.run);
      return remove(join(run.folder, name), segment.bytes, options);
    });
  if (!packed) rmSync(marker, { force: true });
  const agedBytes = earlier.agedBytes + (aged ? bytes : 0);
  sayWhole(run.folder, { runs: 1, bytes: earlier.bytes + bytes, agedBytes, at: run.modified }, options);
  return gone.reduce((all, each) => all + each, 0);
}

/** Adds runs of which nothing is left to the marker of their job. */
function sayWhole(
  folder: string,
  more: Pick<Dropped, 'runs' | 'bytes' | 'agedBytes' | 'at'>,
  { limitBytes, trouble }: DroppingOptions,
): void {
  const marker = join(folder, runMarkerName(wholeRuns));
  const before = readDropped(marker) ?? nothingDropped;
  const failed = say(marker, {
    through: before.runs + more.runs,
    runs: before.runs + more.runs,
    bytes: before.bytes + more.bytes,
    agedBytes: before.agedBytes + more.agedBytes,
    at: Math.max(before.at, more.at),
    limitBytes,
  });
  if (failed !== null) trouble(`what was dropped of ${basename(folder)} can't be noted`, failed);
}

function say(marker: string, dropped: Dropped): unknown {
  try {
    writeDropped(marker, dropped);
    return null;
  } catch (error) {
    return error;
  }
}

function remove(path: string, bytes: number, { trouble }: DroppingOptions): number {
  try {
    unlinkSync(path);
    return bytes;
  } catch (error) {
    if (existsSync(path)) trouble(`${path} can't be removed`, error);
    return 0;
  }
}

const sum = (segments: readonly Pick<Segment, 'bytes'>[]): number =>
  segments.reduce((all, { bytes }) => all + bytes, 0);
