/** Tokens: passwords for programs, each with a scope and an end. */
import { checkSees } from '../domain/access.ts';
import { checkTokenName, type Token } from '../domain/account.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { AccountControl, NewToken, TokenView } from './account-control.ts';
import type { Accounts } from './accounts.ts';
import type { Actor } from './control.ts';
import { drawSecret, hashOf } from './secrets.ts';
import type { Tools } from './tools.ts';

/** What a token begins with: people and secret scanners know it by this. */
export const tokenPrefix = 'ns_';

const shortestMs = 60_000;

export function tokenCases(
  { parts, changes }: Tools,
  accounts: Accounts,
): Pick<AccountControl, 'tokens' | 'createToken' | 'removeToken'> {
  const { store, clock } = parts;
  return {
    async tokens(actor) {
      return (await visibleTo(actor, await store.tokens())).map(viewOf);
    },

    async createToken(actor, input) {
      accounts.checkNoToken(actor, 'make tokens');
      const now = clock.wall();
      checkInput(actor, input, now);
      return await accounts.inTurn(async () => {
        for (const environment of input.environments ?? []) await changes.known(actor, environment);
        const owner = actor.account ?? null;
        const others = (await store.tokens()).filter((each) => each.account === owner);
        if (others.length >= limits.tokensPerAccount)
          throw new Refusal('token.too-many', { limit: limits.tokensPerAccount });
        if (others.some((each) => each.name === input.name))
          throw new Refusal('token.exists', { token: input.name });
        const secret = tokenPrefix + drawSecret();
        const token: Token = {
          id: parts.newId(),
          hash: hashOf(secret),
          name: input.name,
          account: owner,
          scope: input.scope,
          environments: input.environments === undefined ? null : [...new Set(input.environments)].sort(),
          createdAt: now,
          expiresAt: input.expiresAt,
          usedAt: null,
        };
        await store.addToken(token);
        await changes.note(actor, null, 'create token', `${token.name}, ${token.scope}`);
        return { token: secret, view: viewOf(token) };
      });
    },

    async removeToken(actor, idOrName) {
      accounts.checkNoToken(actor, 'remove tokens');
      const mine = await visibleTo(actor, await store.tokens());
      const named = mine.filter((each) => each.name === idOrName);
      const found =
        mine.find((each) => each.id === idOrName) ??
        named.find((each) => each.account === (actor.account ?? null)) ??
        (named.length === 1 ? named[0] : undefined);
      if (found === undefined) throw new Refusal('token.unknown', { token: idOrName });
      await store.removeToken(found.id);
      await changes.note(actor, null, 'remove token', found.name);
    },
  };
}

function checkInput(actor: Actor, { name, scope, environments, expiresAt }: NewToken, now: number): void {
  checkTokenName(name);
  if (scope === 'operator' && actor.role !== 'operator') throw new Refusal('token.scope', { scope });
  if (scope === 'operator' && environments !== undefined) throw new Refusal('token.operator-environments');
  for (const environment of environments ?? []) checkSees(actor, environment);
  if (expiresAt !== null && (expiresAt < now + shortestMs || expiresAt > now + limits.tokenSecondsMax * 1000))
    throw new Refusal('token.expiry');
}

/** Operators see all, members their own, and a token that is no operator's none but those of its account. */
const visibleTo = async (actor: Actor, tokens: readonly Token[]): Promise<readonly Token[]> =>
  actor.role === 'operator' && (actor.scope ?? 'operator') === 'operator'
    ? tokens
    : tokens.filter((each) => actor.account !== undefined && each.account === actor.account);

const viewOf = ({ hash: _, ...view }: Token): TokenView => view;
