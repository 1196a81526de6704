/** The part of the store that keeps accounts, members, sessions, tokens, and what everybody did: each method is one task of the group commit. */
import type { Account, OneTimeLink, Session, Token } from '../../domain/account.ts';
import type { ActivityEntry, ActivityFilter, KeptActivity, KeyedRequest } from '../store.ts';
import type { AccountRows } from './account-rows.ts';
import type { AlertRows } from './alert-rows.ts';
import type { EnvironmentRows } from './environment-rows.ts';
import type { IncidentRows } from './incident-rows.ts';
import type { KeyedRequestRows } from './keyed-request-rows.ts';
import type { LogReceiverRows } from './log-receiver-rows.ts';
import { RowLogReceiverStore } from './log-receiver-store.ts';
import type { RecordRows } from './record-rows.ts';
import type { SessionRows } from './session-rows.ts';
import type { Transactions, Work } from './work.ts';

interface Parts {
  readonly transactions: Transactions;
  readonly alerts: AlertRows;
  readonly incidents: IncidentRows;
  readonly environments: EnvironmentRows;
  readonly accounts: AccountRows;
  readonly sessions: SessionRows;
  readonly records: RecordRows;
  readonly keyedRequests: KeyedRequestRows;
  readonly logReceivers: LogReceiverRows;
}

/** No session has it. */
const noSession = '';

export class AccountStore extends RowLogReceiverStore {
  readonly #transactions: Transactions;
  readonly #environments: EnvironmentRows;
  readonly #accounts: AccountRows;
  readonly #sessions: SessionRows;
  readonly #records: RecordRows;
  readonly #keyedRequests: KeyedRequestRows;

  constructor({
    transactions,
    environments,
    accounts,
    sessions,
    records,
    keyedRequests,
    alerts,
    incidents,
    logReceivers,
  }: Parts) {
    super({ transactions, alerts, incidents, environments, logReceivers });
    this.#transactions = transactions;
    this.#environments = environments;
    this.#accounts = accounts;
    this.#sessions = sessions;
    this.#records = records;
    this.#keyedRequests = keyedRequests;
  }

  accounts(): Promise<Account[]> {
    return this.#transactions.read(() => this.#accounts.all());
  }

  account(name: string): Promise<Account | undefined> {
    return this.#transactions.read(() => this.#accounts.one(name));
  }

  addAccount(account: Account, link: OneTimeLink | null, environments: readonly string[]): Promise<void> {
    return this.#transactions.write(() => this.#addAccount(account, link, environments));
  }

  saveAccount(account: Account, keep?: string | null): Promise<void> {
    return this.#transactions.write(() => this.#saveAccount(account, keep));
  }

  resetAccount(account: Account, link: OneTimeLink): Promise<void> {
    return this.#transactions.write(() => this.#resetAccount(account, link));
  }

  removeAccount(name: string): Promise<void> {
    return this.#transactions.write(() => this.#removeAccount(name));
  }

  useLink(id: string, account: Account, session: Session): Promise<boolean> {
    return this.#transactions.write(() => this.#useLink(id, account, session));
  }

  link(id: string): Promise<OneTimeLink | undefined> {
    return this.#transactions.read(() => this.#accounts.link(id));
  }

  saveLink(link: OneTimeLink): Promise<void> {
    return this.#transactions.write(() => this.#accounts.saveLink(link));
  }

  members(environment: string): Promise<string[]> {
    return this.#transactions.read(() => this.#members(environment));
  }

  environmentsOf(account: string): Promise<string[]> {
    return this.#transactions.read(() => this.#accounts.environmentsOf(account));
  }

  setMember(environment: string, account: string, member: boolean): Promise<boolean> {
    return this.#transactions.write(() => this.#setMember(environment, account, member));
  }

  session(id: string): Promise<Session | undefined> {
    return this.#transactions.read(() => this.#sessions.one(id));
  }

  sessions(account: string): Promise<Session[]> {
    return this.#transactions.read(() => this.#sessionsOf(account));
  }

  addSession(session: Session, keep: number): Promise<void> {
    return this.#transactions.write(() => this.#addSession(session, keep));
  }

  sessionUsed(id: string, usedAt: number): Promise<void> {
    return this.#transactions.write(() => this.#sessions.used(id, usedAt));
  }

  endSession(id: string): Promise<void> {
    return this.#transactions.write(() => this.#sessions.end(id));
  }

  tokens(): Promise<Token[]> {
    return this.#transactions.read(() => this.#sessions.tokens());
  }

  tokenOfHash(hash: string): Promise<Token | undefined> {
    return this.#transactions.read(() => this.#sessions.tokenOfHash(hash));
  }

  addToken(token: Token): Promise<void> {
    return this.#transactions.write(() => this.#addToken(token));
  }

  tokenUsed(id: string, usedAt: number): Promise<void> {
    return this.#transactions.write(() => this.#sessions.tokenUsed(id, usedAt));
  }

  removeToken(id: string): Promise<void> {
    return this.#transactions.write(() => this.#sessions.removeToken(id));
  }

  keyedRequest(user: string, key: string): Promise<KeyedRequest | undefined> {
    return this.#transactions.read(() => this.#keyedRequests.one(user, key));
  }

  beginKeyedRequest(request: KeyedRequest, keep: number): Promise<void> {
    return this.#transactions.write(() => this.#keyedRequests.begin(request, keep));
  }

  answerKeyedRequest(user: string, key: string, answer: string): Promise<void> {
    return this.#transactions.write(() => this.#keyedRequests.answer(user, key, answer));
  }

  dropKeyedRequest(user: string, key: string): Promise<void> {
    return this.#transactions.write(() => this.#keyedRequests.drop(user, key));
  }

  addActivity(entry: ActivityEntry): Promise<KeptActivity> {
    return this.#transactions.write(() => this.#records.addActivity(entry));
  }

  activity(filter: ActivityFilter): Promise<KeptActivity[]> {
    return this.#transactions.read(() => this.#records.activity(filter));
  }

  // What takes more than one step.

  *#addAccount(account: Account, link: OneTimeLink | null, environments: readonly string[]): Work<void> {
    const id = yield* this.#accounts.add(account);
    for (const environment of environments)
      yield* this.#accounts.setMember(yield* this.#environments.requireId(environment), id, true);
    yield* this.#accounts.dropLinks(null);
    if (link !== null) yield* this.#accounts.saveLink(link);
  }

  *#saveAccount(account: Account, keep: string | null | undefined): Work<void> {
    const id = yield* this.#accounts.save(account);
    if (keep !== undefined) yield* this.#sessions.endAll(id, keep ?? noSession);
  }

  *#resetAccount(account: Account, link: OneTimeLink): Work<void> {
    yield* this.#sessions.endAll(yield* this.#accounts.save(account), noSession);
    yield* this.#accounts.saveLink(link);
  }

  *#removeAccount(name: string): Work<void> {
    const id = yield* this.#accounts.idOf(name);
    if (id === undefined) return;
    yield* this.#sessions.endAll(id, noSession);
    yield* this.#sessions.removeTokensOf(id);
    yield* this.#accounts.remove(id, name);
  }

  *#useLink(id: string, account: Account, session: Session): Work<boolean> {
    const link = yield* this.#accounts.link(id);
    if (link === undefined) return false;
    if (link.kind === 'set-up') yield* this.#accounts.add(account);
    const number = yield* this.#accounts.save(account);
    yield* this.#accounts.dropLinks(link.kind === 'set-up' ? null : number);
    yield* this.#sessions.endAll(number, noSession);
    yield* this.#sessions.add(number, session);
    return true;
  }

  *#members(environment: string): Work<string[]> {
    const id = yield* this.#environments.idOf(environment);
    return id === undefined ? [] : yield* this.#accounts.members(id);
  }

  *#setMember(environment: string, account: string, member: boolean): Work<boolean> {
    const id = yield* this.#environments.requireId(environment);
    return yield* this.#accounts.setMember(id, yield* this.#accounts.requireId(account), member);
  }

  *#sessionsOf(account: string): Work<Session[]> {
    const id = yield* this.#accounts.idOf(account);
    return id === undefined ? [] : yield* this.#sessions.ofAccount(id);
  }

  *#addSession(session: Session, keep: number): Work<void> {
    const account = yield* this.#accounts.requireId(session.account);
    yield* this.#sessions.add(account, session);
    for (const { id } of (yield* this.#sessions.ofAccount(account)).slice(keep))
      yield* this.#sessions.end(id);
  }

  *#addToken(token: Token): Work<void> {
    const account = token.account === null ? null : yield* this.#accounts.requireId(token.account);
    const environments: number[] = [];
    for (const each of token.environments ?? []) environments.push(yield* this.#environments.requireId(each));
    yield* this.#sessions.addToken(account, token.environments === null ? null : environments, token);
  }
}
