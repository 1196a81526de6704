import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';

/**
 * One thing at a time for each key, in the order of arrival: two changes to one environment never overwrite each other,
 * and one environment never waits for another.
 */
export class Serial {
  readonly #queues = new Map<string, { last: Promise<unknown>; length: number }>();

  /** How many run or wait for this key. */
  waiting(key: string): number {
    return this.#queues.get(key)?.length ?? 0;
  }

  /** Runs `work` when everything before it has ended, well or not. Rejects with Refusal `environment.too-busy` when too many wait. */
  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const queue = this.#queues.get(key) ?? { last: Promise.resolve(), length: 0 };
    if (queue.length >= limits.changesWaiting) {
      throw new Refusal('environment.too-busy', { environment: key, limit: limits.changesWaiting });
    }
    this.#queues.set(key, queue);
    queue.length += 1;
    const turn = queue.last.then(work, work);
    queue.last = turn;
    try {
      return await turn;
    } finally {
      queue.length -= 1;
      if (queue.length === 0) this.#queues.delete(key);
    }
  }
}
