/** Accounts, members, tokens and links: the rules of the use cases. What comes in over HTTP is in `src/http/authentication.test.ts`. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountErrors } from '../domain/account-errors.ts';
import type { ErrorCode, Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { sampleToken } from '../store/store.testkit.ts';
import type { OpenedSession } from './account-control.ts';
import type { Actor } from './control.ts';
import { codeAt, fromBase32, stepAt } from './one-time-codes.ts';
import { makeWorld, member, operator, refused, type World, withShop } from './world.testkit.ts';

const from = { via: 'http', address: '192.0.2.7' } as const;
const password = 'correct horse';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
});
afterEach(() => world.dispose());

const secretOf = ({ path }: { readonly path: string }): string => path.split('#')[1] ?? '';

/** An account that has chosen its password. */
async function person(name: string, role: 'operator' | 'member' = 'member'): Promise<OpenedSession> {
  const { link } = await world.control.addUser(operator, { name, role });
  return await world.control.useLink(from, { secret: secretOf(link), password });
}

const acts = async (): Promise<string[]> =>
  (await world.store.activity({ limit: 99 })).map(({ actor, act, detail }) =>
    `${actor}: ${act} ${detail}`.trim(),
  );

describe('an account', () => {
  it('is invited, and active when its owner has chosen a password', async () => {
    const { user, link } = await world.control.addUser(operator, {
      name: 'ada',
      role: 'member',
      environments: ['shop'],
    });
    expect(user).toMatchObject({ state: 'invited', environments: ['shop'], seenAt: null });
    const { actor } = await world.control.useLink(from, { secret: secretOf(link), password });
    expect(actor).toMatchObject({
      name: 'ada',
      account: 'ada',
      role: 'member',
      environments: ['shop'],
      ...from,
    });
    expect(await world.control.user(operator, 'ada')).toMatchObject({ state: 'active', secondFactor: false });
    expect(await acts()).toEqual(
      expect.arrayContaining([
        'root: add account ada, member',
        'root: add member ada',
        'ada: accept invitation',
      ]),
    );
  });

  it('holds no secret that could be used: only hashes are kept', async () => {
    const { secret } = await person('ada');
    const { token } = await world.control.createToken(operator, {
      name: 'ci',
      scope: 'read',
      expiresAt: null,
    });
    const { link } = await world.control.addUser(operator, { name: 'bob', role: 'member' });
    const kept = JSON.stringify([
      await world.store.accounts(),
      await world.store.sessions('ada'),
      await world.store.tokens(),
      await world.store.activity({ limit: 99 }),
    ]);
    for (const each of [password, secret, token, token.slice(3), secretOf(link)])
      expect(kept).not.toContain(each);
  });

  it('that sets up is the first and only one of its link, however many come at once', async () => {
    const link = await world.control.setUpLink();
    const secret = secretOf(link as { path: string });
    const tries = ['ada', 'eve'].map((name) => world.control.useLink(from, { secret, name, password }));
    const results = await Promise.allSettled(tries);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await world.store.accounts()).toHaveLength(1);
  });

  it('of the operator is made of a password file once, and makes the set-up link useless', async () => {
    const link = await world.control.setUpLink();
    expect(await world.control.takeOperatorPassword(password)).toBe(true);
    expect(await world.control.takeOperatorPassword('another password')).toBe(false);
    const secret = secretOf(link as { path: string });
    await refused('link.invalid', world.control.useLink(from, { secret, name: 'eve', password }));
    expect((await world.control.logIn(from, { name: 'operator', password })).actor.role).toBe('operator');
    expect(await world.control.setUpLink()).toBeNull();
  });

  it('is set up by the newest link alone', async () => {
    const first = secretOf((await world.control.setUpLink()) as { path: string });
    const second = secretOf((await world.control.setUpLink()) as { path: string });
    await refused('link.invalid', world.control.useLink(from, { secret: first, password }));
    expect((await world.control.useLink(from, { secret: second, password })).actor.name).toBe('operator');
  });

  it('keeps its password where the store could not take the new one', async () => {
    const { actor } = await person('ada');
    world.failStore('saveAccount');
    const changed = world.control.changePassword(actor, 'ada', {
      current: password,
      password: 'another password',
    });
    await refused('store.unavailable', changed);
    world.failStore(null);
    expect((await world.control.logIn(from, { name: 'ada', password })).actor.name).toBe('ada');
  });

  it('gets the parameters of today for its password when it logs in', async () => {
    await person('ada');
    const account = await world.store.account('ada');
    const old = 'scrypt$3$1$1$AAAAAAAAAAAAAAAAAAAAAA$';
    const { scryptSync } = await import('node:crypto');
    const salt = Buffer.alloc(16);
    const hash = scryptSync(password, salt, 32, { N: 8, r: 1, p: 1 }).toString('base64url');
    if (account !== undefined) await world.store.saveAccount({ ...account, password: old + hash });
    await world.control.logIn(from, { name: 'ada', password });
    expect((await world.store.account('ada'))?.password).toMatch(/^scrypt\$4\$/);
  });
});

describe('a second factor', () => {
  /** Signed in, with a factor; and a code of a moment, in steps from now. */
  async function withFactor() {
    const { actor } = await person('ada');
    const { secret } = await world.control.proposeSecondFactor(actor, 'ada');
    const code = (steps = 0): string =>
      codeAt(fromBase32(secret) as Buffer, stepAt(world.clock.wall()) + steps);
    const given = { current: password, secret, code: code() };
    const recovery = await world.control.confirmSecondFactor(actor, 'ada', given);
    world.clock.advance(60_000);
    const logIn = (extra: { code?: string } = {}) =>
      world.control.logIn(from, { name: 'ada', password, ...extra });
    return { actor, secret, code, recovery, logIn };
  }

  it('is wanted with each log-in, and a code of it is taken once', async () => {
    const { code, logIn } = await withFactor();
    await refused('session.code-missing', logIn());
    await refused('session.code-wrong', logIn({ code: '000000' }));
    expect((await logIn({ code: code() })).self).toMatchObject({ name: 'ada', secondFactor: true });
    await refused('session.code-wrong', logIn({ code: code() }));
    expect((await logIn({ code: code(1) })).actor.name).toBe('ada');
  });

  it('that is lost is replaced by recovery codes, each good once', async () => {
    const { recovery, logIn } = await withFactor();
    const [first = ''] = recovery;
    expect((await logIn({ code: first })).actor.name).toBe('ada');
    await refused('session.code-wrong', logIn({ code: first }));
    expect((await logIn({ code: recovery[1] ?? '' })).actor.name).toBe('ada');
  });

  it('tells nobody without the password whether there is one', async () => {
    await withFactor();
    const wrong = world.control.logIn(from, { name: 'ada', password: 'not it', code: '000000' });
    await refused('session.wrong', wrong);
  });

  it('is added with the password and a code, and ends the sessions that came without', async () => {
    const { actor, secret } = await person('ada');
    const here = await world.control.logIn(from, { name: 'ada', password });
    const proposed = await world.control.proposeSecondFactor(here.actor, 'ada');
    const code = codeAt(fromBase32(proposed.secret) as Buffer, stepAt(world.clock.wall()));
    const confirm = (given: object) =>
      world.control.confirmSecondFactor(here.actor, 'ada', {
        current: password,
        secret: proposed.secret,
        code,
        ...given,
      });
    await refused('password.wrong', confirm({ current: 'not it' }));
    await refused('session.code-wrong', confirm({ code: '000000' }));
    await refused('session.code-wrong', confirm({ secret: 'JBSWY3DPEHPK3PXP' }));
    await confirm({});
    await refused('session.ended', world.control.actorOfSession(from, secret));
    expect((await world.control.actorOfSession(from, here.secret)).name).toBe('ada');
    expect(actor.account).toBe('ada');
  });

  it('is taken away by its owner, or with a reset', async () => {
    const { actor, logIn, code } = await withFactor();
    await refused('password.wrong', world.control.removeSecondFactor(actor, 'ada', { current: 'not it' }));
    await world.control.removeSecondFactor(actor, 'ada', { current: password });
    expect((await logIn()).self.secondFactor).toBe(false);
    const other = await world.control.proposeSecondFactor(actor, 'ada');
    const now = codeAt(fromBase32(other.secret) as Buffer, stepAt(world.clock.wall()));
    await world.control.confirmSecondFactor(actor, 'ada', {
      current: password,
      secret: other.secret,
      code: now,
    });
    expect(code()).not.toBe(now);
    await world.control.resetUser(operator, 'ada');
    expect((await world.control.user(operator, 'ada')).secondFactor).toBe(false);
  });

  it('is not guessed: codes that are wrong count as log-ins that fail', async () => {
    const { logIn } = await withFactor();
    const codes: (string | undefined)[] = [];
    for (let n = 0; n < 8; n += 1)
      codes.push(
        await logIn({ code: '000000' }).then(
          () => undefined,
          (error: Refusal) => error.code,
        ),
      );
    expect(codes.at(-1)).toBe('session.too-many');
  });
});

describe('an actor', () => {
  it('over the socket has no account, whatever its name', async () => {
    await person('root', 'operator');
    expect(await world.control.self(operator)).toBeNull();
    await refused(
      'account.none',
      world.control.changePassword(operator, 'root', { current: password, password: 'another password' }),
    );
  });

  it('of a session is noted with the way in and the address', async () => {
    const { actor } = await person('ada', 'operator');
    await world.control.setPaused(actor, 'shop', true);
    expect((await world.store.activity({ limit: 1 }))[0]).toMatchObject({
      actor: 'ada',
      act: 'pause crons',
      environment: 'shop',
      ...from,
    });
  });

  it('of a token is noted with its name', async () => {
    const { actor } = await person('ada', 'operator');
    const { token } = await world.control.createToken(actor, { name: 'ci', scope: 'write', expiresAt: null });
    const program = await world.control.actorOfToken(from, token);
    await world.control.setPaused(program, 'shop', true);
    expect((await world.store.activity({ limit: 1 }))[0]).toMatchObject({
      actor: 'ada (token ci)',
      via: 'token',
      address: '192.0.2.7',
    });
  });

  it('is still known while the disk is full', async () => {
    const { secret } = await person('ada');
    world.failStore('sessionUsed');
    world.clock.advance(3_600_000);
    expect((await world.control.actorOfSession(from, secret)).name).toBe('ada');
    expect(world.troubles).toEqual([expect.stringContaining('could not be written')]);
  });
});

describe('a token', () => {
  it('is found by its name, the own one first, and by its id', async () => {
    const { actor } = await person('ada', 'operator');
    const make = async (by: Actor) =>
      (await world.control.createToken(by, { name: 'ci', scope: 'read', expiresAt: null })).view.id;
    const [mine, machines] = [await make(actor), await make(operator)];
    await world.control.removeToken(actor, 'ci');
    expect((await world.control.tokens(actor)).map(({ id }) => id)).toEqual([machines]);
    await refused('token.unknown', world.control.removeToken(actor, mine));
    await world.control.removeToken(actor, machines);
    expect(await world.control.tokens(actor)).toEqual([]);
  });

  it('ends at its moment', async () => {
    const expiresAt = world.clock.wall() + 60_000;
    const { token } = await world.control.createToken(operator, { name: 'ci', scope: 'read', expiresAt });
    expect((await world.control.actorOfToken(from, token)).scope).toBe('read');
    world.clock.advance(60_000);
    const refusal = await refused('token.expired', world.control.actorOfToken(from, token));
    expect(refusal.message).toContain('"ci"');
  });

  it('of scope operator is one no more when its account is none', async () => {
    await person('root', 'operator');
    const { actor } = await person('ada', 'operator');
    const { token } = await world.control.createToken(actor, {
      name: 'ci',
      scope: 'operator',
      expiresAt: null,
    });
    await world.control.changeUser(operator, 'ada', { role: 'member' });
    const program = await world.control.actorOfToken(from, token);
    await refused('access.denied', world.control.users(program));
  });
});

type Act = () => Promise<unknown>;

describe('the own sessions', () => {
  it('are listed, newest first, and one is ended from another browser', async () => {
    const first = await person('ada');
    world.clock.advance(60_000);
    const second = await world.control.logIn({ ...from, address: '192.0.2.8' }, { name: 'ada', password });
    const listed = await world.control.sessions(second.actor, 'ada');
    expect(listed.map(({ address, current }) => [address, current])).toEqual([
      ['192.0.2.8', true],
      ['192.0.2.7', false],
    ]);
    // Nothing of what is told opens anything.
    expect(JSON.stringify(listed)).not.toContain(first.secret);
    await world.control.endSession(second.actor, 'ada', listed[1]?.id ?? '');
    await refused('session.ended', world.control.actorOfSession(from, first.secret));
    expect((await world.control.actorOfSession(from, second.secret)).name).toBe('ada');
    expect(await acts()).toContain('ada: end session 192.0.2.7');
  });

  it('are nobody else’s to see or to end, and no token’s to end', async () => {
    const { actor } = await person('ada');
    const [own] = await world.control.sessions(actor, 'ada');
    const id = own?.id ?? '';
    const { actor: other } = await person('bob', 'operator');
    await refused('account.unknown', world.control.sessions(other, 'ada'));
    await refused('account.unknown', world.control.endSession(other, 'ada', id));
    await refused('account.none', world.control.sessions(operator, 'ada'));
    const token: Actor = { ...actor, via: 'token', scope: 'write', token: 'ci' };
    await refused('access.scope', world.control.endSession(token, 'ada', id));
  });
});

/** Every refusal about accounts, given once; codes of the way in itself are those of `src/http`. */
const cases: Partial<Record<keyof typeof accountErrors, Act>> = {
  'access.scope': () => world.control.setPaused({ ...operator, scope: 'read', token: 'ci' }, 'shop', true),
  'session.ended': () => world.control.actorOfSession(from, 'none'),
  'session.unknown': async () => {
    const { actor } = await person('ada');
    await world.control.endSession(actor, 'ada', 'none');
  },
  'session.wrong': () => world.control.logIn(from, { name: 'ada', password }),
  'session.too-many': async () => {
    for (let n = 0; n < 6; n += 1)
      await refused('session.wrong', world.control.logIn(from, { name: 'ada', password }));
    await world.control.logIn(from, { name: 'ada', password });
  },
  'session.busy': () =>
    Promise.all(
      Array.from({ length: limits.passwordsWaiting + 1 }, (_, n) =>
        world.control.takeOperatorPassword(`${password} ${n}`),
      ).concat(
        Array.from({ length: limits.passwordsWaiting + 1 }, async (_, n) => {
          const address = `192.0.2.${n}`;
          await world.control.logIn({ ...from, address }, { name: `x${n}`, password }).catch((error) => {
            if (error.code !== 'session.wrong') throw error;
          });
          return true;
        }),
      ),
    ),
  'token.invalid': () => world.control.actorOfToken(from, 'ns_none'),
  'token.expired': async () => {
    await world.store.addToken(sampleToken(null, 't', { hash: await hashOf('ns_x'), expiresAt: 1 }));
    await world.control.actorOfToken(from, 'ns_x');
  },
  'token.unknown': () => world.control.removeToken(operator, 'none'),
  'token.exists': async () => {
    const again = { name: 'ci', scope: 'read', expiresAt: null } as const;
    await world.control.createToken(operator, again);
    await world.control.createToken(operator, again);
  },
  'token.name': () => world.control.createToken(operator, { name: '', scope: 'read', expiresAt: null }),
  'token.scope': () =>
    world.control.createToken(member('shop'), { name: 'ci', scope: 'operator', expiresAt: null }),
  'token.operator-environments': () =>
    world.control.createToken(operator, {
      name: 'ci',
      scope: 'operator',
      environments: ['shop'],
      expiresAt: null,
    }),
  'token.expiry': () => world.control.createToken(operator, { name: 'ci', scope: 'read', expiresAt: 1 }),
  'token.too-many': async () => {
    for (let n = 0; n < limits.tokensPerAccount; n += 1)
      await world.store.addToken(sampleToken(null, `t${n}`, { name: `t${n}` }));
    await world.control.createToken(operator, { name: 'ci', scope: 'read', expiresAt: null });
  },
  'link.invalid': () => world.control.link(from, 'none'),
  'account.unknown': () => world.control.user(operator, 'none'),
  'account.exists': async () => {
    await person('ada');
    await world.control.addUser(operator, { name: 'ada', role: 'member' });
  },
  'account.name': () => world.control.addUser(operator, { name: 'A b', role: 'member' }),
  'account.last-operator': async () => {
    await person('ada', 'operator');
    await refused('account.last-operator', world.control.changeUser(operator, 'ada', { role: 'member' }));
    await world.control.removeUser(operator, 'ada');
  },
  'account.none': () =>
    world.control.changePassword(operator, 'root', { current: password, password: 'another password' }),
  'account.operator-sees-all': async () => {
    const named = { name: 'bob', role: 'operator', environments: ['shop'] } as const;
    await refused('account.operator-sees-all', world.control.addUser(operator, named));
    await person('ada', 'operator');
    await world.control.addMember(operator, 'shop', 'ada');
  },
  'account.not-a-member': async () => {
    await person('ada');
    await world.control.removeMember(operator, 'shop', 'ada');
  },
  'password.short': () => world.control.takeOperatorPassword('short'),
  'password.long': () => world.control.takeOperatorPassword('x1 y2'.repeat(limits.passwordCharactersMax)),
  'password.simple': () => world.control.takeOperatorPassword('operator12'),
  'password.wrong': async () => {
    const { actor } = await person('ada');
    await world.control.changePassword(actor, 'ada', { current: 'not it', password: 'another password' });
  },
};

const hashOf = async (secret: string): Promise<string> => (await import('./secrets.ts')).hashOf(secret);

/** Given by the ways in, or of a number of accounts that would take long to make. */
const elsewhere = [
  'access.foreign-origin',
  'access.unmarked',
  'account.too-many',
  'listen.proxy',
  'password.file',
  'session.code-missing',
  'session.code-wrong',
];

describe.each(Object.entries(cases))('%s', (code, act) => {
  it('is refused with a sentence', async () => {
    const refusal = await refused(code as ErrorCode, act());
    expect(refusal.message).toMatch(/^\S.*[^.\s]$/);
    expect(refusal.message).not.toMatch(/undefined|\[object/);
  });
});

it('covers every refusal about accounts', () => {
  const known = new Set([...Object.keys(cases), ...elsewhere]);
  expect(Object.keys(accountErrors).filter((code) => !known.has(code))).toEqual([]);
});
