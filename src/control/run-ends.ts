import type { Run } from '../domain/run.ts';
import type { Store } from '../store/store.ts';

/** Waits for the ends of runs, which the platform tells as events. */
export class RunEnds {
  readonly #store: Pick<Store, 'run'>;
  readonly #waiting = new Map<string, ((run: Run) => void)[]>();

  constructor(store: Pick<Store, 'run'>) {
    this.#store = store;
  }

  /** Told for every run that has ended, after its end is in the store. */
  ended(run: Run): void {
    const waiting = this.#waiting.get(run.id) ?? [];
    this.#waiting.delete(run.id);
    for (const tell of waiting) tell(run);
  }

  /** Resolves with the run when it has ended, also when that was before. */
  async of(run: Pick<Run, 'environment' | 'id'>): Promise<Run> {
    const told = new Promise<Run>((resolve) => {
      this.#waiting.set(run.id, [...(this.#waiting.get(run.id) ?? []), resolve]);
    });
    // Waiting first, then looking: an end in between is heard.
    const now = await this.#store.run(run.environment, run.id);
    if (now !== undefined && now.endedAt !== null) this.ended(now);
    return await told;
  }
}
