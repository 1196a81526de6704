/**
 * Which packs a job's folder holds, and what is in them. Packs never change: what was read of one is kept, within bounds,
 * for all who read in this process; which there are is asked of the folder's time.
 *
 *     <sequence>.new.zst     durable; what it was made of may still stand beside it, and counts as gone
 *     <sequence>.pack.zst    nothing of what it was made of is left
 */
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LruCache } from '../std/lru-cache.ts';
import {
  decodeHead,
  decodeIndex,
  headAndTailBytes,
  type PackEntry,
  type PackHead,
  type PackIndex,
  tailBytes,
} from './pack-format.ts';

export interface Pack {
  readonly folder: string;
  readonly path: string;
  readonly sequence: number;
  readonly settled: boolean;
  readonly fileBytes: number;
  readonly head: PackHead;
  readonly indexBytes: number;
  /** It can't be read: head and times are only guessed from the file. */
  readonly broken: Error | null;
}

/** One segment of a run, where it lies now. */
export interface PackedSegment {
  readonly pack: Pack;
  readonly entry: PackEntry;
}

export interface Shelf {
  /** The oldest first. */
  readonly packs: readonly Pack[];
  /** Files that stand there still, and are in a pack already: by name, the inode. */
  readonly superseded: ReadonlyMap<string, number>;
}

/** An index, with the entries of each run. */
export interface OpenIndex extends PackIndex {
  readonly byRun: ReadonlyMap<string, readonly PackEntry[]>;
}

const packName = /^(\d{1,16})\.(pack|new)\.zst$/;
export const packPath = (folder: string, sequence: number, settled: boolean): string =>
  join(folder, `${sequence}.${settled ? 'pack' : 'new'}.zst`);

/** Within so many ms a folder may change again without its time showing it. */
const folderTimeMs = 30;
const noShelf: Shelf = { packs: [], superseded: new Map() };

const shelves = new LruCache<string, { readonly modified: number; readonly shelf: Shelf }>(4_096, () => 1);
const heads = new LruCache<string, Pack>(16_384, () => 1);
/** Of so many entries together the indexes are kept. */
const indexes = new LruCache<string, OpenIndex>(65_536, ({ entries }) => entries.length + 16);

/** The packs of a folder as they are now; none when it is not there. */
export function shelfOf(folder: string): Shelf {
  const modified = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  if (modified === undefined) return noShelf;
  const known = shelves.get(folder);
  if (known?.modified === modified) return known.shelf;
  const shelf = readShelf(folder);
  if (modified < Date.now() - folderTimeMs) shelves.set(folder, { modified, shelf });
  return shelf;
}

function readShelf(folder: string): Shelf {
  const found: Pack[] = [];
  for (const name of readdirSync(folder)) {
    const [, sequence, kind] = packName.exec(name) ?? [];
    if (sequence === undefined) continue;
    const pack = packAt(folder, join(folder, name), Number(sequence), kind === 'pack');
    if (pack !== undefined) found.push(pack);
  }
  if (found.length === 0) return noShelf;
  const contained = new Set<number>();
  const superseded = new Map<string, number>();
  const packs = new Map<number, Pack>();
  for (const pack of found.sort((a, b) => a.sequence - b.sequence)) {
    packs.set(pack.sequence, pack);
    if (pack.settled || pack.broken !== null) continue;
    const { sources } = indexOf(pack);
    for (const each of sources.packs) contained.add(each);
    for (const { name, inode } of sources.files) superseded.set(name, inode);
  }
  for (const each of contained) packs.delete(each);
  return { packs: [...packs.values()], superseded };
}

function packAt(folder: string, path: string, sequence: number, settled: boolean): Pack | undefined {
  try {
    const stat = statSync(path);
    const key = `${path} ${stat.ino} ${stat.size}`;
    const known = heads.get(key);
    if (known !== undefined) return known;
    const pack = readPack({ folder, path, sequence, settled, fileBytes: stat.size }, stat.mtimeMs);
    heads.set(key, pack);
    return pack;
  } catch (error) {
    // Joined with another one, or dropped, since the folder was read.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

type PackFile = Pick<Pack, 'folder' | 'path' | 'sequence' | 'settled' | 'fileBytes'>;

function readPack(file: PackFile, modified: number): Pack {
  const descriptor = openSync(file.path, 'r');
  try {
    const end = readAt(descriptor, Math.max(0, file.fileBytes - headAndTailBytes), headAndTailBytes);
    return { ...file, ...decodeHead(end), broken: null };
  } catch (error) {
    const guess = { from: modified, until: modified, firstRun: '', lastRun: '', entries: 0 };
    const head = { ...guess, sequence: file.sequence, contentBytes: file.fileBytes, blockBytes: 1 };
    return {
      ...file,
      head,
      indexBytes: 0,
      broken: error instanceof Error ? error : new Error(String(error)),
    };
  } finally {
    closeSync(descriptor);
  }
}

/** Throws when it can't be read; with ENOENT when it is not there any more. */
export function indexOf(pack: Pack): OpenIndex {
  if (pack.broken !== null) throw pack.broken;
  const key = `${pack.folder} ${pack.sequence}`;
  const known = indexes.get(key);
  if (known !== undefined) return known;
  const file = openPack(pack);
  try {
    const length = pack.indexBytes + Buffer.byteLength(JSON.stringify(pack.head)) + tailBytes;
    const index = decodeIndex(readAt(file, fstatSync(file).size - length, length));
    const byRun = new Map<string, PackEntry[]>();
    for (const entry of index.entries) {
      const of = byRun.get(entry.run);
      if (of === undefined) byRun.set(entry.run, [entry]);
      else of.push(entry);
    }
    const open = { ...index, byRun };
    indexes.set(key, open);
    return open;
  } finally {
    closeSync(file);
  }
}

/** Its file, under whichever of its names it has by now. */
export function openPack(pack: Pack): number {
  try {
    return openSync(pack.path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || pack.settled) throw error;
    return openSync(packPath(pack.folder, pack.sequence, true), 'r');
  }
}

/** What lies packed of one run, by number. Packs that can't be read are left out: those who list them say it. */
export function packedOf(folder: string, run: string): PackedSegment[] {
  const segments = new Map<number, PackedSegment>();
  for (const pack of shelfOf(folder).packs) {
    if (pack.broken !== null || run < pack.head.firstRun || run > pack.head.lastRun) continue;
    const index = tried(() => indexOf(pack));
    for (const entry of index?.byRun.get(run) ?? []) segments.set(entry.number, { pack, entry });
  }
  return [...segments.values()].sort((a, b) => a.entry.number - b.entry.number);
}

export const packedSegment = (folder: string, run: string, number: number): PackedSegment | undefined =>
  packedOf(folder, run).find(({ entry }) => entry.number === number);

function tried<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

export function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const more = readSync(file, bytes, read, length - read, position + read);
    if (more === 0) break;
    read += more;
  }
  return bytes.subarray(0, read);
}
