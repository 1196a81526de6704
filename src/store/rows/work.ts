/**
 * What is asked of a database, apart from how it is asked. A piece of work asks by `yield*` and is given the answer there:
 * SQLite has it at once, in the same turn, PostgreSQL later. So each rule of the rows is written once.
 *
 * Work is done in a transaction, and may be begun anew before it counts: it does nothing but ask.
 */
import type { SqlValue, Statement } from './statements.ts';

/** What work yields where the answer takes time. */
export type Question = {
  readonly of: Database;
  /** `change` answers how many rows it changed. */
  readonly kind: 'all' | 'get' | 'change';
  readonly statement: Statement<never, unknown>;
  readonly parameters: Readonly<Record<string, SqlValue>>;
};

export type Work<T> = Iterable<Question, T, unknown>;

/** A database as the rows see it: `yield*` its methods. */
export interface Database {
  /** For people: where it is. */
  readonly name: string;
  all<P extends Record<string, SqlValue>, R>(statement: Statement<P, R>, parameters: P): Work<R[]>;
  get<P extends Record<string, SqlValue>, R>(statement: Statement<P, R>, parameters: P): Work<R | undefined>;
  /** Writes; answers how many rows it changed. */
  run<P extends Record<string, SqlValue>>(statement: Statement<P, unknown>, parameters: P): Work<number>;
}

/** Work that asks nothing. */
export function* done<T>(answer: T): Work<T> {
  yield* [];
  return answer;
}

/** The same work for one after the other. */
export function* inTurn<Each>(all: readonly Each[], work: (each: Each) => Work<void>): Work<void> {
  for (const each of all) yield* work(each);
}

/** Carries work out, a task at a time or many in one transaction. */
export interface Transactions {
  /** All of it is kept when the promise resolves, nothing when it rejects. */
  write<T>(work: () => Work<T>): Promise<T>;
  /** Sees the writes that were asked for before it. */
  read<T>(work: () => Work<T>): Promise<T>;
}
