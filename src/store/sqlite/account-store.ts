/** The part of the store that keeps accounts, members, sessions, tokens, and what everybody did: each method is one task of the group commit. */
import type { Account, OneTimeLink, Session, Token } from '../../domain/account.ts';
import type { ActivityEntry, ActivityFilter, KeptActivity, KeyedRequest } from '../store.ts';
import type { AccountRows } from './account-rows.ts';
import type { AlertRows } from './alert-rows.ts';
import type { EnvironmentRows } from './environment-rows.ts';
import type { GroupCommit } from './group-commit.ts';
import type { IncidentRows } from './incident-rows.ts';
import type { KeyedRequestRows } from './keyed-request-rows.ts';
import type { LogReceiverRows } from './log-receiver-rows.ts';
import { SqliteLogReceiverStore } from './log-receiver-store.ts';
import type { RecordRows } from './record-rows.ts';
import type { SessionRows } from './session-rows.ts';

interface Parts {
  readonly commits: GroupCommit;
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

export class AccountStore extends SqliteLogReceiverStore {
  readonly #commits: GroupCommit;
  readonly #environments: EnvironmentRows;
  readonly #accounts: AccountRows;
  readonly #sessions: SessionRows;
  readonly #records: RecordRows;
  readonly #keyedRequests: KeyedRequestRows;

  constructor({
    commits,
    environments,
    accounts,
    sessions,
    records,
    keyedRequests,
    alerts,
    incidents,
    logReceivers,
  }: Parts) {
    super({ commits, alerts, incidents, environments, logReceivers });
    this.#commits = commits;
    this.#environments = environments;
    this.#accounts = accounts;
    this.#sessions = sessions;
    this.#records = records;
    this.#keyedRequests = keyedRequests;
  }

  accounts(): Promise<Account[]> {
    return this.#commits.read(() => this.#accounts.all());
  }

  account(name: string): Promise<Account | undefined> {
    return this.#commits.read(() => this.#accounts.one(name));
  }

  addAccount(account: Account, link: OneTimeLink | null, environments: readonly string[]): Promise<void> {
    return this.#commits.write(() => {
      const id = this.#accounts.add(account);
      for (const environment of environments)
        this.#accounts.setMember(this.#environments.requireId(environment), id, true);
      this.#accounts.dropLinks(null);
      if (link !== null) this.#accounts.saveLink(link);
    });
  }

  saveAccount(account: Account, keep?: string | null): Promise<void> {
    return this.#commits.write(() => {
      const id = this.#accounts.save(account);
      if (keep !== undefined) this.#sessions.endAll(id, keep ?? noSession);
    });
  }

  resetAccount(account: Account, link: OneTimeLink): Promise<void> {
    return this.#commits.write(() => {
      this.#sessions.endAll(this.#accounts.save(account), noSession);
      this.#accounts.saveLink(link);
    });
  }

  removeAccount(name: string): Promise<void> {
    return this.#commits.write(() => {
      const id = this.#accounts.idOf(name);
      if (id === undefined) return;
      this.#sessions.endAll(id, noSession);
      this.#sessions.removeTokensOf(id);
      this.#accounts.remove(id, name);
    });
  }

  useLink(id: string, account: Account, session: Session): Promise<boolean> {
    return this.#commits.write(() => {
      const link = this.#accounts.link(id);
      if (link === undefined) return false;
      if (link.kind === 'set-up') this.#accounts.add(account);
      const number = this.#accounts.save(account);
      this.#accounts.dropLinks(link.kind === 'set-up' ? null : number);
      this.#sessions.endAll(number, noSession);
      this.#sessions.add(number, session);
      return true;
    });
  }

  link(id: string): Promise<OneTimeLink | undefined> {
    return this.#commits.read(() => this.#accounts.link(id));
  }

  saveLink(link: OneTimeLink): Promise<void> {
    return this.#commits.write(() => this.#accounts.saveLink(link));
  }

  members(environment: string): Promise<string[]> {
    return this.#commits.read(() => {
      const id = this.#environments.idOf(environment);
      return id === undefined ? [] : this.#accounts.members(id);
    });
  }

  environmentsOf(account: string): Promise<string[]> {
    return this.#commits.read(() => this.#accounts.environmentsOf(account));
  }

  setMember(environment: string, account: string, member: boolean): Promise<boolean> {
    return this.#commits.write(() =>
      this.#accounts.setMember(
        this.#environments.requireId(environment),
        this.#accounts.requireId(account),
        member,
      ),
    );
  }

  session(id: string): Promise<Session | undefined> {
    return this.#commits.read(() => this.#sessions.one(id));
  }

  sessions(account: string): Promise<Session[]> {
    return this.#commits.read(() => {
      const id = this.#accounts.idOf(account);
      return id === undefined ? [] : this.#sessions.ofAccount(id);
    });
  }

  addSession(session: Session, keep: number): Promise<void> {
    return this.#commits.write(() => {
      const account = this.#accounts.requireId(session.account);
      this.#sessions.add(account, session);
      for (const { id } of this.#sessions.ofAccount(account).slice(keep)) this.#sessions.end(id);
    });
  }

  sessionUsed(id: string, usedAt: number): Promise<void> {
    return this.#commits.write(() => this.#sessions.used(id, usedAt));
  }

  endSession(id: string): Promise<void> {
    return this.#commits.write(() => this.#sessions.end(id));
  }

  tokens(): Promise<Token[]> {
    return this.#commits.read(() => this.#sessions.tokens());
  }

  tokenOfHash(hash: string): Promise<Token | undefined> {
    return this.#commits.read(() => this.#sessions.tokenOfHash(hash));
  }

  addToken(token: Token): Promise<void> {
    return this.#commits.write(() => {
      const account = token.account === null ? null : this.#accounts.requireId(token.account);
      const environments = token.environments?.map((each) => this.#environments.requireId(each)) ?? null;
      this.#sessions.addToken(account, environments, token);
    });
  }

  tokenUsed(id: string, usedAt: number): Promise<void> {
    return this.#commits.write(() => this.#sessions.tokenUsed(id, usedAt));
  }

  removeToken(id: string): Promise<void> {
    return this.#commits.write(() => this.#sessions.removeToken(id));
  }

  keyedRequest(user: string, key: string): Promise<KeyedRequest | undefined> {
    return this.#commits.read(() => this.#keyedRequests.one(user, key));
  }

  beginKeyedRequest(request: KeyedRequest, keep: number): Promise<void> {
    return this.#commits.write(() => this.#keyedRequests.begin(request, keep));
  }

  answerKeyedRequest(user: string, key: string, answer: string): Promise<void> {
    return this.#commits.write(() => this.#keyedRequests.answer(user, key, answer));
  }

  dropKeyedRequest(user: string, key: string): Promise<void> {
    return this.#commits.write(() => this.#keyedRequests.drop(user, key));
  }

  addActivity(entry: ActivityEntry): Promise<KeptActivity> {
    return this.#commits.write(() => this.#records.addActivity(entry));
  }

  activity(filter: ActivityFilter): Promise<KeptActivity[]> {
    return this.#commits.read(() => this.#records.activity(filter));
  }
}
