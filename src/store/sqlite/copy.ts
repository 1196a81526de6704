/**
 * Copies of databases that are in use, all as of one moment. Each is read on a connection of its own, and their snapshots begin in one turn
 * of the event loop: no commit of this process lies between them. Writers go on meanwhile; only the write-ahead logs wait.
 */
import { existsSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { explain } from './failures.ts';

export interface Copied {
  readonly path: string;
  readonly into: string;
}

/** So many pages are copied before the thread that does it has a turn for others. */
const pagesPerStep = 256;

/** Files that are not there are left out. Rejects with Refusal `store.unavailable` or `data.corrupt`. */
export async function copyDatabases(files: readonly Copied[]): Promise<void> {
  const open: { readonly source: DatabaseSync; readonly copied: Copied }[] = [];
  try {
    for (const copied of files) {
      if (!existsSync(copied.path)) continue;
      const source = new DatabaseSync(copied.path, { readOnly: true });
      open.push({ source, copied });
      source.exec('BEGIN');
      source.prepare('SELECT count(*) FROM sqlite_schema').get();
    }
    for (const { source, copied } of open) {
      try {
        await backup(source, copied.into, { rate: pagesPerStep });
      } catch (error) {
        throw explain(error, copied.path);
      }
    }
  } finally {
    for (const { source } of open) source.close();
  }
}
