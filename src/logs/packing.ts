/**
 * Moves what runs have written into packs. Between any two lines the program may be killed, and the machine lose its power:
 *
 *     <sequence>.tmp         is nothing; the next pass removes it
 *     <sequence>.new.zst     counts, and what it was made of does not, from the moment of its rename
 *     <sequence>.pack.zst    the same, when all that it was made of has gone
 */
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { currentName, listJob, type RunFiles, type Segment, segmentName } from './layout.ts';
import type { PackSources } from './pack-format.ts';
import { readPacked } from './pack-reader.ts';
import { indexOf, type Pack, packPath, shelfOf } from './pack-shelf.ts';
import { PackWriter } from './pack-writer.ts';
import { type Chosen, type PackingBounds, planPacking } from './packing-plan.ts';

export interface PackingRequest {
  /** The folder of all logs. */
  readonly root: string;
  readonly environment: string;
  readonly job: string;
  /** Runs that are being written. */
  readonly live: readonly string[];
  /** What was written at this moment (wall, ms) or later stays as it is. */
  readonly before: number;
  /** Wall time, ms. */
  readonly now: number;
  readonly bounds?: PackingBounds;
}

export interface PackingAnswer {
  readonly segments: number;
  /** There is more to be done for this job. */
  readonly more: boolean;
}

const readBytes = 256 * 1024;
const temporaryName = /^\d{1,16}\.tmp$/;
const nothing: PackingAnswer = { segments: 0, more: false };

/** One step for one job. `passed` hears where it is, for the tests. Rejects when files can't be read or written: nothing is lost then. */
export async function packJob(
  request: PackingRequest,
  passed: (place: string) => void = () => undefined,
): Promise<PackingAnswer> {
  const { root, environment, job, before, now, bounds } = request;
  const folder = join(root, environment, job);
  settle(folder, passed);
  const files = await listJob(root, environment, job);
  const live = new Set(request.live);
  const step = planPacking(files, (run) => live.has(run), before, bounds);
  if (step === undefined) return nothing;
  for (const { run, segment } of step.empty) unlinkSync(pathOf(run, segment));
  if (step.chosen.length === 0) return { segments: step.empty.length, more: false };
  const sequence = Math.max(now, ...files.packs.map((pack) => pack.sequence + 1));
  const temporary = join(folder, `${sequence}.tmp`);
  const sources = write(temporary, sequence, files.runs, step.joined, step.chosen, passed);
  if (sources === undefined) {
    rmSync(temporary, { force: true });
    return nothing;
  }
  passed('written');
  renameSync(temporary, packPath(folder, sequence, false));
  passed('renamed');
  syncFolder(folder);
  settle(folder, passed);
  return { segments: step.chosen.length, more: step.more };
}

/** Undefined when a file changed while it was read: somebody writes to it after all. */
function write(
  temporary: string,
  sequence: number,
  runs: readonly RunFiles[],
  joined: Pack | null,
  chosen: readonly Chosen[],
  passed: (place: string) => void,
): PackSources | undefined {
  const writer = new PackWriter(temporary, sequence);
  try {
    if (joined !== null) copyEntries(writer, joined, runs);
    passed('joined');
    const files: { name: string; inode: number }[] = [];
    for (const { run, segment, final } of chosen) {
      const file = openSync(pathOf(run, segment), 'r');
      try {
        const { key } = run;
        const meta = {
          run: key.run,
          number: segment.number,
          since: sequence,
          final,
          until: segment.modified,
        };
        const bytes = writer.add(
          meta,
          piecesOf((target, at) => readSync(file, target, 0, target.length, at)),
        );
        const now = statSync(pathOf(run, segment));
        if (bytes !== segment.bytes || !isSame(now, segment)) return undefined;
        files.push({ name: nameOf(run, segment), inode: segment.inode });
      } finally {
        closeSync(file);
      }
      passed('copied');
    }
    const sources = { files, packs: joined === null ? [] : [joined.sequence] };
    writer.finish(sources);
    return sources;
  } finally {
    writer.close();
  }
}

/** What was dropped of its runs meanwhile stays behind. */
function copyEntries(writer: PackWriter, pack: Pack, runs: readonly RunFiles[]): void {
  const dropped = new Map(runs.map((run) => [run.key.run, run.dropped?.through ?? 0]));
  for (const entry of indexOf(pack).entries) {
    if (entry.number <= (dropped.get(entry.run) ?? 0)) continue;
    writer.add(
      entry,
      piecesOf((target, at) => readPacked({ pack, entry }, target, at)),
    );
  }
}

function* piecesOf(read: (target: Buffer, at: number) => number): Generator<Buffer> {
  const target = Buffer.allocUnsafe(readBytes);
  for (let at = 0; ; ) {
    const bytes = read(target, at);
    if (bytes <= 0) return;
    yield target.subarray(0, bytes);
    at += bytes;
  }
}

/** Removes what durable packs were made of, and what a pass that was killed left behind. */
export function settle(folder: string, passed: (place: string) => void = () => undefined): void {
  for (const name of namesIn(folder))
    if (temporaryName.test(name)) rmSync(join(folder, name), { force: true });
  for (const pack of shelfOf(folder).packs) {
    if (pack.settled || pack.broken !== null) continue;
    const { sources } = indexOf(pack);
    for (const { name, inode } of sources.files) {
      const path = join(folder, name);
      if (statSync(path, { throwIfNoEntry: false })?.ino === inode) unlinkSync(path);
      passed('removed');
    }
    for (const sequence of sources.packs) {
      for (const settled of [true, false]) rmSync(packPath(folder, sequence, settled), { force: true });
      passed('removed');
    }
    syncFolder(folder);
    passed('gone');
    renameSync(pack.path, packPath(folder, pack.sequence, true));
    passed('settled');
  }
}

const isSame = (now: Stats, segment: Segment): boolean =>
  now.ino === segment.inode && now.size === segment.bytes && now.mtimeMs === segment.modified;

const nameOf = (run: RunFiles, segment: Segment): string =>
  segment.rotated ? segmentName(run.key.run, segment.number) : currentName(run.key.run);

const pathOf = (run: RunFiles, segment: Segment): string => join(run.folder, nameOf(run, segment));

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** So that a rename or a removal survives a power cut. */
function syncFolder(folder: string): void {
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
