/** Work on files, which answer in the same turn: nothing is ever yielded, and the work is done with its first step. */
import { assert } from '../../std/assert.ts';
import type { SqlValue, Statement } from '../rows/statements.ts';
import type { Database, Work } from '../rows/work.ts';
import type { DatabaseFile } from './database-file.ts';

export function perform<T>(work: Work<T>): T {
  const step = work[Symbol.iterator]().next();
  assert(step.done === true, 'SQLite answers at once');
  return step.value;
}

/** A file as rows know it. */
export class FileDatabase implements Database {
  readonly name: string;
  readonly #file: DatabaseFile;

  constructor(file: DatabaseFile) {
    this.name = file.path;
    this.#file = file;
  }

  all<P extends Record<string, SqlValue>, R>(statement: Statement<P, R>, parameters: P): Work<R[]> {
    return new AtOnce(() => this.#file.all(statement, parameters));
  }

  get<P extends Record<string, SqlValue>, R>(statement: Statement<P, R>, parameters: P): Work<R | undefined> {
    return new AtOnce(() => this.#file.get(statement, parameters));
  }

  run<P extends Record<string, SqlValue>>(statement: Statement<P, unknown>, parameters: P): Work<number> {
    return new AtOnce(() => this.#file.run(statement, parameters));
  }
}

/** Cheaper than a generator, for which work would have to stop and go on at each of its levels. */
class AtOnce<T> {
  readonly #ask: () => T;

  constructor(ask: () => T) {
    this.#ask = ask;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorReturnResult<T> {
    return { done: true, value: this.#ask() };
  }
}
