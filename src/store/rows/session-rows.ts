/** Browsers that are signed in, and tokens of programs. */
import type { Session, Token } from '../../domain/account.ts';
import { readToken } from './documents.ts';
import { statement } from './statements.ts';
import { core } from './tables.ts';
import type { Database, Work } from './work.ts';

const sessionsJoined = core
  .selectFrom('sessions')
  .innerJoin('accounts', 'accounts.id', 'sessions.account')
  .select([
    'sessions.id',
    'accounts.name as account',
    'sessions.created_at',
    'sessions.used_at',
    'sessions.address',
  ]);
const oneSession = statement<{ id: string }>()((p) => sessionsJoined.where('sessions.id', '=', p.id));
const sessionsOf = statement<{ account: number }>()((p) =>
  sessionsJoined
    .where('sessions.account', '=', p.account)
    .orderBy('sessions.created_at', 'desc')
    .orderBy('sessions.id', 'desc'),
);
const addSession = statement<{
  id: string;
  account: number;
  createdAt: number;
  usedAt: number;
  address: string | null;
}>()((p) =>
  core.insertInto('sessions').values({
    id: p.id,
    account: p.account,
    created_at: p.createdAt,
    used_at: p.usedAt,
    address: p.address,
  }),
);
const touchSession = statement<{ id: string; usedAt: number }>()((p) =>
  core.updateTable('sessions').set({ used_at: p.usedAt }).where('id', '=', p.id),
);
const dropSession = statement<{ id: string }>()((p) => core.deleteFrom('sessions').where('id', '=', p.id));
const dropSessions = statement<{ account: number; keep: string }>()((p) =>
  core.deleteFrom('sessions').where('account', '=', p.account).where('id', '!=', p.keep),
);
const idleSessions = statement<{ usedBefore: number; createdBefore: number }>()((p) =>
  core
    .deleteFrom('sessions')
    .where((eb) => eb.or([eb('used_at', '<=', p.usedBefore), eb('created_at', '<=', p.createdBefore)])),
);

const tokensJoined = core
  .selectFrom('tokens')
  .leftJoin('accounts', 'accounts.id', 'tokens.account')
  .select([
    'tokens.id',
    'tokens.hash',
    'tokens.limited',
    'tokens.used_at',
    'tokens.document',
    'accounts.name as account',
  ]);
const allTokens = statement()(() => tokensJoined.orderBy('tokens.id'));
const tokenOfHash = statement<{ hash: string }>()((p) => tokensJoined.where('tokens.hash', '=', p.hash));
const environmentsOfToken = statement<{ token: string }>()((p) =>
  core
    .selectFrom('token_environments')
    .innerJoin('environments', 'environments.id', 'token_environments.environment')
    .select('environments.name')
    .where('token_environments.token', '=', p.token)
    .orderBy('environments.name'),
);
const addToken = statement<{
  id: string;
  hash: string;
  account: number | null;
  limited: number;
  usedAt: number | null;
  document: string;
}>()((p) =>
  core.insertInto('tokens').values({
    id: p.id,
    hash: p.hash,
    account: p.account,
    limited: p.limited,
    used_at: p.usedAt,
    document: p.document,
  }),
);
const addTokenEnvironment = statement<{ token: string; environment: number }>()((p) =>
  core.insertInto('token_environments').values({ token: p.token, environment: p.environment }),
);
const touchToken = statement<{ id: string; usedAt: number }>()((p) =>
  core.updateTable('tokens').set({ used_at: p.usedAt }).where('id', '=', p.id),
);
const dropToken = statement<{ id: string }>()((p) => core.deleteFrom('tokens').where('id', '=', p.id));
const dropTokenEnvironments = statement<{ id: string }>()((p) =>
  core.deleteFrom('token_environments').where('token', '=', p.id),
);
const tokenIdsOf = statement<{ account: number }>()((p) =>
  core.selectFrom('tokens').select('id').where('account', '=', p.account),
);

interface TokenRow {
  readonly id: string;
  readonly hash: string;
  readonly account: string | null;
  readonly limited: number;
  readonly used_at: number | null;
  readonly document: string;
}

export class SessionRows {
  readonly #core: Database;

  constructor(file: Database) {
    this.#core = file;
  }

  *one(id: string): Work<Session | undefined> {
    const row = yield* this.#core.get(oneSession, { id });
    return row === undefined ? undefined : sessionOf(row);
  }

  *ofAccount(account: number): Work<Session[]> {
    return (yield* this.#core.all(sessionsOf, { account })).map(sessionOf);
  }

  *add(account: number, { id, createdAt, usedAt, address }: Session): Work<void> {
    yield* this.#core.run(addSession, {
      id,
      account,
      createdAt: Math.floor(createdAt),
      usedAt: Math.floor(usedAt),
      address,
    });
  }

  *used(id: string, usedAt: number): Work<void> {
    yield* this.#core.run(touchSession, { id, usedAt: Math.floor(usedAt) });
  }

  *end(id: string): Work<void> {
    yield* this.#core.run(dropSession, { id });
  }

  /** All of the account but one; '' is none. */
  *endAll(account: number, keep: string): Work<void> {
    yield* this.#core.run(dropSessions, { account, keep });
  }

  /** Those that were last used, or opened, at these moments or earlier. */
  *expire(usedBefore: number, createdBefore: number): Work<void> {
    yield* this.#core.run(idleSessions, {
      usedBefore: Math.floor(usedBefore),
      createdBefore: Math.floor(createdBefore),
    });
  }

  *tokens(): Work<Token[]> {
    const tokens: Token[] = [];
    for (const row of yield* this.#core.all(allTokens, {})) tokens.push(yield* this.#tokenOf(row));
    return tokens;
  }

  *tokenOfHash(hash: string): Work<Token | undefined> {
    const row = yield* this.#core.get(tokenOfHash, { hash });
    return row === undefined ? undefined : yield* this.#tokenOf(row);
  }

  *addToken(account: number | null, environments: readonly number[] | null, token: Token): Work<void> {
    const { id, hash, usedAt, name, scope, createdAt, expiresAt } = token;
    const document = JSON.stringify({ name, scope, createdAt, expiresAt });
    const limited = environments === null ? 0 : 1;
    yield* this.#core.run(addToken, {
      id,
      hash,
      account,
      limited,
      usedAt: usedAt === null ? null : Math.floor(usedAt),
      document,
    });
    for (const environment of new Set(environments ?? []))
      yield* this.#core.run(addTokenEnvironment, { token: id, environment });
  }

  *tokenUsed(id: string, usedAt: number): Work<void> {
    yield* this.#core.run(touchToken, { id, usedAt: Math.floor(usedAt) });
  }

  *removeToken(id: string): Work<void> {
    yield* this.#core.run(dropTokenEnvironments, { id });
    yield* this.#core.run(dropToken, { id });
  }

  *removeTokensOf(account: number): Work<void> {
    for (const { id } of yield* this.#core.all(tokenIdsOf, { account })) yield* this.removeToken(id);
  }

  *#tokenOf(row: TokenRow): Work<Token> {
    const settings = readToken(row.document, `token "${row.id}"`, this.#core.name);
    const environments =
      row.limited === 0
        ? null
        : (yield* this.#core.all(environmentsOfToken, { token: row.id })).map(({ name }) => name);
    return {
      id: row.id,
      hash: row.hash,
      ...settings,
      account: row.account,
      environments,
      usedAt: row.used_at,
    };
  }
}

const sessionOf = (row: {
  id: string;
  account: string;
  created_at: number;
  used_at: number;
  address: string | null;
}): Session => ({
  id: row.id,
  account: row.account,
  createdAt: row.created_at,
  usedAt: row.used_at,
  address: row.address,
});
