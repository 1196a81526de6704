/**
 * Opens segment number n of a run, wherever it stands at this moment: rotation renames files while they are read.
 * No file is kept open between two reads, so that a reader who sleeps holds no disk space of what was dropped.
 */
import { existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { readDropped } from './dropped.ts';
import { currentName, findRun, type RunFiles, type RunKey, runMarkerName, segmentName } from './layout.ts';

export type Opened =
  | { readonly kind: 'file'; readonly file: FileHandle; readonly rotated: boolean }
  /** It was dropped; reading goes on with what is there. */
  | { readonly kind: 'dropped'; readonly now: RunFiles }
  /** It has not been written yet, or nothing of the run is there any more. */
  | { readonly kind: 'absent' };

/** `rotated` says that it is known to stand below its number. */
export async function openSegment(
  root: string,
  folder: string,
  key: RunKey,
  number: number,
  rotated: boolean,
): Promise<Opened> {
  const segment = join(folder, segmentName(key.run, number));
  const current = rotated ? undefined : await openIfThere(join(folder, currentName(key.run)));
  // The current file is number n only as long as there is no segment n and none was dropped: the rename comes before the new file.
  if (rotated || existsSync(segment)) {
    await current?.close();
    const file = await openIfThere(segment);
    if (file !== undefined) return { kind: 'file', file, rotated: true };
  } else if (current !== undefined && !existsSync(join(folder, segmentName(key.run, number + 1)))) {
    const dropped = readDropped(join(folder, runMarkerName(key.run)));
    if (dropped === null || dropped.through < number) return { kind: 'file', file: current, rotated: false };
    await current.close();
  } else await current?.close();
  const now = await findRun(root, key);
  const next = now?.segments[0]?.number ?? (now?.dropped?.through ?? 0) + 1;
  return now !== undefined && next > number ? { kind: 'dropped', now } : { kind: 'absent' };
}

/** Is a file there that comes after segment n? Then n gets no more. */
export function hasSuccessor(folder: string, key: RunKey, number: number, rotated: boolean): boolean {
  return (
    existsSync(join(folder, segmentName(key.run, number + 1))) ||
    existsSync(join(folder, rotated ? currentName(key.run) : segmentName(key.run, number)))
  );
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
