import { createHash } from 'node:crypto';
import type { Actor } from '../control/control.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';

interface Kept {
  readonly fingerprint: string;
  readonly answer: Promise<unknown>;
  /** Monotonic, ms. */
  readonly since: number;
  settled: boolean;
}

/**
 * Requests that came with an idempotency key, for whoever has lost the answer and sends them again: they are done once and
 * get the same answer, also while the first is still under way. What was refused changed nothing, and may be tried again
 * with its key. Kept in memory: names keep jobs, environments and tokens from being doubled across a restart.
 */
export class Once {
  readonly #now: () => number;
  /** By user, then by key, oldest first. */
  readonly #kept = new Map<string, Map<string, Kept>>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * @param asked what makes the request this one: its method, address and body
   * @throws Refusal `request.key-reused`, `request.keys-too-many`, and what `act` refuses
   */
  async run(
    actor: Actor,
    key: string,
    asked: unknown,
    act: () => Promise<unknown>,
  ): Promise<{ readonly answer: unknown; readonly again: boolean }> {
    const own = this.#ownOf(actor);
    const fingerprint = createHash('sha256').update(JSON.stringify(asked)).digest('base64');
    const found = own.get(key);
    if (found !== undefined) {
      if (found.fingerprint !== fingerprint) throw new Refusal('request.key-reused');
      return { answer: await found.answer, again: true };
    }
    this.#makeRoom(own);
    const answer = act();
    const kept: Kept = { fingerprint, answer, since: this.#now(), settled: false };
    own.set(key, kept);
    try {
      return { answer: await answer, again: false };
    } catch (error) {
      if (own.get(key) === kept) own.delete(key);
      throw error;
    } finally {
      kept.settled = true;
    }
  }

  #ownOf(actor: Actor): Map<string, Kept> {
    const { via, name, account, token, role, environments, scope } = actor;
    // With other rights it is another one: an answer of before is not told to who may not see it any more.
    const user = JSON.stringify([via, name, account, token, role, environments, scope]);
    const own = this.#kept.get(user) ?? new Map<string, Kept>();
    // Users that come last are kept last, so that the one that is given up has been away for longest.
    this.#kept.delete(user);
    this.#kept.set(user, own);
    const oldest = this.#now() - limits.idempotencySeconds * 1000;
    for (const [key, { settled, since }] of own) if (settled && since < oldest) own.delete(key);
    if (this.#kept.size > limits.idempotencyUsers) this.#giveUpOne();
    return own;
  }

  #makeRoom(own: Map<string, Kept>): void {
    if (own.size < limits.idempotencyKeysPerUser) return;
    const settled = [...own].find(([, each]) => each.settled);
    if (settled === undefined)
      throw new Refusal('request.keys-too-many', { limit: limits.idempotencyKeysPerUser });
    own.delete(settled[0]);
  }

  #giveUpOne(): void {
    for (const [user, own] of this.#kept) {
      if ([...own.values()].some((each) => !each.settled)) continue;
      this.#kept.delete(user);
      return;
    }
  }
}
