/** Runs and the due times that begin them, in one step; and what is told of due times, by the names of jobs. */
import type { DueTime, LedgerChange } from '../../domain/due-time.ts';
import type { Run } from '../../domain/run.ts';
import type { DueTimeRows, JobIds } from './due-time-rows.ts';
import type { EnvironmentRows } from './environment-rows.ts';
import type { RunRows } from './run-rows.ts';
import type { Work } from './work.ts';

export class Ledger {
  readonly #environments: EnvironmentRows;
  readonly #dueTimes: DueTimeRows;
  readonly #runs: RunRows;

  constructor(environments: EnvironmentRows, dueTimes: DueTimeRows, runs: RunRows) {
    this.#environments = environments;
    this.#dueTimes = dueTimes;
    this.#runs = runs;
  }

  /** Answers the ids of the runs that were begun; `Store.beginRuns` has the rules. */
  *begin(
    runs: readonly Run[],
    dueTimes: readonly DueTime[],
    changes: readonly LedgerChange[],
  ): Work<string[]> {
    for (const change of changes) yield* this.#changeLedger(change);
    const taken = new Set<string>();
    // Neighbours are often of one job, and of one environment.
    let job: { readonly of: DueTime; readonly ids: JobIds | undefined } | undefined;
    for (const dueTime of dueTimes) {
      if (job?.of.job !== dueTime.job || job.of.environment !== dueTime.environment) {
        const ids = yield* this.#environments.jobIds(dueTime.environment, dueTime.job);
        job = { of: dueTime, ids };
      }
      const added = job.ids !== undefined && (yield* this.#dueTimes.add(job.ids, dueTime));
      if (!added && dueTime.run !== null) taken.add(dueTime.run);
    }
    const begun: string[] = [];
    let environment: { readonly name: string; readonly id: number } | undefined;
    for (const run of runs) {
      if (taken.has(run.id)) continue;
      const name = run.environment;
      if (environment?.name !== name) environment = { name, id: yield* this.#environments.requireId(name) };
      if (yield* this.#runs.begin(environment.id, run)) begun.push(run.id);
    }
    return begun;
  }

  *#changeLedger(change: LedgerChange): Work<void> {
    const [first] = change.drop;
    const ids = first && (yield* this.#environments.jobIds(first.environment, first.job));
    if (ids !== undefined) yield* this.#dueTimes.change(ids, change);
  }

  *page(filter: {
    environment: string;
    job?: string;
    before?: number;
    beforeJob?: string;
    limit: number;
  }): Work<DueTime[]> {
    const { environment, limit } = filter;
    const before = filter.before ?? Number.MAX_SAFE_INTEGER;
    if (filter.job !== undefined) {
      const ids = yield* this.#environments.jobIds(environment, filter.job);
      return ids === undefined ? [] : yield* this.#dueTimes.ofJob(environment, ids.id, before, limit);
    }
    const id = yield* this.#environments.idOf(environment);
    if (id === undefined) return [];
    const beforeJob =
      filter.beforeJob === undefined
        ? undefined
        : yield* this.#environments.jobIds(environment, filter.beforeJob);
    const place = { dueAt: before, job: beforeJob?.id ?? 0 };
    return yield* this.#dueTimes.ofEnvironment({ name: environment, id }, place, limit);
  }
}
