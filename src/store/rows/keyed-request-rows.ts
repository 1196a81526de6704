/** Requests with an idempotency key, and what they were answered. */
import type { KeyedRequest } from '../store.ts';
import type { Sealer } from './sealer.ts';
import { put, statement } from './statements.ts';
import { core } from './tables.ts';
import type { Database, Work } from './work.ts';

/** A type and no interface: it is the parameters of statements. */
type Name = { readonly user: string; readonly key: string };

const one = statement<Name>()((p) =>
  core.selectFrom('keyed_requests').selectAll().where('user', '=', p.user).where('key', '=', p.key),
);
const begin = statement<Name & { fingerprint: string; beganAt: number }>()((p) =>
  put(core, 'keyed_requests', ['user', 'key'], {
    user: p.user,
    key: p.key,
    fingerprint: p.fingerprint,
    began_at: p.beganAt,
    answer: null,
  }),
);
const answer = statement<Name & { answer: Uint8Array }>()((p) =>
  core
    .updateTable('keyed_requests')
    .set({ answer: p.answer })
    .where('user', '=', p.user)
    .where('key', '=', p.key),
);
const drop = statement<Name>()((p) =>
  core.deleteFrom('keyed_requests').where('user', '=', p.user).where('key', '=', p.key),
);
const dropOldest = statement<{ user: string; keep: number }>()((p) =>
  core
    .deleteFrom('keyed_requests')
    .where('user', '=', p.user)
    .where('key', 'in', (eb) =>
      eb
        .selectFrom('keyed_requests')
        .select('key')
        .where('user', '=', p.user)
        .orderBy('began_at', 'desc')
        .orderBy('key', 'desc')
        .limit(Number.MAX_SAFE_INTEGER)
        .offset(p.keep),
    ),
);
const expire = statement<{ before: number; limit: number }>()((p) =>
  core
    .deleteFrom('keyed_requests')
    .where((eb) =>
      eb(
        eb.refTuple('user', 'key'),
        'in',
        eb
          .selectFrom('keyed_requests')
          .select(['user', 'key'])
          .where('began_at', '<', p.before)
          .limit(p.limit)
          .$asTuple('user', 'key'),
      ),
    ),
);
const beyond = statement<{ keep: number; limit: number }>()((p) =>
  core
    .deleteFrom('keyed_requests')
    .where((eb) =>
      eb(
        eb.refTuple('user', 'key'),
        'in',
        eb
          .selectFrom('keyed_requests')
          .select(['user', 'key'])
          .orderBy('began_at', 'desc')
          .limit(p.limit)
          .offset(p.keep)
          .$asTuple('user', 'key'),
      ),
    ),
);

/** Deleted in one step. */
const rowsPerStep = 500;

export class KeyedRequestRows {
  readonly #core: Database;
  readonly #sealer: Sealer;

  constructor(file: Database, sealer: Sealer) {
    this.#core = file;
    this.#sealer = sealer;
  }

  *one(user: string, key: string): Work<KeyedRequest | undefined> {
    const row = yield* this.#core.get(one, { user, key });
    if (row === undefined) return undefined;
    const { fingerprint, began_at: beganAt, answer: sealed } = row;
    return {
      user,
      key,
      fingerprint,
      beganAt,
      answer: sealed === null ? null : this.#opened(sealed, user, key),
    };
  }

  *begin({ user, key, fingerprint, beganAt }: KeyedRequest, keep: number): Work<void> {
    yield* this.#core.run(begin, { user, key, fingerprint, beganAt: Math.floor(beganAt) });
    yield* this.#core.run(dropOldest, { user, keep });
  }

  *answer(user: string, key: string, text: string): Work<void> {
    yield* this.#core.run(answer, { user, key, answer: this.#sealer.seal(text, placeOf(user, key)) });
  }

  *drop(user: string, key: string): Work<void> {
    yield* this.#core.run(drop, { user, key });
  }

  /** One step; false when there is none of before the moment, and there are no more than are kept. */
  *trim(before: number, keep: number): Work<boolean> {
    const expired = yield* this.#core.run(expire, { before, limit: rowsPerStep });
    return expired + (yield* this.#core.run(beyond, { keep, limit: rowsPerStep })) > 0;
  }

  /** One that can't be read is one of which nobody knows what became of it. */
  #opened(sealed: Uint8Array, user: string, key: string): string | null {
    try {
      return this.#sealer.open(sealed, placeOf(user, key));
    } catch {
      return null;
    }
  }
}

const placeOf = (user: string, key: string): string => `keyed_requests/${user}/${key}`;
