/** People who have an account, how they are known again, and the rules of it. Secrets are kept only as hashes. */
import { Refusal } from './errors.ts';
import { limits } from './limits.ts';

/** Operators see everything, members the environments that they were made members of. */
export const roles = ['operator', 'member'] as const;
export type Role = (typeof roles)[number];

export interface Account {
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
  /** The password's hash with its parameters; null until a one-time link was used. */
  readonly password: string | null;
  readonly secondFactor: SecondFactor | null;
}

/** Codes that change every 30 s (RFC 6238), and codes that are good once, for whoever lost the device. */
export interface SecondFactor {
  /** 20 random bytes in base32. Sealed at rest. */
  readonly secret: string;
  /** Hashes of the recovery codes that were not used yet. */
  readonly recovery: readonly string[];
  /** The time step of the last code that was taken: none is taken twice. */
  readonly lastStep: number;
}

/** A browser that is signed in. */
export interface Session {
  /** The hash of the secret in its cookie. */
  readonly id: string;
  readonly account: string;
  readonly createdAt: number;
  /** To within a minute. */
  readonly usedAt: number;
  /** Where it was opened from; null where that is not known. */
  readonly address: string | null;
}

/** What a token may do: look; change what belongs to environments; everything that its account may. */
export const tokenScopes = ['read', 'write', 'operator'] as const;
export type TokenScope = (typeof tokenScopes)[number];

/** A password for programs. */
export interface Token {
  readonly id: string;
  /** The hash of the token itself. */
  readonly hash: string;
  readonly name: string;
  /** Whose rights it has; null: made over the daemon's socket, it has an operator's. */
  readonly account: string | null;
  readonly scope: TokenScope;
  /** The only environments that it sees; null: all that its account sees. */
  readonly environments: readonly string[] | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  /** To within a minute; null: never. */
  readonly usedAt: number | null;
}

/** Whoever has the secret of it chooses the password of the account; of `set-up` also the name. */
export interface OneTimeLink {
  /** The hash of the secret. */
  readonly id: string;
  readonly kind: 'set-up' | 'invitation' | 'reset';
  /** Null for `set-up`: there is no account yet. */
  readonly account: string | null;
  readonly expiresAt: number;
}

/** An account's name stands in addresses, log lines and headers; an e-mail address is one. */
export function checkAccountName(name: string): string {
  if (name.length > limits.accountNameCharacters || !/^[a-z0-9][a-z0-9._@-]*$/.test(name))
    throw new Refusal('account.name', { name });
  return name;
}

/** Length is what makes a password good (NIST SP 800-63B): no rule asks for digits or signs. */
export function checkPassword(password: string, account: string): string {
  const characters = [...password].length;
  if (characters < limits.passwordCharactersMin)
    throw new Refusal('password.short', { limit: limits.passwordCharactersMin });
  if (password.length > limits.passwordCharactersMax)
    throw new Refusal('password.long', { limit: limits.passwordCharactersMax });
  const plain = password.toLowerCase();
  if (plain.includes(account) && plain.length < account.length + limits.passwordCharactersMin / 2)
    throw new Refusal('password.simple', { why: 'it is hardly more than the name of the account' });
  if (new Set(plain).size < 4) throw new Refusal('password.simple', { why: 'it repeats a few characters' });
  if (common.has(plain))
    throw new Refusal('password.simple', { why: 'it is among the first that are tried' });
  return password;
}

/** Of lists of leaked passwords, those that are long enough to pass otherwise. */
const common: ReadonlySet<string> = new Set([
  '1234567890',
  '0123456789',
  '12345678910',
  '123456789012',
  'qwertyuiop',
  'qwertyuiop123',
  'qwerty1234',
  'qwerty12345',
  '1q2w3e4r5t',
  '1q2w3e4r5t6y',
  '1qaz2wsx3edc',
  'password12',
  'password123',
  'password1234',
  'passw0rd123',
  'changeme123',
  'changemenow',
  'letmein1234',
  'administrator',
  'iloveyou123',
  'nightshift',
  'nightshift1',
  'nightshift123',
]);

export function checkTokenName(name: string): string {
  if (name.length > limits.tokenNameCharacters || !/^[\p{L}\p{N}][\p{L}\p{N} ._@:/-]*$/u.test(name))
    throw new Refusal('token.name', { name });
  return name;
}

/** A session ends some time after its last request, and at the latest some time after its log-in. */
export const sessionEnded = (session: Session, now: number): boolean =>
  now >= session.usedAt + limits.sessionIdleSeconds * 1000 ||
  now >= session.createdAt + limits.sessionSeconds * 1000;

export const tokenEnded = (token: Token, now: number): boolean =>
  token.expiresAt !== null && now >= token.expiresAt;
