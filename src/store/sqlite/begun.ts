/**
 * `begun` in the core is the word that a run was begun, durable together with its due time, until history has the run's end on
 * the disk. An open run in history without that word never happened (a commit that failed halfway): nobody sees it.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readRun } from '../rows/documents.ts';
import { dropRun, openOnes, putRun, type RunRow, runById } from '../rows/run-rows.ts';
import { statement } from '../rows/statements.ts';
import { core, history } from '../rows/tables.ts';
import type { BegunRun, Vouching } from '../rows/vouching.ts';
import type { Database, Transactions, Work } from '../rows/work.ts';

const begunById = statement<{ id: string }>()((p) =>
  core.selectFrom('begun').select('id').where('id', '=', p.id),
);
const allBegun = statement()(() => core.selectFrom('begun').select(['id', 'environment', 'document']));
const begunIds = statement()(() => core.selectFrom('begun').select('id'));
const putBegun = statement<{ id: string; environment: number; document: string }>()((p) =>
  core.insertInto('begun').values({ id: p.id, environment: p.environment, document: p.document }),
);
const dropBegun = statement<{ id: string }>()((p) => core.deleteFrom('begun').where('id', '=', p.id));
const dropBegunOf = statement<{ environment: number }>()((p) =>
  core.deleteFrom('begun').where('environment', '=', p.environment),
);
const endedById = statement<{ id: string }>()((p) =>
  history.selectFrom('runs').select('seq').where('id', '=', p.id).where('ended_at', 'is not', null),
);

/** After so many ends, history is brought to the disk and the core forgets that it vouched for those runs. */
const endsPerRelease = 2_000;
const runsPerStep = 200;

interface Parts {
  readonly core: Database;
  readonly history: Database;
  readonly transactions: Transactions;
  /** Brings history to the disk; true when all of it is there. */
  readonly historyToDisk: () => boolean;
}

export class Begun implements Vouching {
  readonly #core: Database;
  readonly #history: Database;
  readonly #transactions: Transactions;
  readonly #historyToDisk: () => boolean;
  #endedSinceRelease: string[] = [];

  constructor(parts: Parts) {
    this.#core = parts.core;
    this.#history = parts.history;
    this.#transactions = parts.transactions;
    this.#historyToDisk = parts.historyToDisk;
  }

  *keep(run: BegunRun): Work<void> {
    const { id, environment, document } = run;
    yield* this.#history.run(putRun, run);
    yield* this.#core.run(putBegun, { id, environment, document });
  }

  *happened(id: string): Work<boolean> {
    return (yield* this.#core.get(begunById, { id })) !== undefined;
  }

  *mayForget(id: string): Work<boolean> {
    return !(yield* this.happened(id));
  }

  *dropOf(environment: number): Work<void> {
    yield* this.#core.run(dropBegunOf, { environment });
  }

  ended(id: string): void {
    this.#endedSinceRelease.push(id);
    if (this.#endedSinceRelease.length < endsPerRelease) return;
    // When it fails nothing is lost: housekeeping finds those that are still vouched for.
    this.#release(this.#endedSinceRelease.splice(0)).catch(() => {
      this.#endedSinceRelease = [];
    });
  }

  async release(): Promise<void> {
    await this.#release(await this.#transactions.read(() => this.#endedAndBegun()));
  }

  async tidy(): Promise<void> {
    await this.release();
    await this.#transactions.write(() => this.#forgetUnbegun());
  }

  /**
   * What a crash, a power cut or a new history file left: runs that the core vouches for and history lost come back as
   * they were begun, and their ids are answered; open ones that the core doesn't vouch for go.
   */
  *repair(): Work<string[]> {
    const lost: string[] = [];
    for (const { id, environment, document } of yield* this.#core.all(allBegun, {})) {
      if ((yield* this.#history.get(runById, { id })) !== undefined) continue;
      const run = readRun(document, `run "${id}"`, this.#core.name);
      const createdAt = Math.floor(run.createdAt);
      yield* this.#history.run(putRun, { id, environment, job: run.job ?? '', createdAt, document });
      lost.push(id);
    }
    yield* this.#forgetUnbegun();
    return lost;
  }

  /**
   * Brings history to the disk; from then on the core need not vouch for runs that ended there. The order matters: an
   * end that a power cut could still take must keep its word in the core.
   */
  async #release(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await nextTurn();
    if (!this.#historyToDisk()) return;
    for (let start = 0; start < ids.length; start += runsPerStep)
      await this.#transactions.write(() => this.#forget(ids.slice(start, start + runsPerStep)));
  }

  *#forget(ids: readonly string[]): Work<void> {
    for (const id of ids) yield* this.#core.run(dropBegun, { id });
  }

  *#endedAndBegun(): Work<string[]> {
    const ended: string[] = [];
    for (const { id } of yield* this.#core.all(begunIds, {}))
      if ((yield* this.#history.get(endedById, { id })) !== undefined) ended.push(id);
    return ended;
  }

  /** Drops open runs that never happened. */
  *#forgetUnbegun(): Work<void> {
    const rows: RunRow[] = yield* this.#history.all(openOnes, {});
    for (const { id } of rows) if (!(yield* this.happened(id))) yield* this.#history.run(dropRun, { id });
  }
}
