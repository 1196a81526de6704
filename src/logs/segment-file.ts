/**
 * Opens segment number n of a run, wherever it stands at this moment: rotation renames files while they are read.
 * No file is kept open between two reads, so that a reader who sleeps holds no disk space of what was dropped.
 */
import { closeSync, existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { readDropped } from './dropped.ts';
import { currentName, findRun, type RunFiles, type RunKey, runMarkerName, segmentName } from './layout.ts';
import { readPacked } from './pack-reader.ts';
import { openPack, type PackedSegment, packedOf, packedSegment } from './pack-shelf.ts';

/** Where the bytes of one segment come from. */
export interface SegmentSource {
  /** Fills `target` from `position` on, as far as it goes; answers how many bytes it took. */
  read(target: Buffer, position: number): Promise<number>;
  close(): Promise<void>;
}

export type Opened =
  | { readonly kind: 'file'; readonly file: SegmentSource; readonly rotated: boolean }
  /** It was dropped; reading goes on with what is there. */
  | { readonly kind: 'dropped'; readonly now: RunFiles }
  /** It has not been written yet, or nothing of the run is there any more. */
  | { readonly kind: 'absent' };

/** `rotated` says that it is known to stand below its number; `packed`, where it lay in a pack when its run was listed. */
export async function openSegment(
  root: string,
  folder: string,
  key: RunKey,
  number: number,
  rotated: boolean,
  packed?: PackedSegment,
): Promise<Opened> {
  if (packed !== undefined) {
    const file = openPacked(packed);
    if (file !== undefined) return { kind: 'file', file, rotated: true };
  }
  const segment = join(folder, segmentName(key.run, number));
  const current = rotated ? undefined : await openIfThere(join(folder, currentName(key.run)));
  // The current file is number n only as long as there is no segment n and none was dropped: the rename comes before the new file.
  if (rotated || existsSync(segment)) {
    await current?.close();
    const file = await openIfThere(segment);
    if (file !== undefined) return { kind: 'file', file: sourceOf(file), rotated: true };
  } else if (current !== undefined && !existsSync(join(folder, segmentName(key.run, number + 1)))) {
    const dropped = readDropped(join(folder, runMarkerName(key.run)));
    const isCurrent =
      (dropped === null || dropped.through < number) && !isPackedFrom(folder, key.run, number);
    if (isCurrent) return { kind: 'file', file: sourceOf(current), rotated: false };
    await current.close();
  } else await current?.close();
  // It was packed meanwhile, or its pack was joined with another one.
  const now = packedSegment(folder, key.run, number);
  const file = now === undefined || isDropped(folder, key.run, number) ? undefined : openPacked(now);
  if (file !== undefined) return { kind: 'file', file, rotated: true };
  return await whatIsLeft(root, key, number);
}

async function whatIsLeft(root: string, key: RunKey, number: number): Promise<Opened> {
  const now = await findRun(root, key);
  const next = now?.segments[0]?.number ?? (now?.dropped?.through ?? 0) + 1;
  return now !== undefined && next > number ? { kind: 'dropped', now } : { kind: 'absent' };
}

/** Is a file there that comes after segment n? Then n gets no more. */
export function hasSuccessor(folder: string, key: RunKey, number: number, rotated: boolean): boolean {
  return (
    existsSync(join(folder, segmentName(key.run, number + 1))) ||
    existsSync(join(folder, rotated ? currentName(key.run) : segmentName(key.run, number))) ||
    isPackedFrom(folder, key.run, rotated ? number + 1 : number)
  );
}

/** Does this segment lie in a pack, or a later one? Then the current file is none of them. */
const isPackedFrom = (folder: string, run: string, number: number): boolean =>
  (packedOf(folder, run).at(-1)?.entry.number ?? 0) >= number;

function isDropped(folder: string, run: string, number: number): boolean {
  return (readDropped(join(folder, runMarkerName(run)))?.through ?? 0) >= number;
}

export const sourceOf = (file: FileHandle): SegmentSource => ({
  read: async (target, position) => (await file.read(target, 0, target.length, position)).bytesRead,
  close: () => file.close(),
});

/** Undefined when its pack is not there any more. */
export function openPacked(packed: PackedSegment): SegmentSource | undefined {
  try {
    closeSync(openPack(packed.pack));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return {
    read: async (target, position) => readPacked(packed, target, position),
    close: () => Promise.resolve(),
  };
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
