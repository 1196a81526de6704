/** Numbered, forward only: the place in the list is the schema's version, which SQLite keeps as `user_version`. */
import { Refusal } from '../../domain/errors.ts';
import type { DatabaseFile } from './database-file.ts';
import { core0001 } from './migrations/core-0001.ts';
import { core0002 } from './migrations/core-0002.ts';
import { core0003 } from './migrations/core-0003.ts';
import { core0004 } from './migrations/core-0004.ts';
import { core0005 } from './migrations/core-0005.ts';
import { core0006 } from './migrations/core-0006.ts';
import { core0007 } from './migrations/core-0007.ts';
import { core0008 } from './migrations/core-0008.ts';
import { history0001 } from './migrations/history-0001.ts';

/** SQL text, or a step that rewrites rows; it runs inside a transaction of its own. */
export type Migration = string | ((file: DatabaseFile) => void);

/** Their order here counts, whatever their files are called: what is new stands at the end. */
export const coreMigrations: readonly Migration[] = [
  core0001,
  core0002,
  core0003,
  core0005,
  core0006,
  core0007,
  core0004,
  core0008,
];
export const historyMigrations: readonly Migration[] = [history0001];

export const schemaVersion = (file: DatabaseFile): number =>
  Number(file.query('PRAGMA user_version')[0]?.user_version);

/**
 * Brings the file to the newest schema, one step and one transaction at a time; a crash or a failure leaves it at the
 * step before. Rejects with Refusal `data.newer` where a newer program has been.
 */
export function migrate(file: DatabaseFile, migrations: readonly Migration[], folder: string): void {
  const found = schemaVersion(file);
  if (found > migrations.length) throw new Refusal('data.newer', { folder, found, known: migrations.length });
  for (const [index, migration] of migrations.entries()) {
    if (index < found) continue;
    file.execute('BEGIN IMMEDIATE');
    try {
      if (typeof migration === 'string') file.execute(migration);
      else migration(file);
      file.execute(`PRAGMA user_version = ${index + 1}`);
      file.execute('COMMIT');
    } catch (error) {
      file.rollback();
      throw error;
    }
  }
}
