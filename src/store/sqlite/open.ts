/**
 * Opens the store of a data folder: nightshift.db, history.db and the key that seals variables. Every state that a
 * crash, a power cut or a lost file can leave is brought in order here, before anybody reads.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import { Refusal } from '../../domain/errors.ts';
import { internal, setInternal, textOfInternal } from '../rows/internals.ts';
import { provenSealer } from '../rows/key-proof.ts';
import type { Sealer } from '../rows/sealer.ts';
import type { Work } from '../rows/work.ts';
import type { Store } from '../store.ts';
import type { Begun } from './begun.ts';
import { DataFolder, notWritable } from './data-folder.ts';
import { DatabaseFile } from './database-file.ts';
import { explain, saysDamaged, whyUnavailable } from './failures.ts';
import { coreMigrations, historyMigrations, migrate } from './migrations.ts';
import { perform } from './perform.ts';
import { storeOver } from './sqlite-store.ts';

/** Something that an operator should know; the store works all the same. */
export interface StoreNotice {
  readonly kind: 'history-set-aside' | 'history-missing' | 'runs-restored';
  readonly sentence: string;
  /** `runs-restored`: these were begun, and what became of them was lost with the power or with the history file. */
  readonly runs?: readonly string[];
}

export interface SqliteStoreOptions {
  /** Made with its parents where missing. */
  readonly folder: string;
  readonly clock: Clock;
  /** Seals variables; by default with the key in `secret.key`, made once. */
  readonly sealer?: Sealer;
  readonly onNotice?: (notice: StoreNotice) => void;
}

interface Opening extends SqliteStoreOptions {
  readonly made: DataFolder;
  readonly notice: (notice: StoreNotice) => void;
}

/**
 * Rejects with Refusal `data.not-writable`, `data.newer`, `data.corrupt`, `data.key` or `store.unavailable`; files and
 * folders that were not there before are not there then either. One at a time may have it open: the caller holds a lock.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const made = new DataFolder(options.folder);
  const files: DatabaseFile[] = [];
  try {
    const opening: Opening = { ...options, made, notice: (notice) => options.onNotice?.(notice) };
    const core = openCore(opening);
    files.push(core);
    const sealer = options.sealer ?? keyOf(opening, core);
    const { file: history, since } = openHistory(opening, core);
    files.push(history);
    const { store, begun } = storeOver({ core, history, sealer, historySince: since });
    repair(opening, begun, history);
    return store;
  } catch (error) {
    for (const file of files) file.close();
    made.undo();
    throw notWritable(options.folder, error);
  }
}

/** Small tables are checked whole; due times and activity may be large, and say so when they are read. */
const checkedTables = ['environments', 'jobs', 'variables', 'begun', 'internals', 'meta', 'sqlite_schema'];

function openCore({ folder, made }: Opening): DatabaseFile {
  const path = join(folder, 'nightshift.db');
  made.privateFile(path);
  const file = connect(path, 'FULL', folder);
  try {
    migrate(file, coreMigrations, folder);
    checkTables(file, checkedTables);
    if (perform(internal(file.database, 'store')) === undefined)
      commit(file, setInternal(file.database, 'store', randomUUID()));
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

function connect(path: string, synchronous: 'FULL' | 'NORMAL', folder: string): DatabaseFile {
  try {
    return new DatabaseFile(path, synchronous);
  } catch (error) {
    if (saysDamaged(error)) throw explain(error, path);
    const why = whyUnavailable(error);
    throw why === undefined ? error : new Refusal('data.not-writable', { folder, why }, { cause: error });
  }
}

/** Rejects with Refusal `data.corrupt`. */
function checkTables(file: DatabaseFile, tables: readonly string[]): void {
  for (const table of tables) {
    const [row] = file.query(`PRAGMA quick_check('${table}')`);
    if (row?.quick_check !== 'ok')
      throw new Refusal('data.corrupt', { file: file.path, why: String(row?.quick_check) });
  }
}

function keyOf({ folder, made }: Opening, core: DatabaseFile): Sealer {
  const file = join(folder, 'secret.key');
  made.willMake(file);
  return commit(core, provenSealer(core.database, file));
}

interface OpenHistory {
  readonly file: DatabaseFile;
  /** When it was made, wall time in ms. */
  readonly since: number;
  /** It was made now. */
  readonly fresh: boolean;
}

/** The history that belongs to this core; one that is damaged or another's is set aside, and a new one made. */
function openHistory(opening: Opening, core: DatabaseFile): OpenHistory {
  const path = join(opening.folder, 'history.db');
  const madeBefore = perform(internal(core.database, 'history-made')) !== undefined;
  try {
    const history = useHistory(opening, core, path);
    if (history.fresh && madeBefore) {
      const sentence = `${path} was missing or empty: history begins anew`;
      opening.notice({ kind: 'history-missing', sentence });
    }
    return history;
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'data.corrupt')) throw error;
    setAside(opening, path, String(error.parameters.why));
    return useHistory(opening, core, path);
  }
}

function useHistory({ folder, clock, made }: Opening, core: DatabaseFile, path: string): OpenHistory {
  made.privateFile(path);
  const file = connect(path, 'NORMAL', folder);
  try {
    migrate(file, historyMigrations, folder);
    checkTables(file, ['statistics', 'internals', 'sqlite_schema']);
    const store = perform(textOfInternal(core.database, 'store'));
    const fresh = perform(internal(file.database, 'store')) === undefined;
    if (fresh) {
      commit(file, setInternal(file.database, 'since', String(clock.wall())));
      commit(file, setInternal(file.database, 'store', store));
      commit(core, setInternal(core.database, 'history-made', 'yes'));
    } else if (perform(textOfInternal(file.database, 'store')) !== store) {
      throw new Refusal('data.corrupt', { file: path, why: 'it belongs to another nightshift.db' });
    }
    return { file, since: Number(perform(textOfInternal(file.database, 'since'))), fresh };
  } catch (error) {
    file.close();
    throw error;
  }
}

function setAside({ clock, notice }: Opening, path: string, why: string): void {
  const stamp = new Date(clock.wall()).toISOString().replace(/[-:]|\.\d+/g, '');
  const aside = `${path}.set-aside-${stamp}`;
  for (const ending of ['-wal', '-shm', ''])
    if (existsSync(`${path}${ending}`)) renameSync(`${path}${ending}`, `${aside}${ending}`);
  const sentence = `${path} can't be used (${why}): it was set aside as ${aside}, and history begins anew`;
  notice({ kind: 'history-set-aside', sentence });
}

/** Work on one file, outside of tasks, committed at once. */
function commit<T>(file: DatabaseFile, work: Work<T>): T {
  file.enter(false);
  try {
    const answer = perform(work);
    file.commit();
    return answer;
  } catch (error) {
    file.rollback();
    throw error;
  }
}

function repair({ notice }: Opening, begun: Begun, history: DatabaseFile): void {
  history.enter(false);
  const restored = perform(begun.repair());
  history.commit();
  if (restored.length === 0) return;
  const sentence = `what became of ${restored.length} runs was lost with the power or with the history file`;
  notice({ kind: 'runs-restored', sentence, runs: restored });
}
