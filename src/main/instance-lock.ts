/** One daemon on a data folder: a lock that the kernel lets go of when its process ends, however it ends. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Refusal } from '../domain/errors.ts';

export interface InstanceLock {
  release(): void;
}

/**
 * Takes the data folder for this process. Node has no flock(2), SQLite has: an exclusive transaction on a file of its own.
 * @throws Refusal `daemon.runs-already` with the pid of the holder
 */
export async function takeInstanceLock(folder: string): Promise<InstanceLock> {
  const pidFile = join(folder, 'daemon.pid');
  const database = new DatabaseSync(join(folder, 'daemon.lock'));
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!(error instanceof Error && /locked|busy/i.test(error.message))) throw error;
    const pid = await readFile(pidFile, 'utf8').catch(() => 'unknown');
    throw new Refusal('daemon.runs-already', { pid: pid.trim(), folder }, { cause: error });
  }
  await notePid(pidFile);
  return { release: () => database.close() };
}

/** The pid is only for the words of a refusal: a full disk is no reason not to take jobs up again, a wrong pid is worse than none. */
async function notePid(path: string): Promise<void> {
  try {
    await writeFile(path, `${process.pid}\n`, { mode: 0o600 });
  } catch {
    await rm(path, { recursive: true, force: true });
  }
}
