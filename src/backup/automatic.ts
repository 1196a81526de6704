/** Backups that the daemon makes of itself once a day, in its data folder: for mistakes and a damaged database, not for a lost disk. */
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { limits } from '../domain/limits.ts';
import { databases } from './contents.ts';
import { type BackupSource, makeBackup, removeStaging } from './make-backup.ts';

const folderName = 'backups';
const namePattern = /^(\d{4}-\d{2}-\d{2}T\d{6}Z)\.backup$/;
const everyMs = 86_400_000;
/** When it looks whether one is due. */
const lookMs = 3_600_000;
/** Not at once: a start has better things to do. */
const firstMs = 120_000;
/** A copy of the databases and its archive need room at once; beyond, as much again stays free. */
const roomPerByte = 4;

/** Paths of those that are there, newest first. */
export async function automaticBackups(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, folderName)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => namePattern.test(name))
    .sort()
    .reverse()
    .map((name) => join(folder, folderName, name));
}

/**
 * Makes one when the newest is a day old, and keeps the newest few. Databases that are too large for that are left to `nightshift backup`.
 * @returns stops it
 */
export function keepBackups(source: BackupSource, onTrouble: (sentence: string) => void): () => void {
  const { clock, folder } = source;
  let cancel = (): void => undefined;
  let stopped = false;
  const later = (ms: number): void => {
    if (stopped) return;
    cancel = clock.after(ms, () => {
      makeIfDue(source)
        .catch((error: unknown) =>
          onTrouble(
            `no backup could be made in ${folder}: ${error instanceof Error ? error.message : error}`,
          ),
        )
        .finally(() => later(lookMs));
    });
  };
  removeStaging(folder)
    .catch(() => undefined)
    .finally(() => later(firstMs));
  return () => {
    stopped = true;
    cancel();
  };
}

/** Answers the path of the one that was made; null where none was due. */
export async function makeIfDue(source: BackupSource): Promise<string | null> {
  const { clock, folder } = source;
  const now = clock.wall();
  const [newest] = await automaticBackups(folder);
  if (newest !== undefined) {
    const { mtimeMs } = await stat(newest);
    if (Math.abs(now - mtimeMs) < everyMs) return null;
  }
  const bytes = await bytesOf(folder);
  // The room that is left belongs to the jobs' output and to the databases themselves.
  if (bytes > limits.automaticBackupBytes || (await freeBytes(folder)) < roomPerByte * bytes) return null;
  await mkdir(join(folder, folderName), { recursive: true, mode: 0o700 });
  const name = `${new Date(now).toISOString().replace(/:|\.\d+/g, '')}.backup`;
  const path = join(folder, folderName, name);
  const draft = `${path}.new`;
  try {
    // Without secrets: the key lies beside it anyway.
    await pipeline(await makeBackup(source, null), createWriteStream(draft, { mode: 0o600, flush: true }));
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  for (const old of (await automaticBackups(folder)).slice(limits.automaticBackupsKept)) await rm(old);
  return path;
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function bytesOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of databases) bytes += (await stat(join(folder, name)).catch(() => ({ size: 0 }))).size;
  return bytes;
}
