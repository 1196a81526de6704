/**
 * Where logs lie, and what lies there:
 *
 *     <folder>/<environment>/<job>/<run>.log        what is being written, or a finished run's last file
 *     <folder>/<environment>/<job>/<run>.log.1      rotated segments: 1 is the oldest, numbers are never used again
 *     <folder>/<environment>/<job>/<run>.dropped    how much of the run was dropped, and through which segment
 *     <folder>/<environment>/<job>/.dropped         the same for whole runs of the job
 *     <folder>/<environment>/<job>/<number>.pack.zst   segments of runs that have ended, compressed (pack-format.ts)
 *
 * The current file has the number after the highest that was ever given: so a place in a run's output (segment number
 * and offset) stays true across renames and restarts.
 */
import { type Stats, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dropped, readDropped } from './dropped.ts';
import { indexOf, type Pack, type PackedSegment, packedOf, type Shelf, shelfOf } from './pack-shelf.ts';

export interface RunKey {
  readonly environment: string;
  readonly job: string;
  readonly run: string;
}

export interface Segment {
  readonly number: number;
  readonly bytes: number;
  readonly inode: number;
  /** Wall time of its last write, ms. */
  readonly modified: number;
  /** It has its number in its name already; else it is `<run>.log`. */
  readonly rotated: boolean;
  /** It lies in a pack, and has no file of its own. */
  readonly packed?: PackedSegment;
}

/** All that is there of one run. */
export interface RunFiles {
  readonly key: RunKey;
  /** The job's folder. */
  readonly folder: string;
  /** Oldest first; none when only a marker is left. */
  readonly segments: readonly Segment[];
  readonly dropped: Dropped | null;
  /** Packs hold segments of it that count as dropped. */
  readonly packedGone?: true;
  /** Wall time of the last write, ms: the end of a run that has ended. */
  readonly modified: number;
}

export const segmentName = (run: string, number: number): string => `${run}.log.${number}`;
export const currentName = (run: string): string => `${run}.log`;
export const runMarkerName = (run: string): string => `${run}.dropped`;
/** In place of a run's id: the runs of a job of which nothing is left but the job's marker. */
export const wholeRuns = '';

const fileName = /^([A-Za-z0-9][A-Za-z0-9_-]*)\.(?:log(?:\.([1-9]\d{0,8}))?|(dropped))$/;
/** As environments and jobs are named: nothing that leads out of the folder. */
const folderName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

export const isFolderName = (name: string): boolean => folderName.test(name);

/** The run that a file of a job's folder belongs to; undefined for what is no run's own. */
export const runOfFile = (name: string): string | undefined =>
  name === runMarkerName(wholeRuns) ? wholeRuns : fileName.exec(name)?.[1];

/** Stats of so many files are asked for in one go before others have a turn. */
const filesPerTurn = 256;
/** Lets everything else that waits have its turn. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The jobs that have a folder; none when the environment has none. Rejects when it can't be read. */
export async function listJobs(folder: string, environment: string): Promise<string[]> {
  if (!isFolderName(environment)) return [];
  const entries = await readFolder(join(folder, environment));
  return entries.filter(isFolderName).sort();
}

/** All that there is of one job. */
export interface JobFiles {
  readonly folder: string;
  /** Runs of which a file or a marker stands in the folder, with what of them is packed already; the oldest first. */
  readonly runs: readonly RunFiles[];
  /** All others lie in these alone; the oldest first. */
  readonly packs: readonly Pack[];
}

/** What there is of one job. Rejects when the folder can't be read. */
export async function listJob(folder: string, environment: string, job: string): Promise<JobFiles> {
  const jobFolder = join(folder, environment, job);
  if (!isFolderName(environment) || !isFolderName(job)) return { folder: jobFolder, runs: [], packs: [] };
  const names = new Map<string, string[]>();
  // Files first, then packs: a file that is packed in between is met at least once.
  const inFolder = await readFolder(jobFolder);
  for (const name of inFolder) {
    const run = runOfFile(name);
    if (run === undefined) continue;
    const of = names.get(run);
    if (of === undefined) names.set(run, [name]);
    else of.push(name);
  }
  const shelf = inFolder.length === 0 ? noShelf : shelfOf(jobFolder);
  const runs: RunFiles[] = [];
  let asked = 0;
  for (const run of [...names.keys()].sort()) {
    const of = names.get(run) ?? [];
    const files = runFiles(jobFolder, { environment, job, run }, of, shelf);
    if (files !== undefined) runs.push(files);
    asked += of.length;
    if (asked >= filesPerTurn) {
      asked = 0;
      await turn();
    }
  }
  return { folder: jobFolder, runs, packs: shelf.packs };
}

const noShelf: Shelf = { packs: [], superseded: new Map() };

/** What is there of one run now; undefined when nothing is. */
export async function findRun(folder: string, key: RunKey): Promise<RunFiles | undefined> {
  const jobFolder = join(folder, key.environment, key.job);
  const names = (await readFolder(jobFolder)).filter((name) => runOfFile(name) === key.run);
  return runFiles(jobFolder, key, names, shelfOf(jobFolder));
}

/** What of these files of one run is there now: they may be renamed, packed or go between the listing and this. */
function runFiles(
  folder: string,
  key: RunKey,
  names: readonly string[],
  { superseded }: Shelf,
): RunFiles | undefined {
  const marker = names.includes(runMarkerName(key.run))
    ? readDropped(join(folder, runMarkerName(key.run)))
    : null;
  const segments: Segment[] = [];
  const add = (number: number, rotated: boolean): boolean => {
    const name = rotated ? segmentName(key.run, number) : currentName(key.run);
    const stat = statOf(join(folder, name));
    if (stat?.isFile() !== true || superseded.get(name) === stat.ino) return false;
    segments.push({ number, bytes: stat.size, inode: stat.ino, modified: stat.mtimeMs, rotated });
    return true;
  };
  for (const name of names) {
    const number = fileName.exec(name)?.[2];
    if (number !== undefined) add(Number(number), true);
  }
  segments.sort((a, b) => a.number - b.number);
  const packed = key.run === wholeRuns ? [] : packedOf(folder, key.run);
  // What was the current file may have been rotated since the folder was read: then it stands below its number.
  let number =
    Math.max(segments.at(-1)?.number ?? 0, packed.at(-1)?.entry.number ?? 0, marker?.through ?? 0) + 1;
  for (;;) {
    const current = add(number, false);
    if (!add(number, true)) break;
    if (current) segments.splice(-2, 1);
    number++;
  }
  if (packed.length > 0) addPacked(segments, packed, marker?.through ?? 0);
  if (segments.length === 0 && marker === null) return undefined;
  const modified = segments.at(-1)?.modified ?? marker?.at ?? 0;
  const packedGone = (packed[0]?.entry.number ?? Number.POSITIVE_INFINITY) <= (marker?.through ?? 0);
  return { key, folder, segments, dropped: marker, modified, ...(packedGone ? { packedGone } : {}) };
}

/** A file that was packed while we looked counts as packed. */
function addPacked(segments: Segment[], packed: readonly PackedSegment[], droppedThrough: number): void {
  const numbers = new Set(packed.map(({ entry }) => entry.number));
  const loose = segments.splice(0).filter(({ number }) => !numbers.has(number));
  const left = packed.filter(({ entry }) => entry.number > droppedThrough);
  segments.push(...left.map(segmentOf), ...loose);
  segments.sort((a, b) => a.number - b.number);
}

const segmentOf = (packed: PackedSegment): Segment => ({
  number: packed.entry.number,
  bytes: packed.entry.bytes,
  inode: 0,
  modified: packed.entry.until,
  rotated: true,
  packed,
});

/** Does this one segment hold all of its run, as far as its pack knows? */
const isWhole = ({ entry }: PackedSegment): boolean => entry.number === 1 && entry.final;

/** All of a run that one entry of a pack belongs to; undefined when it was dropped. */
export function packedRun(key: RunKey, packed: PackedSegment): RunFiles | undefined {
  const { folder } = packed.pack;
  const segments = isWhole(packed) ? [packed] : packedOf(folder, key.run);
  if (segments.length === 0) return undefined;
  return {
    key,
    folder,
    segments: segments.map(segmentOf),
    dropped: null,
    modified: segments.at(-1)?.entry.until ?? packed.entry.until,
  };
}

/** The entries of a pack in the order of their beginnings. Throws when it can't be read. */
export function entriesOf(pack: Pack): PackedSegment[] {
  const entries = indexOf(pack).entries.map((entry) => ({ pack, entry }));
  return entries.sort((a, b) => a.entry.from - b.entry.from || (a.entry.run < b.entry.run ? -1 : 1));
}

export async function readFolder(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** Undefined for what is not there, and for what leads nowhere. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** What a segment's own file takes of the disk; those in packs have none. */
export const fileBytesOf = (segment: Segment): number => (segment.packed === undefined ? segment.bytes : 0);

export const bytesOf = (run: RunFiles): number =>
  run.segments.reduce((sum, segment) => sum + fileBytesOf(segment), 0);

/** Of a whole job on the disk. */
export const bytesOfJob = ({ runs, packs }: JobFiles): number =>
  runs.reduce((sum, run) => sum + bytesOf(run), 0) + packs.reduce((sum, pack) => sum + pack.fileBytes, 0);
