/** Backups and restoring, wired: what the command line does without a daemon, and the daemon at its start. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type BackupSource, copiesOf, createBackups } from '../backup/backups.ts';
import { readBackup } from '../backup/read-backup.ts';
import { openOrRescue } from '../backup/rescue.ts';
import { restoreBackup } from '../backup/restore.ts';
import type { BackupFacts, RestoredData, RestoreWish, StoreAddress } from '../cli/local.ts';
import type { Backups } from '../control/backups.ts';
import type { Environment } from '../domain/environment.ts';
import { Refusal } from '../domain/errors.ts';
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

/** What is in PostgreSQL, PostgreSQL's own programs copy as of one moment, while it is in use. */
export const noBackups: Backups = {
  make: () => Promise.reject(new Refusal('backup.elsewhere')),
};

/** Where the daemon's own data comes from, for backups of it. */
export const backupSource = async (folder: string): Promise<BackupSource> => ({
  folder,
  version: await version(),
  clock,
  copyDatabases: (names, into) => copyDatabases(copiesOf(folder, names, into)),
});

/** The store: in PostgreSQL where an address is given, else in the data folder. `tell` says what an operator should know. */
export async function openStore(
  folder: string,
  place: StoreAddress | null,
  tell: (sentence: string) => void,
): Promise<Store> {
  if (place === null) return await openFiles(folder, tell);
  // Most have no such server: its library is loaded for those who have.
  const { holdsPassword, openPostgresStore } = await import('../store/postgres/open.ts');
  if (place.from === 'option' && holdsPassword(place.address))
    tell(
      'the password in --store can be read by whoever sees the processes of this machine: give the address in NIGHTSHIFT_STORE',
    );
  const { address } = place;
  const store = await openPostgresStore({ address, folder, clock, alone: true });
  if (existsSync(join(folder, 'nightshift.db')))
    tell(`${join(folder, 'nightshift.db')} is not used: what is kept is in PostgreSQL`);
  return store;
}

/** A core that is damaged comes from the daemon's own backups. */
const openFiles = (folder: string, tell: (sentence: string) => void): Promise<Store> =>
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
