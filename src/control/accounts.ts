/** What the use cases about accounts share. */
import type { Account, OneTimeLink } from '../domain/account.ts';
import { Refusal } from '../domain/errors.ts';
import { LogInLimit } from '../domain/log-in-limit.ts';
import type { NewLink, UserView } from './account-control.ts';
import type { Actor } from './control.ts';
import { Passwords } from './passwords.ts';
import { drawSecret, hashOf } from './secrets.ts';
import type { Tools } from './tools.ts';

/** Changes to accounts wait for each other. No environment can have this name. */
const turn = '@accounts';

const paths = { 'set-up': '/set-up', invitation: '/invitation', reset: '/invitation' } as const;

export class Accounts {
  readonly passwords: Passwords;
  /** Counts whatever tries a password. */
  readonly limit = new LogInLimit();
  readonly #tools: Pick<Tools, 'parts' | 'serial'>;

  constructor(tools: Pick<Tools, 'parts' | 'serial'>) {
    this.#tools = tools;
    this.passwords = new Passwords(tools.parts.passwordCost);
  }

  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#tools.serial.run(turn, work);
  }

  async known(name: string): Promise<Account> {
    const account = await this.#tools.parts.store.account(name);
    if (account === undefined) throw new Refusal('account.unknown', { user: name });
    return account;
  }

  /** The account of whoever asks, if it has this name. */
  async own(actor: Actor, name: string): Promise<Account> {
    if (actor.account === undefined) throw new Refusal('account.none');
    if (actor.account !== name) throw new Refusal('account.unknown', { user: name });
    return await this.known(name);
  }

  /** Refuses a try that comes too soon after others that have failed. */
  checkTries(name: string, address: string | null): void {
    const wait = this.limit.begin(name, address, this.#tools.parts.clock.monotonic());
    if (wait > 0) throw new Refusal('session.too-many', { retryAfterSeconds: wait });
  }

  /** The account of whoever asks, who has given its present password again: a session may have been left open, or stolen. */
  async checkCurrent(actor: Actor, name: string, current: string): Promise<Account> {
    const account = await this.own(actor, name);
    this.checkTries(name, actor.address ?? null);
    if (!(await this.passwords.matches(current, account.password))) throw new Refusal('password.wrong');
    this.limit.succeeded(name, actor.address ?? null);
    return account;
  }

  async view({ name, role, createdAt, password, secondFactor }: Account): Promise<UserView> {
    const { store } = this.#tools.parts;
    const sessions = await store.sessions(name);
    return {
      name,
      role,
      environments: role === 'operator' ? [] : await store.environmentsOf(name),
      createdAt,
      state: password === null ? 'invited' : 'active',
      secondFactor: secondFactor !== null,
      seenAt: sessions.length === 0 ? null : Math.max(...sessions.map(({ usedAt }) => usedAt)),
    };
  }

  /** Draws a link that is good for so long; what is kept of it, and what is told once. */
  newLink(
    kind: OneTimeLink['kind'],
    account: string | null,
    seconds: number,
  ): { readonly kept: OneTimeLink; readonly told: NewLink } {
    const secret = drawSecret();
    const expiresAt = this.#tools.parts.clock.wall() + seconds * 1000;
    const path = `${paths[kind]}#${secret}`;
    const dashboard = this.#tools.parts.dashboard?.() ?? null;
    return {
      kept: { id: hashOf(secret), kind, account, expiresAt },
      told: { kind, account, expiresAt, path, url: dashboard === null ? null : dashboard + path },
    };
  }

  /** Who came with a token may not do what would outlive it, unless it is an operator's. */
  checkNoToken(actor: Actor, act: string): void {
    if (actor.scope !== undefined && actor.scope !== 'operator')
      throw new Refusal('access.scope', { token: actor.token, scope: actor.scope, act });
  }
}
