/** The folder beside a root in which a deployment is made ready: on the root's own file system, so that all of it can be renamed. */
import { constants, lstat, mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { WallUser } from './wall.ts';

/**
 * Makes the folder where it is missing, for the environment's user alone.
 * @param owner null: whoever the daemon is
 */
export async function makeStageFolder(
  root: string,
  environment: string,
  instance: string,
  owner: WallUser | null,
): Promise<string> {
  const folder = await placeOf(root, `.nightshift-${environment}-${instance}`);
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const found = await lstat(folder);
  const uid = owner?.uid ?? process.getuid?.() ?? found.uid;
  if (!found.isDirectory()) throw new Error(`${folder} is no folder: remove it`);
  if (found.uid === uid) return folder;
  if (found.uid !== 0 || owner === null) throw new Error(`${folder} belongs to somebody else: remove it`);
  // Through a descriptor, so that what is handed over is what was looked at.
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const { mode, nlink } = await handle.stat();
    if ((mode & 0o077) !== 0 || nlink > 2)
      throw new Error(`${folder} is not the one that was made: remove it`);
    await handle.chown(owner.uid, owner.gid);
  } finally {
    await handle.close();
  }
  return folder;
}

/** Beside the root; inside it where it is a file system of its own. */
async function placeOf(root: string, name: string): Promise<string> {
  const outer = dirname(root);
  const [own, beside] = await Promise.all([stat(root), stat(outer)]);
  return join(own.dev === beside.dev ? outer : root, name);
}
