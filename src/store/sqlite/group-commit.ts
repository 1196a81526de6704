/**
 * Many writes, few commits. What is asked for in one turn of the event loop becomes one transaction, in the order of
 * the calls; each task has a savepoint, so that one that fails takes nothing of the others with it. A promise resolves
 * after the commit, never before.
 *
 * A task may write to both files. History is committed before the core: what the core says has happened is always
 * there in history, and what history holds without the core's word (`begun`) never happened. A crash or a full disk
 * between the two commits leaves only that, and readers look through it.
 */
import { Refusal } from '../../domain/errors.ts';
import type { Transactions, Work } from '../rows/work.ts';
import type { DatabaseFile } from './database-file.ts';
import { perform } from './perform.ts';

/** Tasks of one transaction: the event loop is back after some milliseconds. */
const tasksPerCommit = 500;

interface Task {
  readonly work: () => Work<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly answer: unknown; readonly wroteCore: boolean } | { readonly error: unknown };

export class GroupCommit implements Transactions {
  readonly #core: DatabaseFile;
  readonly #history: DatabaseFile;
  #queue: Task[] = [];
  #scheduled = false;
  #closed = false;

  constructor(core: DatabaseFile, history: DatabaseFile) {
    this.#core = core;
    this.#history = history;
  }

  /** Runs `work` in a transaction. It may be run more than once before it counts: it does nothing but read and write here. */
  write<T>(work: () => Work<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closed());
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (answer: unknown) => void, reject });
      if (!this.#scheduled) {
        this.#scheduled = true;
        setImmediate(() => this.#turn());
      }
    });
  }

  /** Reads at once, or after the writes that were asked for before it. */
  read<T>(work: () => Work<T>): Promise<T> {
    if (this.#queue.length > 0) return this.write(work);
    if (this.#closed) return Promise.reject(closed());
    try {
      return Promise.resolve(perform(work()));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Writes what is waiting; every later call is refused. */
  close(): void {
    while (this.#queue.length > 0) this.#flush();
    this.#closed = true;
  }

  #turn(): void {
    this.#scheduled = false;
    this.#flush();
    if (this.#queue.length === 0 || this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  #flush(): void {
    const batch = this.#queue.splice(0, tasksPerCommit);
    const alone = batch.length === 1 ? batch : this.#commitTogether(batch);
    for (const task of alone) this.#commitAlone(task);
  }

  /** Commits the tasks as one; answers those that must be tried again, each alone, because the commit as a whole failed. */
  #commitTogether(batch: readonly Task[]): readonly Task[] {
    const outcomes: Outcome[] = [];
    for (const task of batch) {
      const outcome = this.#perform(task, true);
      if (this.#core.lost || this.#history.lost) {
        this.#rollback();
        return batch;
      }
      outcomes.push(outcome);
    }
    try {
      this.#history.commit();
    } catch {
      // The reason comes again, task by task: each hears its own.
      this.#rollback();
      return batch;
    }
    try {
      this.#core.commit();
    } catch {
      // History is committed: what was for history alone is done, the others are tried alone.
      this.#rollback();
      return batch.filter((task, index) => {
        const outcome = outcomes[index] as Outcome;
        if ('answer' in outcome && outcome.wroteCore) return true;
        settle(task, outcome);
        return false;
      });
    }
    for (const [index, task] of batch.entries()) settle(task, outcomes[index] as Outcome);
    return [];
  }

  #commitAlone(task: Task): void {
    let outcome = this.#perform(task, false);
    if ('answer' in outcome) {
      try {
        this.#history.commit();
        this.#core.commit();
      } catch (error) {
        outcome = { error };
      }
    }
    if ('error' in outcome) this.#rollback();
    settle(task, outcome);
  }

  #perform(task: Task, savepoints: boolean): Outcome {
    this.#core.enter(savepoints);
    this.#history.enter(savepoints);
    try {
      const answer = perform(task.work());
      const { wrote } = this.#core;
      this.#core.leave();
      this.#history.leave();
      return { answer, wroteCore: wrote };
    } catch (error) {
      if (savepoints && !this.#core.lost && !this.#history.lost) {
        this.#core.takeBack();
        this.#history.takeBack();
      }
      return { error };
    }
  }

  #rollback(): void {
    this.#core.rollback();
    this.#history.rollback();
  }
}

const closed = (): Refusal => new Refusal('store.unavailable', { why: 'it is closed' });

function settle(task: Task, outcome: Outcome): void {
  if ('answer' in outcome) task.resolve(outcome.answer);
  else task.reject(outcome.error);
}
