/** One connection to PostgreSQL: it answers questions, and knows when it is lost. */
import type { ClientBase, QueryResult } from 'pg';
import { type Compiled, compile, type Statement, valuesOf } from '../rows/statements.ts';
import type { Question } from '../rows/work.ts';
import { written } from './text.ts';

/** A statement has one name on every connection; the server keeps it prepared. */
const named = new Map<Statement<never, unknown>, Compiled & { readonly name: string }>();

function prepared(statement: Statement<never, unknown>): Compiled & { readonly name: string } {
  const known = named.get(statement);
  if (known !== undefined) return known;
  const fresh = { ...compile(statement, 'postgres'), name: `ns${named.size}` };
  named.set(statement, fresh);
  return fresh;
}

export class Session {
  readonly name: string;
  readonly #client: ClientBase;
  #broken = false;

  /** Over a client of the library's, which belongs to the caller; `name` is the database's, for people. */
  constructor(client: ClientBase, name: string) {
    this.name = name;
    this.#client = client;
    const breaks = (): void => {
      this.#broken = true;
    };
    // Without a listener an idle connection that is lost would end the process.
    client.on('error', breaks);
    client.on('end', breaks);
  }

  /** Nothing can be asked any more. */
  get broken(): boolean {
    return this.#broken;
  }

  /** What `Question.kind` asks for. */
  async answer({ kind, statement, parameters }: Question): Promise<unknown> {
    const { name, sql, ...rest } = prepared(statement);
    const values = valuesOf({ sql, ...rest }, parameters).map((value) =>
      typeof value === 'string' ? written(value) : value,
    );
    const { rows, rowCount } = await this.#watched(() => this.#client.query({ name, text: sql, values }));
    if (kind === 'change') return rowCount ?? 0;
    return kind === 'all' ? rows : rows[0];
  }

  /** Runs SQL text as it is; answers what was done, in PostgreSQL's word for it. */
  async execute(sql: string): Promise<string> {
    return (await this.#watched(() => this.#client.query(sql))).command;
  }

  /** The same, without waiting: what is asked next waits its turn behind it, and fails with it. */
  announce(sql: string): void {
    this.execute(sql).catch(() => undefined);
  }

  /** The rows of a one-off query; of several in one text, those of the last. */
  async rows(sql: string): Promise<Record<string, unknown>[]> {
    const answer: unknown = await this.#watched(() => this.#client.query(sql));
    const [last] = [answer].flat().slice(-1) as QueryResult[];
    return last?.rows ?? [];
  }

  /** After an answer that did not come nobody knows what comes next: such a connection is no good any more. */
  async #watched<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      const saidByServer = error instanceof Error && 'severity' in error && error.severity === 'ERROR';
      if (!saidByServer) this.#broken = true;
      throw error;
    }
  }
}
