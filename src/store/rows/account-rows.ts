/** Accounts, the environments that they are members of, and their one-time links. */
import type { Account, OneTimeLink, SecondFactor } from '../../domain/account.ts';
import { Refusal } from '../../domain/errors.ts';
import { readAccount, readSecondFactor } from './documents.ts';
import { type Sealer, unseal } from './sealer.ts';
import { put, statement } from './statements.ts';
import { core } from './tables.ts';
import type { Database, Work } from './work.ts';

const columns = ['id', 'name', 'document', 'sealed'] as const;
const allAccounts = statement()(() => core.selectFrom('accounts').select(columns).orderBy('name'));
const oneAccount = statement<{ name: string }>()((p) =>
  core.selectFrom('accounts').select(columns).where('name', '=', p.name),
);
const addAccount = statement<{ name: string; document: string }>()((p) =>
  core.insertInto('accounts').values({ name: p.name, document: p.document }),
);
const saveAccount = statement<{ id: number; document: string; sealed: Uint8Array | null }>()((p) =>
  core.updateTable('accounts').set({ document: p.document, sealed: p.sealed }).where('id', '=', p.id),
);
const dropAccount = statement<{ id: number }>()((p) => core.deleteFrom('accounts').where('id', '=', p.id));
const dropMemberships = statement<{ id: number }>()((p) =>
  core.deleteFrom('members').where('account', '=', p.id),
);
/** Keys know the account by its name, which a later one may have. */
const dropSshKeys = statement<{ name: string }>()((p) =>
  core.deleteFrom('ssh_keys').where('account', '=', p.name),
);

const membersOf = statement<{ environment: number }>()((p) =>
  core
    .selectFrom('members')
    .innerJoin('accounts', 'accounts.id', 'members.account')
    .select('accounts.name')
    .where('members.environment', '=', p.environment)
    .orderBy('accounts.name'),
);
const environmentsOf = statement<{ account: string }>()((p) =>
  core
    .selectFrom('accounts')
    .innerJoin('members', 'members.account', 'accounts.id')
    .innerJoin('environments', 'environments.id', 'members.environment')
    .select('environments.name')
    .where('accounts.name', '=', p.account)
    .orderBy('environments.name'),
);
const addMember = statement<{ environment: number; account: number }>()((p) =>
  core
    .insertInto('members')
    .values({ environment: p.environment, account: p.account })
    .onConflict((conflict) => conflict.doNothing()),
);
const dropMember = statement<{ environment: number; account: number }>()((p) =>
  core.deleteFrom('members').where('environment', '=', p.environment).where('account', '=', p.account),
);

const oneLink = statement<{ id: string }>()((p) =>
  core
    .selectFrom('links')
    .leftJoin('accounts', 'accounts.id', 'links.account')
    .select(['links.id', 'links.kind', 'accounts.name', 'links.expires_at'])
    .where('links.id', '=', p.id),
);
const putLink = statement<{ id: string; kind: string; account: number | null; expiresAt: number }>()((p) =>
  put(core, 'links', ['id'], { id: p.id, kind: p.kind, account: p.account, expires_at: p.expiresAt }),
);
/** Also finds those without an account. */
const dropLinks = statement<{ account: number | null }>()((p) =>
  core.deleteFrom('links').where('account', 'is not distinct from', p.account),
);
const expireLinks = statement<{ now: number }>()((p) =>
  core.deleteFrom('links').where('expires_at', '<=', p.now),
);

interface Row {
  readonly id: number;
  readonly name: string;
  readonly document: string;
  readonly sealed: Uint8Array | null;
}

export class AccountRows {
  readonly #core: Database;
  readonly #sealer: Sealer;

  constructor(file: Database, sealer: Sealer) {
    this.#core = file;
    this.#sealer = sealer;
  }

  *idOf(name: string): Work<number | undefined> {
    return (yield* this.#core.get(oneAccount, { name }))?.id;
  }

  *requireId(name: string): Work<number> {
    const id = yield* this.idOf(name);
    if (id === undefined) throw new Refusal('account.unknown', { user: name });
    return id;
  }

  *all(): Work<Account[]> {
    return (yield* this.#core.all(allAccounts, {})).map((row) => this.#accountOf(row));
  }

  *one(name: string): Work<Account | undefined> {
    const row = yield* this.#core.get(oneAccount, { name });
    return row === undefined ? undefined : this.#accountOf(row);
  }

  /** @returns its number */
  *add(account: Account): Work<number> {
    const { name } = account;
    if ((yield* this.idOf(name)) !== undefined) throw new Refusal('account.exists', { user: name });
    yield* this.#core.run(addAccount, { name, document: '{}' });
    return yield* this.save(account);
  }

  /** @returns its number */
  *save(account: Account): Work<number> {
    const id = yield* this.requireId(account.name);
    const { secondFactor, ...document } = account;
    const sealed = secondFactor === null ? null : this.#seal(id, secondFactor);
    yield* this.#core.run(saveAccount, { id, document: JSON.stringify(document), sealed });
    return id;
  }

  /** Its sessions and tokens are the caller's. */
  *remove(id: number, name: string): Work<void> {
    yield* this.#core.run(dropSshKeys, { name });
    yield* this.#core.run(dropMemberships, { id });
    yield* this.#core.run(dropLinks, { account: id });
    yield* this.#core.run(dropAccount, { id });
  }

  *members(environment: number): Work<string[]> {
    return (yield* this.#core.all(membersOf, { environment })).map(({ name }) => name);
  }

  *environmentsOf(account: string): Work<string[]> {
    return (yield* this.#core.all(environmentsOf, { account })).map(({ name }) => name);
  }

  *setMember(environment: number, account: number, member: boolean): Work<boolean> {
    return (yield* this.#core.run(member ? addMember : dropMember, { environment, account })) > 0;
  }

  *link(id: string): Work<OneTimeLink | undefined> {
    const row = yield* this.#core.get(oneLink, { id });
    if (row === undefined) return undefined;
    const kind = row.kind as OneTimeLink['kind'];
    return { id: row.id, kind, account: row.name, expiresAt: row.expires_at };
  }

  *saveLink({ id, kind, account, expiresAt }: OneTimeLink): Work<void> {
    const number = account === null ? null : yield* this.requireId(account);
    yield* this.#core.run(dropLinks, { account: number });
    yield* this.#core.run(putLink, { id, kind, account: number, expiresAt });
  }

  /** Links of nobody are for setting up: the first account makes them useless. */
  *dropLinks(account: number | null): Work<void> {
    yield* this.#core.run(dropLinks, { account });
  }

  *expireLinks(now: number): Work<void> {
    yield* this.#core.run(expireLinks, { now: Math.floor(now) });
  }

  #accountOf(row: Row): Account {
    const what = `account "${row.name}"`;
    const account = readAccount(row.document, what, this.#core.name);
    return { ...account, secondFactor: row.sealed === null ? null : this.#unseal(row.id, row.sealed, what) };
  }

  #seal(id: number, factor: SecondFactor): Uint8Array {
    return this.#sealer.seal(JSON.stringify(factor), placeOf(id));
  }

  #unseal(id: number, sealed: Uint8Array, account: string): SecondFactor {
    const [what, file] = [`the second factor of ${account}`, this.#core.name];
    return readSecondFactor(unseal(this.#sealer, sealed, { place: placeOf(id), what, file }), what, file);
  }
}

const placeOf = (account: number): string => `accounts/${account}/second-factor`;
