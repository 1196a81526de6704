import { describe, expect, it } from 'vitest';
import { checkAccountName, checkPassword, checkTokenName, sessionEnded, tokenEnded } from './account.ts';
import { limits } from './limits.ts';

describe('the name of an account', () => {
  it.each(['a', 'ada', 'ada.l', 'ada@example.com', '0-1_2', 'a'.repeat(limits.accountNameCharacters)])(
    'may be %s',
    (name) => expect(checkAccountName(name)).toBe(name),
  );
  it.each([
    '',
    'Ada',
    '-a',
    '.',
    '..',
    'a b',
    'a/b',
    'ä',
    'a\n',
    'a'.repeat(limits.accountNameCharacters + 1),
  ])('may not be %j', (name) =>
    expect(() => checkAccountName(name)).toThrow(expect.objectContaining({ code: 'account.name' })),
  );
});

describe('a password', () => {
  it.each(['correct horse', 'xkcd-936-staple', '日本語でもいいですよね', 'pp passphrase'])(
    'may be %s',
    (password) => expect(checkPassword(password, 'ada')).toBe(password),
  );

  it('is at least so long, counted in characters and not in bytes', () => {
    expect(() => checkPassword('short1234', 'ada')).toThrow(/at least 10 characters/);
    expect(() => checkPassword('😀😁😂😃😄', 'ada')).toThrow(/at least 10 characters/);
  });

  it('is at most so long that hashing it is no attack', () => {
    expect(() => checkPassword('ab1!'.repeat(300), 'ada')).toThrow(
      expect.objectContaining({ code: 'password.long' }),
    );
  });

  it.each([
    ['babbage-ch', 'babbage-ch'],
    ['Babbage-ch1', 'babbage-ch'],
    ['aaaaaaaaaaaa', 'ada'],
    ['ababababababab', 'ada'],
    ['Password123', 'ada'],
    ['nightshift', 'ada'],
  ])('is not %s for %s', (password, account) => {
    expect(() => checkPassword(password, account)).toThrow(
      expect.objectContaining({ code: 'password.simple' }),
    );
  });
});

it('the name of a token says what it is for, in words', () => {
  expect(checkTokenName('CI of shop (main)'.replace(/[()]/g, ''))).toBe('CI of shop main');
  for (const name of ['', ' ', '\u001b[31m', 'x'.repeat(limits.tokenNameCharacters + 1)])
    expect(() => checkTokenName(name)).toThrow(expect.objectContaining({ code: 'token.name' }));
});

describe('a session', () => {
  const opened = { id: 'x', account: 'ada', createdAt: 0, usedAt: 0, address: null };
  it('ends when it was not used for long', () => {
    expect(sessionEnded(opened, limits.sessionIdleSeconds * 1000 - 1)).toBe(false);
    expect(sessionEnded(opened, limits.sessionIdleSeconds * 1000)).toBe(true);
  });
  it('ends some time after its log-in, however much it is used', () => {
    const end = limits.sessionSeconds * 1000;
    expect(sessionEnded({ ...opened, usedAt: end - 1 }, end - 1)).toBe(false);
    expect(sessionEnded({ ...opened, usedAt: end - 1 }, end)).toBe(true);
  });
});

it('a token ends at its moment, and one without never', () => {
  const token = {
    id: 'x',
    hash: 'h',
    name: 'ci',
    account: null,
    scope: 'read' as const,
    environments: null,
    createdAt: 0,
    usedAt: null,
  };
  expect(tokenEnded({ ...token, expiresAt: 5 }, 4)).toBe(false);
  expect(tokenEnded({ ...token, expiresAt: 5 }, 5)).toBe(true);
  expect(tokenEnded({ ...token, expiresAt: null }, Number.MAX_SAFE_INTEGER)).toBe(false);
});
