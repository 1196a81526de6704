/**
 * The file of metrics: SQLite through Node's own module, apart from the store, because all of it may be lost without harm.
 *
 *   subjects   an environment (job is empty) or one of its jobs
 *   chunks     packed buckets of a subject, by level and number of the chunk
 *   recent     what is in no chunk yet: one row an environment and look, as JSON
 *   marks      restarts and out-of-memory kills
 *
 * An hour moves from `recent` into its chunks in one transaction: a crash leaves it in the one or in the other, never in both.
 */
import { renameSync, rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { MetricsMark } from './metrics.ts';

const schemaVersion = 1;

const schema = `
  CREATE TABLE subjects (id INTEGER PRIMARY KEY, environment TEXT NOT NULL, job TEXT NOT NULL, UNIQUE (environment, job));
  CREATE TABLE chunks (
    subject INTEGER NOT NULL, level INTEGER NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (subject, level, number)
  );
  CREATE TABLE recent (environment TEXT NOT NULL, hour INTEGER NOT NULL, data TEXT NOT NULL);
  CREATE INDEX recent_hours ON recent (environment, hour);
  CREATE TABLE marks (environment TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, job TEXT, run TEXT NOT NULL, text TEXT NOT NULL);
  CREATE INDEX marks_moments ON marks (environment, at);
  PRAGMA user_version = ${schemaVersion};
`;

export interface RecentRow {
  readonly environment: string;
  readonly hour: number;
  readonly data: string;
}

export interface ChunkPlace {
  readonly subject: number;
  readonly level: number;
  readonly number: number;
}

export class MetricsFile {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Opens the file, or makes it. One that can't be read is set aside under another name; where none can be made, metrics are held in
   * memory. `onTrouble` hears of both: neither is a reason not to look after jobs.
   */
  static open(path: string, onTrouble: (sentence: string) => void): MetricsFile {
    try {
      return new MetricsFile(openDatabase(path));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const fresh = isSpoilt(error) ? beginAnew(path, why, onTrouble) : undefined;
      if (fresh !== undefined) return new MetricsFile(fresh);
      onTrouble(
        `metrics can't be kept in ${path} (${why}): they are held in memory, and lost with the daemon's end`,
      );
      return new MetricsFile(openDatabase(':memory:'));
    }
  }

  /** All or nothing. */
  inOne<Result>(act: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = act();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      try {
        this.#database.exec('ROLLBACK');
      } catch {
        // A full disk has rolled back already; the first error is the one that tells.
      }
      throw error;
    }
  }

  environments(): string[] {
    const rows = this.#all(
      'SELECT environment FROM subjects UNION SELECT environment FROM recent UNION SELECT environment FROM marks',
    );
    return rows.map((row) => row.environment as string);
  }

  subjects(environment: string): { readonly id: number; readonly job: string }[] {
    return this.#all('SELECT id, job FROM subjects WHERE environment = ? ORDER BY job', environment) as {
      id: number;
      job: string;
    }[];
  }

  addSubject(environment: string, job: string): number {
    const added = this.#statement('INSERT INTO subjects (environment, job) VALUES (?, ?)').run(
      environment,
      job,
    );
    return Number(added.lastInsertRowid);
  }

  removeSubject(id: number): void {
    this.#run('DELETE FROM chunks WHERE subject = ?', id);
    this.#run('DELETE FROM subjects WHERE id = ?', id);
  }

  /** Of a level; absent where there is none. */
  newestChunk(subject: number, level: number): number | undefined {
    const [row] = this.#all(
      'SELECT max(number) AS newest FROM chunks WHERE subject = ? AND level = ?',
      subject,
      level,
    );
    return (row?.newest as number | null) ?? undefined;
  }

  chunk({ subject, level, number }: ChunkPlace): Uint8Array | undefined {
    return this.chunks(subject, level, number, number)[0];
  }

  /** In order, both ends included. */
  chunks(subject: number, level: number, first: number, last: number): Uint8Array[] {
    return this.#all(
      'SELECT bytes FROM chunks WHERE subject = ? AND level = ? AND number BETWEEN ? AND ? ORDER BY number',
      subject,
      level,
      first,
      last,
    ).map((row) => row.bytes as Uint8Array);
  }

  /** Keeps the newest `keep` chunks of the subject and level. */
  putChunk({ subject, level, number }: ChunkPlace, bytes: Uint8Array, keep: number): void {
    this.#run('INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?)', subject, level, number, bytes);
    this.#run(
      `DELETE FROM chunks WHERE subject = ?1 AND level = ?2 AND number <
         (SELECT number FROM chunks WHERE subject = ?1 AND level = ?2 ORDER BY number DESC LIMIT 1 OFFSET ?3)`,
      subject,
      level,
      keep - 1,
    );
  }

  addRecent({ environment, hour, data }: RecentRow): void {
    this.#run('INSERT INTO recent VALUES (?, ?, ?)', environment, hour, data);
  }

  /** In the order in which they came. */
  recent(): RecentRow[] {
    return this.#all('SELECT environment, hour, data FROM recent ORDER BY rowid') as unknown as RecentRow[];
  }

  removeRecent(environment: string, hour: number): void {
    this.#run('DELETE FROM recent WHERE environment = ? AND hour = ?', environment, hour);
  }

  addMark(environment: string, mark: MetricsMark, keep: number): void {
    const { at, kind, job, run, text } = mark;
    this.#run('INSERT INTO marks VALUES (?, ?, ?, ?, ?, ?)', environment, at, kind, job, run, text);
    this.#run(
      `DELETE FROM marks WHERE environment = ?1 AND at <
         (SELECT at FROM marks WHERE environment = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2)`,
      environment,
      keep - 1,
    );
  }

  /** Oldest first, of all jobs or of one; the newest `most` of the range. */
  marks(environment: string, from: number, until: number, job: string | null, most: number): MetricsMark[] {
    const rows = this.#all(
      `SELECT at, kind, job, run, text FROM marks
        WHERE environment = ?1 AND at >= ?2 AND at < ?3 AND (?4 IS NULL OR job = ?4) ORDER BY at DESC, rowid DESC LIMIT ?5`,
      environment,
      from,
      until,
      job,
      most,
    );
    return rows.reverse() as unknown as MetricsMark[];
  }

  removeEnvironment(environment: string): void {
    this.inOne(() => {
      for (const { id } of this.subjects(environment)) this.removeSubject(id);
      this.#run('DELETE FROM recent WHERE environment = ?', environment);
      this.#run('DELETE FROM marks WHERE environment = ?', environment);
    });
  }

  close(): void {
    this.#database.close();
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  #run(sql: string, ...values: (string | number | null | Uint8Array)[]): void {
    this.#statement(sql).run(...values);
  }

  #all(sql: string, ...values: (string | number | null)[]): Record<string, unknown>[] {
    return this.#statement(sql).all(...values) as Record<string, unknown>[];
  }
}

/** Its schema is not ours. */
class OtherVersion extends Error {}

/** Codes of SQLite for a file that is damaged, or none of its own (https://sqlite.org/rescode.html). */
const spoiltCodes = new Set([11, 26]);

const isSpoilt = (error: unknown): boolean =>
  error instanceof OtherVersion || spoiltCodes.has((error as { errcode?: number }).errcode ?? 0);

function beginAnew(
  path: string,
  why: string,
  onTrouble: (sentence: string) => void,
): DatabaseSync | undefined {
  const aside = `${path}.unreadable`;
  try {
    renameSync(path, aside);
    for (const rest of ['-wal', '-shm']) rmSync(path + rest, { force: true });
    const fresh = openDatabase(path);
    onTrouble(`the metrics in ${path} can't be read (${why}) and begin anew; the old ones are in ${aside}`);
    return fresh;
  } catch {
    // The folder can't be written either: the first reason is told, and metrics are held in memory.
    return undefined;
  }
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    // A kill loses nothing then; a power cut the last moments.
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304',
    );
    const version = database.prepare('PRAGMA user_version').get()?.user_version;
    if (version === 0) database.exec(`BEGIN; ${schema} COMMIT`);
    else if (version !== schemaVersion) throw new OtherVersion(`they are of version ${version}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
