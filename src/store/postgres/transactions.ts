/**
 * Many writes, few commits, as in SQLite: what is asked for while a transaction is under way becomes the next one, in the order of
 * the calls; each task has a savepoint. One connection writes, so that writes of one daemon never meet; those of others may, and
 * then the transaction (SERIALIZABLE) is done anew. Reads have connections of their own and see one moment each.
 *
 * What changes history alone commits without waiting for the server's disk: a power cut of the server may lose its last moments,
 * as the port allows. Everything else waits.
 */
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { type ClientBase, Pool } from 'pg';
import { Refusal } from '../../domain/errors.ts';
import type { Database, Question, Transactions, Work } from '../rows/work.ts';
import { explain, isConflict } from './failures.ts';
import { Session } from './session.ts';
import type { Target } from './target.ts';
import type { Writer } from './writer.ts';

/** Tasks of one transaction. */
const tasksPerCommit = 500;
/** So often a transaction is tried when others write the same rows. */
const attemptsMost = 8;
const readersMost = 4;
const idleReaderMs = 60_000;
/** For so long it is asked what became of a commit whose answer was lost, ms. */
const askForCommitMs = 10_000;
const askAgainMs = 200;

interface Task {
  readonly work: () => Work<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly answer: unknown } | { readonly error: unknown };

export class PostgresTransactions implements Transactions {
  readonly #target: Target;
  readonly #core: Database;
  readonly #writer: Writer;
  readonly #readers: Pool;
  readonly #sessions = new WeakMap<ClientBase, Session>();
  #queue: Task[] = [];
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(target: Target, writer: Writer, core: Database) {
    this.#target = target;
    this.#core = core;
    this.#writer = writer;
    this.#readers = new Pool({
      ...target.config,
      application_name: 'nightshift',
      max: readersMost,
      idleTimeoutMillis: idleReaderMs,
    });
    this.#readers.on('connect', (client) => this.#sessions.set(client, new Session(client, target.name)));
    // The pool drops an idle connection that was lost.
    this.#readers.on('error', () => undefined);
  }

  /** Runs `work` in a transaction. It may be run more than once before it counts: it does nothing but read and write here. */
  write<T>(work: () => Work<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closed());
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (answer: unknown) => void, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Reads at once, or after the writes that were asked for before it. */
  async read<T>(work: () => Work<T>): Promise<T> {
    if (this.#closed) throw closed();
    await this.#draining;
    try {
      return await this.#readOnce(work);
    } catch (error) {
      // A connection that was lost while it was idle shows it only now; a new one tells whether the server is there.
      if (!(error instanceof BrokenError)) throw explain(error, this.#target.name);
    }
    try {
      return await this.#readOnce(work);
    } catch (error) {
      throw explain(error instanceof BrokenError ? error.cause : error, this.#target.name);
    }
  }

  /** Writes what is waiting; every later call is refused. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
    await this.#writer.close();
    await this.#readers.end();
  }

  async #readOnce<T>(work: () => Work<T>): Promise<T> {
    const client = await this.#readers.connect();
    const session = this.#sessions.get(client) as Session;
    try {
      session.announce('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const answer = await perform(work(), session);
      session.announce('COMMIT');
      return answer;
    } catch (error) {
      if (session.broken) throw new BrokenError('the connection was lost', { cause: error });
      session.announce('ROLLBACK');
      throw error;
    } finally {
      client.release(session.broken);
    }
  }

  async #drain(): Promise<void> {
    // What is asked for in this turn of the event loop comes together.
    await nextTurn();
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, tasksPerCommit);
      const alone = batch.length === 1 ? batch : await this.#commit(batch);
      for (const task of alone) await this.#commit([task]);
    }
    this.#draining = undefined;
  }

  /** Answers the tasks that must be tried alone, because the transaction as a whole failed by what one of them does. */
  async #commit(batch: readonly Task[]): Promise<readonly Task[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const outcomes = await this.#transaction(batch);
        for (const [index, task] of batch.entries()) settle(task, outcomes[index] as Outcome);
        return [];
      } catch (error) {
        if (isConflict(error) && attempt < attemptsMost) continue;
        if (batch.length > 1 && !(error instanceof BrokenError)) return batch;
        const why = explain(error instanceof BrokenError ? error.cause : error, this.#target.name);
        for (const task of batch) task.reject(why);
        return [];
      }
    }
  }

  async #transaction(batch: readonly Task[]): Promise<readonly Outcome[]> {
    const session = await this.#session();
    try {
      const together = batch.length > 1;
      // Waited for: what came behind a beginning that failed would be kept piece by piece.
      const [begun] = await session.rows(
        'BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT pg_current_xact_id()::text AS id',
      );
      const outcomes: Outcome[] = [];
      const wrote = { durably: false };
      for (const task of batch) outcomes.push(await this.#perform(task, session, together, wrote));
      await this.#end(session, String(begun?.id), wrote.durably);
      return outcomes;
    } catch (error) {
      if (session.broken && !(error instanceof BrokenError))
        throw new BrokenError('the connection was lost', { cause: error });
      if (!session.broken) await session.execute('ROLLBACK');
      throw error;
    }
  }

  async #session(): Promise<Session> {
    try {
      return await this.#writer.session();
    } catch (error) {
      throw new BrokenError('no connection', { cause: error });
    }
  }

  /** A task that fails by itself takes nothing of the others with it. */
  async #perform(
    task: Task,
    session: Session,
    together: boolean,
    wrote: { durably: boolean },
  ): Promise<Outcome> {
    if (together) session.announce('SAVEPOINT task');
    try {
      const answer = await perform(task.work(), session, (question) => {
        if (question.kind === 'change' && question.of === this.#core) wrote.durably = true;
      });
      if (together) session.announce('RELEASE SAVEPOINT task');
      return { answer };
    } catch (error) {
      if (session.broken || isConflict(error) || !together) throw error;
      await session.execute('ROLLBACK TO SAVEPOINT task');
      return { error: explain(error, this.#target.name) };
    }
  }

  /** When the connection is lost between the commit and its answer, the server is asked what became of it. */
  async #end(session: Session, transaction: string, durably: boolean): Promise<void> {
    if (!durably) session.announce('SET LOCAL synchronous_commit = off');
    try {
      // A transaction that failed before is rolled back, and that is no error to PostgreSQL.
      if ((await session.execute('COMMIT')) !== 'COMMIT') throw new Error('PostgreSQL rolled back');
    } catch (error) {
      if (!session.broken) throw error;
      if (!(await this.#wasCommitted(transaction)))
        throw new BrokenError('the commit was lost', { cause: error });
    }
  }

  async #wasCommitted(transaction: string): Promise<boolean> {
    for (const end = performance.now() + askForCommitMs; performance.now() < end; await delay(askAgainMs)) {
      try {
        const session = await this.#writer.session();
        const [row] = await session.rows(`SELECT pg_xact_status('${transaction}'::xid8) AS status`);
        if (row?.status !== 'in progress') return row?.status === 'committed';
      } catch {
        // It is still away: asked again until the time is over.
      }
    }
    return false;
  }
}

/** Nothing more can be said over this connection; the cause says why. */
class BrokenError extends Error {}

const closed = (): Refusal => new Refusal('store.unavailable', { why: 'it is closed' });

/** Work, done by asking one question after the other. */
export async function perform<T>(
  work: Work<T>,
  session: Session,
  before?: (question: Question) => void,
): Promise<T> {
  const steps = work[Symbol.iterator]();
  let step = steps.next();
  while (step.done !== true) {
    before?.(step.value);
    step = steps.next(await session.answer(step.value));
  }
  return step.value;
}

function settle(task: Task, outcome: Outcome): void {
  if ('answer' in outcome) task.resolve(outcome.answer);
  else task.reject(outcome.error);
}
