import { enabledPlaces, placesOf } from '../domain/job.ts';
import type { ControlParts } from './parts.ts';

/** What the list of environments says of the definitions of one. */
export interface Summary {
  readonly jobs: number;
  readonly jobsEnabled: number;
  /** Places that those take in the plan: an instance takes one. */
  readonly placesEnabled: number;
  /** Names of all workers. */
  readonly workers: ReadonlySet<string>;
  /** How many processes the enabled workers are to have, where a plan is booked. */
  readonly workersExpected: number;
  readonly variableNames: readonly string[];
  /** Names of the crons that a person holds back. */
  readonly paused: readonly string[];
}

/**
 * Summaries are kept until a change of their environment, so that listing environments does not read ten thousand jobs.
 * Use cases are the only ones that write definitions; each of their changes calls {@link forget}.
 */
export class Summaries {
  readonly #store: ControlParts['store'];
  readonly #kept = new Map<string, Summary>();
  /** Grows with each change: what was read before it is not kept after it. */
  #changes = 0;

  constructor(store: ControlParts['store']) {
    this.#store = store;
  }

  async of(environment: string): Promise<Summary> {
    const kept = this.#kept.get(environment);
    if (kept !== undefined) return kept;
    const before = this.#changes;
    const summary = await this.#read(environment);
    if (before === this.#changes) this.#kept.set(environment, summary);
    return summary;
  }

  forget(environment: string): void {
    this.#changes += 1;
    this.#kept.delete(environment);
  }

  async #read(environment: string): Promise<Summary> {
    const [jobs, variables] = await Promise.all([
      this.#store.jobs(environment),
      this.#store.variables(environment),
    ]);
    const enabled = jobs.filter((job) => job.status === 'enabled');
    return {
      jobs: jobs.length,
      jobsEnabled: enabled.length,
      placesEnabled: enabledPlaces(jobs),
      workers: new Set(jobs.flatMap((job) => (job.type === 'worker' ? [job.name] : []))),
      workersExpected: enabled.reduce((sum, job) => sum + (job.type === 'worker' ? placesOf(job) : 0), 0),
      paused: enabled.flatMap((job) => (job.type === 'cron' && job.paused ? [job.name] : [])),
      variableNames: Object.keys(variables).sort(),
    };
  }
}
