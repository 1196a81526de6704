/** What the use cases about accounts share. */
import type { Account, OneTimeLink } from '../domain/account.ts';
import { Refusal } from '../domain/errors.ts';
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
