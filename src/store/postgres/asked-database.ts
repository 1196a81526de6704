/** A database whose answers take time: the work yields each question, and goes on when it is given the answer. */
import type { SqlValue, Statement } from '../rows/statements.ts';
import type { Database, Work } from '../rows/work.ts';

export class AskedDatabase implements Database {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  *all<P extends Record<string, SqlValue>, R>(statement: Statement<P, R>, parameters: P): Work<R[]> {
    return (yield { of: this, kind: 'all', statement, parameters }) as R[];
  }

  *get<P extends Record<string, SqlValue>, R>(
    statement: Statement<P, R>,
    parameters: P,
  ): Work<R | undefined> {
    return (yield { of: this, kind: 'get', statement, parameters }) as R | undefined;
  }

  *run<P extends Record<string, SqlValue>>(statement: Statement<P, unknown>, parameters: P): Work<number> {
    return (yield { of: this, kind: 'change', statement, parameters }) as number;
  }
}
