import { type LastEnd, lastEndOf, type Run } from '../domain/run.ts';
import type { ControlParts } from './parts.ts';

/**
 * How the last run of each job ended. Kept once it was asked for, and told of every end, so that a list of ten thousand jobs
 * looks up ten thousand runs only once. The last run of a job that was removed stays its history, as its runs do.
 */
export class LastEnds {
  readonly #store: Pick<ControlParts['store'], 'lastEnds'>;
  /** By environment, then by job; null: the job has none. */
  readonly #kept = new Map<string, Map<string, LastEnd | null>>();

  constructor(store: Pick<ControlParts['store'], 'lastEnds'>) {
    this.#store = store;
  }

  async of(environment: string, jobs: readonly string[]): Promise<ReadonlyMap<string, LastEnd | null>> {
    const kept = this.#kept.get(environment) ?? new Map<string, LastEnd | null>();
    this.#kept.set(environment, kept);
    const missing = jobs.filter((job) => !kept.has(job));
    if (missing.length > 0) {
      const found = new Map(
        (await this.#store.lastEnds(environment, missing)).map((end) => [end.job, end] as const),
      );
      // What ended while the store was asked is newer than its answer.
      for (const job of missing) if (!kept.has(job)) kept.set(job, found.get(job) ?? null);
    }
    return kept;
  }

  ended(run: Run): void {
    const end = lastEndOf(run);
    if (end !== null) this.#kept.get(run.environment)?.set(end.job, end);
  }

  forget(environment: string): void {
    this.#kept.delete(environment);
  }
}
