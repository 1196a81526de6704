/**
 * One SQLite file on a connection of its own. Transactions begin with the first write of a batch and savepoints with
 * the first write of a task, so that whoever writes nothing here pays nothing.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type Compiled, compile, type SqlValue, type Statement, valuesOf } from '../rows/statements.ts';
import type { Database } from '../rows/work.ts';
import { explain } from './failures.ts';
import { FileDatabase } from './perform.ts';

/** How long a write waits for a lock that a stray program holds, ms. The event loop stands still meanwhile. */
const busyTimeoutMs = 1_000;
/** The write-ahead log is cut back to this after a checkpoint, bytes. */
const journalSizeLimitBytes = 16 * 1024 * 1024;

/** A statement as it was prepared. */
interface Prepared {
  readonly compiled: Compiled;
  readonly run: StatementSync;
}

export class DatabaseFile {
  readonly path: string;
  /** This file as rows know it. */
  readonly database: Database;
  #database: DatabaseSync;
  #prepared = new Map<Statement<never, unknown>, Prepared>();
  #raws = new Map<string, StatementSync>();
  #begun = false;
  #marked = false;
  #wroteSince = false;
  #savepoints = false;
  /** Why no transaction could begin in this batch: its later tasks hear the same at once, and wait for no lock again. */
  #refusal: unknown;

  /** `synchronous`: FULL survives a power cut with each commit, NORMAL may lose the last moments and stays consistent. */
  constructor(path: string, synchronous: 'FULL' | 'NORMAL') {
    this.path = path;
    this.database = new FileDatabase(this);
    this.#database = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
    try {
      this.#database.exec('PRAGMA journal_mode = WAL');
      this.#database.exec(`PRAGMA synchronous = ${synchronous}`);
      this.#database.exec(`PRAGMA journal_size_limit = ${journalSizeLimitBytes}`);
      this.#database.exec('PRAGMA cache_size = -8192');
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  // Reading and writing.

  all<P extends Record<string, SqlValue>, R>(statement: Statement<P, R>, parameters: P): R[] {
    return this.#explained(
      () => this.#with(statement, parameters, (run, values) => run.all(...values)) as unknown as R[],
    );
  }

  get<P extends Record<string, SqlValue>, R>(statement: Statement<P, R>, parameters: P): R | undefined {
    return this.#explained(
      () =>
        this.#with(statement, parameters, (run, values) => run.get(...values)) as unknown as R | undefined,
    );
  }

  /** Writes; answers how many rows it changed. */
  run<P extends Record<string, SqlValue>>(statement: Statement<P, unknown>, parameters: P): number {
    return this.#explained(() => {
      this.#mark();
      return Number(this.#with(statement, parameters, (run, values) => run.run(...values)).changes);
    });
  }

  /** Runs SQL text as it is: migrations and pragmas. */
  execute(sql: string): void {
    this.#explained(() => this.#database.exec(sql));
  }

  /** The rows of a pragma or of a one-off query. */
  query(sql: string): Record<string, SqlValue>[] {
    return this.#explained(() => this.#database.prepare(sql).all() as Record<string, SqlValue>[]);
  }

  // Transactions, as the group commit drives them.

  /** A task begins; with `savepoints`, its writes can be taken back without those before it. */
  enter(savepoints: boolean): void {
    this.#marked = false;
    this.#wroteSince = false;
    this.#savepoints = savepoints;
  }

  /** Whether the task that was entered last wrote here. */
  get wrote(): boolean {
    return this.#wroteSince;
  }

  /** The task is done: its writes stay with the batch. */
  leave(): void {
    if (this.#marked) this.#explained(() => this.#raw('RELEASE task').run());
    this.#marked = false;
  }

  /** The task failed: its writes go, those of others stay. */
  takeBack(): void {
    if (!this.#marked) return;
    this.execute('ROLLBACK TO task');
    this.leave();
  }

  /** SQLite took the whole transaction back by itself, as it does when the disk is full. */
  get lost(): boolean {
    return this.#begun && !this.#database.isTransaction;
  }

  commit(): void {
    this.#refusal = undefined;
    if (!this.#begun) return;
    this.execute('COMMIT');
    this.#begun = false;
  }

  rollback(): void {
    if (this.#database.isTransaction) this.execute('ROLLBACK');
    this.#begun = false;
    this.#marked = false;
    this.#refusal = undefined;
  }

  /** Brings the write-ahead log into the file and onto the disk; true when all of it is there. */
  checkpoint(mode: 'PASSIVE' | 'TRUNCATE'): boolean {
    const [row] = this.query(`PRAGMA wal_checkpoint(${mode})`);
    return row?.busy === 0 && (mode === 'TRUNCATE' || row.log === row.checkpointed);
  }

  close(): void {
    this.#prepared.clear();
    this.#raws.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #mark(): void {
    this.#wroteSince = true;
    if (!this.#begun) this.#begin();
    if (this.#savepoints && !this.#marked) {
      this.#raw('SAVEPOINT task').run();
      this.#marked = true;
    }
  }

  #begin(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
    try {
      this.#database.exec('BEGIN IMMEDIATE');
    } catch (error) {
      this.#refusal = error;
      throw error;
    }
    this.#begun = true;
  }

  #with<T>(
    statement: Statement<never, unknown>,
    parameters: Readonly<Record<string, SqlValue>>,
    use: (run: StatementSync, values: SqlValue[]) => T,
  ): T {
    const { compiled, run } = this.#prepared.get(statement) ?? this.#prepare(statement);
    return use(run, valuesOf(compiled, parameters));
  }

  #prepare(statement: Statement<never, unknown>): Prepared {
    const compiled = compile(statement, 'sqlite');
    const prepared = { compiled, run: this.#database.prepare(compiled.sql) };
    this.#prepared.set(statement, prepared);
    return prepared;
  }

  #raw(sql: string): StatementSync {
    const known = this.#raws.get(sql);
    if (known !== undefined) return known;
    const prepared = this.#database.prepare(sql);
    this.#raws.set(sql, prepared);
    return prepared;
  }

  #explained<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw explain(error, this.path);
    }
  }
}
