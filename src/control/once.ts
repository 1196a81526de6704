/** Requests that came with an idempotency key, for whoever has lost the answer and sends them again. */
import { createHash } from 'node:crypto';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { Store } from '../store/store.ts';
import type { Actor } from './control.ts';
import type { ControlParts } from './parts.ts';

/** What a request was answered, and whether it was so before. */
export interface OnceAnswer {
  readonly answer: unknown;
  readonly again: boolean;
}

export interface OnceParts extends Pick<ControlParts, 'clock' | 'onTrouble'> {
  readonly store: Pick<
    Store,
    'keyedRequest' | 'beginKeyedRequest' | 'answerKeyedRequest' | 'dropKeyedRequest'
  >;
}

interface UnderWay {
  readonly fingerprint: string;
  readonly answer: Promise<unknown>;
}

/**
 * A request is done once for each key and gets the same answer again: also while the first is under way, and after a restart of
 * the daemon. That it begins is kept before it is done, its answer afterwards: of one that a crash came between, nobody knows
 * what became of it, and it is refused instead of being done twice. What was refused changed nothing, and may be tried again.
 */
export class Once {
  readonly #parts: OnceParts;
  /** By user, then by key. */
  readonly #underWay = new Map<string, Map<string, UnderWay>>();

  constructor(parts: OnceParts) {
    this.#parts = parts;
  }

  /**
   * @param asked what makes the request this one: its method, address and body
   * @throws Refusal `request.key-reused`, `request.keys-too-many`, `request.outcome-unknown`, and what `act` refuses
   */
  async run(actor: Actor, key: string, asked: unknown, act: () => Promise<unknown>): Promise<OnceAnswer> {
    const user = userOf(actor);
    const fingerprint = digestOf(asked);
    const own = this.#underWay.get(user) ?? new Map<string, UnderWay>();
    const first = own.get(key);
    if (first !== undefined) {
      checkSame(first.fingerprint, fingerprint);
      return { answer: await first.answer, again: true };
    }
    if (own.size >= limits.idempotencyKeysPerUser)
      throw new Refusal('request.keys-too-many', { limit: limits.idempotencyKeysPerUser });
    const done = this.#done({ user, key, fingerprint }, act);
    this.#underWay.set(user, own);
    own.set(key, { fingerprint, answer: done.then(({ answer }) => answer) });
    // Whoever waits for it hears of a failure; where nobody does, it is no news.
    own.get(key)?.answer.catch(() => undefined);
    try {
      return await done;
    } finally {
      own.delete(key);
      if (own.size === 0) this.#underWay.delete(user);
    }
  }

  async #done(
    request: { readonly user: string; readonly key: string; readonly fingerprint: string },
    act: () => Promise<unknown>,
  ): Promise<OnceAnswer> {
    const { user, key, fingerprint } = request;
    const now = this.#parts.clock.wall();
    const kept = await this.#parts.store.keyedRequest(user, key);
    if (kept !== undefined && kept.beganAt >= now - limits.idempotencySeconds * 1000) {
      checkSame(kept.fingerprint, fingerprint);
      if (kept.answer === null) throw new Refusal('request.outcome-unknown');
      return { answer: JSON.parse(kept.answer), again: true };
    }
    await this.#parts.store.beginKeyedRequest(
      { ...request, beganAt: now, answer: null },
      limits.idempotencyKeysPerUser,
    );
    const answer = await act().catch(async (error: unknown) => {
      await this.#noted(this.#parts.store.dropKeyedRequest(user, key));
      throw error;
    });
    await this.#noted(this.#parts.store.answerKeyedRequest(user, key, JSON.stringify(answer ?? null)));
    return { answer, again: false };
  }

  /** What was done stands, whether or not that can be written. */
  async #noted(write: Promise<void>): Promise<void> {
    try {
      await write;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#parts.onTrouble(null, `what became of a request with an idempotency key is not kept: ${why}`);
    }
  }
}

/** With other rights it is another user: an answer of before is not told to who may not see it any more. */
const userOf = ({ via, name, account, token, role, environments, scope }: Actor): string =>
  digestOf([via, name, account, token, role, environments, scope]);

const digestOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url');

function checkSame(one: string, other: string): void {
  if (one !== other) throw new Refusal('request.key-reused');
}
