/** Backups and restoring, wired: what the command line does without a daemon, and the daemon at its start. */

import { type BackupSource, copiesOf, createBackups } from '../backup/backups.ts';
import { readBackup } from '../backup/read-backup.ts';
import { openOrRescue } from '../backup/rescue.ts';
import { restoreBackup } from '../backup/restore.ts';
import type { BackupFacts, RestoredData, RestoreWish } from '../cli/local.ts';
import type { Environment } from '../domain/environment.ts';
import { copyDatabases } from '../store/sqlite/copy.ts';
import { joinNewerHistory } from '../store/sqlite/newer-history.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import type { Store } from '../store/store.ts';
import { systemClock as clock } from './clock.ts';
import { openDataFolder } from './data-folder.ts';
import { takeInstanceLock } from './instance-lock.ts';
import { resolveUser, system } from './system.ts';
import { version } from './version.ts';

export { createBackups };

/** Where the daemon's own data comes from, for backups of it. */
export const backupSource = async (folder: string): Promise<BackupSource> => ({
  folder,
  version: await version(),
  clock,
  copyDatabases: (names, into) => copyDatabases(copiesOf(folder, names, into)),
});

/** The store of a data folder; a core that is damaged comes from the daemon's own backups, and `tell` says so. */
export const openStore = (folder: string, tell: (sentence: string) => void): Promise<Store> =>
  openOrRescue({
    folder,
    clock,
    openStore: () => openSqliteStore({ folder, clock, onNotice: (notice) => tell(notice.sentence) }),
    joinNewerHistory,
    tell,
  });

/** Reads a backup to its end. @throws Refusal `backup.…` */
export async function checkBackup(file: string): Promise<BackupFacts> {
  const { createdAt, version, seal } = await readBackup(file, null);
  return { createdAt: new Date(createdAt).toISOString(), version, secrets: seal !== null };
}

export async function restore({ data, ...wish }: RestoreWish): Promise<RestoredData> {
  const { path: folder } = await openDataFolder(data);
  const lock = await takeInstanceLock(folder);
  try {
    const restored = await restoreBackup({
      ...wish,
      folder,
      clock,
      openStore: (staging) => openSqliteStore({ folder: staging, clock }),
    });
    const environments = await Promise.all(
      restored.environments.map(async (each) => ({ name: each.name, missing: await missingOf(each) })),
    );
    return { ...restored, createdAt: new Date(restored.createdAt).toISOString(), environments };
  } finally {
    lock.release();
  }
}

/** What an environment needs of this machine, and what is not there. */
async function missingOf({ root, user }: Environment): Promise<string[]> {
  const looked = await system.look(root);
  const missing = looked.kind === 'folder' ? [] : [`its root ${root} is not there: bring the app's files`];
  try {
    await resolveUser(user);
  } catch {
    missing.push(`there is no system user ${user}: make it before you start the daemon`);
  }
  return missing;
}
