/** How somebody is known: log-in, sessions, tokens and one-time links. */
import {
  type Account,
  checkAccountName,
  checkPassword,
  type OneTimeLink,
  type Session,
  sessionEnded,
  type Token,
  tokenEnded,
} from '../domain/account.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { AccountControl, OpenedSession, Origin } from './account-control.ts';
import type { Accounts } from './accounts.ts';
import type { Actor } from './control.ts';
import { FailedLogIns } from './failed-log-ins.ts';
import { usedCode } from './one-time-codes.ts';
import { drawSecret, hashOf } from './secrets.ts';
import type { Tools } from './tools.ts';

type SignInCases = Pick<
  AccountControl,
  'logIn' | 'link' | 'useLink' | 'actorOfSession' | 'actorOfToken' | 'logOut' | 'self'
>;

/** When a session or a token was used last is written at most so often, ms. */
const touchEveryMs = 60_000;

export function signInCases(tools: Tools, accounts: Accounts): SignInCases {
  const { store, clock } = tools.parts;
  const failed = new FailedLogIns();
  const logInTools = { tools, accounts, failed };
  return {
    logIn: (from, input) => logIn(logInTools, from, input),

    async link(_from, secret) {
      const { kind, account, expiresAt } = await validLink(tools, secret);
      return { kind, account, expiresAt };
    },

    async useLink(from, { secret, password, name }) {
      const link = await validLink(tools, secret);
      const account = link.account ?? checkAccountName(name ?? 'operator');
      const hash = await accounts.passwords.hash(checkPassword(password, account));
      return await accounts.inTurn(async () => {
        const now = clock.wall();
        const changed: Account =
          link.account === null
            ? { name: account, role: 'operator', createdAt: now, password: hash, secondFactor: null }
            : { ...(await accounts.known(account)), password: hash };
        const opened = newSession(account, from, now);
        if (!(await store.useLink(link.id, changed, opened.session))) throw new Refusal('link.invalid');
        const act = { 'set-up': 'set up', invitation: 'accept invitation', reset: 'reset password' }[
          link.kind
        ];
        return await openedSession(tools, accounts, from, opened, act);
      });
    },

    async actorOfSession(from, secret) {
      const session = await store.session(hashOf(secret));
      const now = clock.wall();
      if (session === undefined || sessionEnded(session, now)) throw new Refusal('session.ended');
      const actor = await actorOf(tools, from, session);
      if (now - session.usedAt >= touchEveryMs)
        touch(tools, store.sessionUsed(session.id, now), 'when a session was used');
      return actor;
    },

    async actorOfToken(from, secret) {
      const token = await store.tokenOfHash(hashOf(secret));
      const now = clock.wall();
      if (token === undefined) throw new Refusal('token.invalid');
      if (tokenEnded(token, now)) throw new Refusal('token.expired', { token: token.name });
      const actor = await actorOfToken(tools, from, token);
      if (token.usedAt === null || now - token.usedAt >= touchEveryMs)
        touch(tools, store.tokenUsed(token.id, now), 'when a token was used');
      return actor;
    },

    async logOut(actor, everywhere) {
      if (everywhere && actor.account !== undefined) {
        accounts.checkNoToken(actor, 'end sessions');
        await accounts.inTurn(async () => {
          await store.saveAccount(await accounts.known(actor.account as string), null);
        });
        await tools.changes.note(actor, null, 'log out', 'everywhere');
      } else if (actor.session !== undefined) {
        await store.endSession(actor.session);
        await tools.changes.note(actor, null, 'log out', '');
      }
    },

    async self(actor) {
      if (actor.account === undefined) return null;
      return await accounts.view(await accounts.known(actor.account));
    },
  };
}

interface LogInTools {
  readonly tools: Tools;
  readonly accounts: Accounts;
  readonly failed: FailedLogIns;
}

async function logIn(
  { tools, accounts, failed }: LogInTools,
  from: Origin,
  { name, password, code }: { name: string; password: string; code?: string },
): Promise<OpenedSession> {
  const { store, clock } = tools.parts;
  accounts.checkTries(name, from.address);
  const account = await store.account(name);
  const fail = async (why: string, refusal: Refusal): Promise<never> => {
    const detail = failed.detail(why, clock.monotonic());
    // A name that is none may be a password that was typed into the wrong field: it is not written down.
    if (detail !== null)
      await tools.changes.note({ ...from, name: account?.name ?? 'unknown' }, null, 'fail to log in', detail);
    throw refusal;
  };
  const long = password.length > limits.passwordCharactersMax;
  const matches = await accounts.passwords.matches(long ? '' : password, account?.password ?? null);
  if (account === undefined || !matches)
    return await fail(
      account === undefined ? 'no such account' : 'wrong password',
      new Refusal('session.wrong'),
    );
  return await accounts.inTurn(async () => {
    // It may have been changed, or the account removed, while the password was hashed.
    const now = await store.account(name);
    if (now === undefined || now.password !== account.password)
      return await fail('wrong password', new Refusal('session.wrong'));
    let changed = now;
    if (now.secondFactor !== null) {
      if (code === undefined || code === '') throw new Refusal('session.code-missing');
      const secondFactor = usedCode(now.secondFactor, code, clock.wall());
      if (secondFactor === undefined) return await fail('wrong code', new Refusal('session.code-wrong'));
      changed = { ...changed, secondFactor };
    }
    if (accounts.passwords.outdated(account.password as string))
      changed = { ...changed, password: await accounts.passwords.hash(password) };
    // Before there is a session: a code that was used is used, whatever happens next.
    if (changed !== now) await store.saveAccount(changed);
    const opened = newSession(name, from, clock.wall());
    await store.addSession(opened.session, limits.sessionsPerAccount);
    accounts.limit.succeeded(name, from.address);
    return await openedSession(tools, accounts, from, opened, 'log in');
  });
}

async function validLink({ parts }: Tools, secret: string): Promise<OneTimeLink> {
  const link = await parts.store.link(hashOf(secret));
  if (link === undefined || parts.clock.wall() >= link.expiresAt) throw new Refusal('link.invalid');
  return link;
}

function newSession(account: string, from: Origin, now: number): { secret: string; session: Session } {
  const secret = drawSecret();
  return {
    secret,
    session: { id: hashOf(secret), account, createdAt: now, usedAt: now, address: from.address },
  };
}

async function openedSession(
  tools: Tools,
  accounts: Accounts,
  from: Origin,
  { secret, session }: { secret: string; session: Session },
  act: string,
): Promise<OpenedSession> {
  const actor = await actorOf(tools, from, session);
  await tools.changes.note(actor, null, act, '');
  const self = await accounts.view(await accounts.known(session.account));
  return { secret, actor, self, seconds: limits.sessionSeconds };
}

/** Read anew with every request: what was taken from an account is taken at once. */
async function actorOf({ parts }: Tools, from: Origin, session: Session): Promise<Actor> {
  const account = await parts.store.account(session.account);
  if (account === undefined) throw new Refusal('session.ended');
  const { name, role } = account;
  const common = { name, account: name, via: from.via, address: from.address, session: session.id };
  if (role === 'operator') return { ...common, role };
  return { ...common, role, environments: await parts.store.environmentsOf(name) };
}

async function actorOfToken({ parts }: Tools, from: Origin, token: Token): Promise<Actor> {
  const { scope } = token;
  const common = { via: 'token' as const, address: from.address, scope, token: token.name };
  const limited = token.environments;
  if (token.account === null) {
    const machine = { ...common, name: `token ${token.name}` };
    return limited === null
      ? { ...machine, role: 'operator' }
      : { ...machine, role: 'member', environments: limited };
  }
  const account = await parts.store.account(token.account);
  if (account === undefined) throw new Refusal('token.invalid');
  const own = { ...common, name: `${account.name} (token ${token.name})`, account: account.name };
  if (account.role === 'operator')
    return limited === null
      ? { ...own, role: 'operator' }
      : { ...own, role: 'member', environments: limited };
  const sees = await parts.store.environmentsOf(account.name);
  return { ...own, role: 'member', environments: sees.filter((each) => limited?.includes(each) ?? true) };
}

/** Nobody waits for it: a disk that is full does not keep those out who are in. */
function touch({ parts }: Tools, written: Promise<void>, what: string): void {
  written.catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    parts.onTrouble(null, `${what} could not be written: ${why}`);
  });
}
