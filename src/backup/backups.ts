/** The room's port for the use cases, and how it is made from a data folder and its store. */
import { join } from 'node:path';
import type { Backups } from '../control/backups.ts';
import { type BackupSource, makeBackup } from './make-backup.ts';

export type { BackupSource };

export const createBackups = (source: BackupSource): Backups => ({
  make: (passphrase) => makeBackup(source, passphrase),
});

/** Which files the store copies, and where to. */
export const copiesOf = (folder: string, names: readonly string[], into: string) =>
  names.map((name) => ({ path: join(folder, name), into: join(into, name) }));
