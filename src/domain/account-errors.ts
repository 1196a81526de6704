/** What accounts, sessions and tokens refuse: a part of the error catalogue. */
import { type Entry, entry } from './error-entry.ts';

export const accountErrors = {
  'access.scope': entry(
    403,
    (p) => `the token "${p.token}" has the scope "${p.scope}" and may not ${p.act}: use another token`,
  ),
  'access.foreign-origin': entry(
    403,
    (p) => `the request comes from a page of another origin (${p.origin}): use the dashboard's own pages`,
  ),
  'access.unmarked': entry(
    403,
    (p) => `a request that changes something with a session's cookie needs the header "${p.header}: 1"`,
  ),
  'session.ended': entry(401, () => 'the session has ended: log in again'),
  'token.invalid': entry(401, () => 'the token is not known, or was removed: make another one'),
  'token.expired': entry(401, (p) => `the token "${p.token}" has expired: make another one`),
  'token.unknown': entry(404, (p) => `there is no token "${p.token}": see "nightshift token list"`),
  'token.exists': entry(
    409,
    (p) => `there is a token "${p.token}" already: choose another name, or remove it first`,
    'name',
  ),
  'token.name': entry(
    422,
    (p) =>
      `"${p.name}" is not a name for a token: use up to 100 letters, digits and simple signs, beginning with a letter or digit`,
    'name',
  ),
  'token.scope': entry(
    403,
    (p) => `a member's token can't have the scope "${p.scope}": choose "read" or "write"`,
    'scope',
  ),
  'token.operator-environments': entry(
    422,
    () => 'the scope "operator" is not limited to environments: leave one of both away',
    'environments',
  ),
  'token.expiry': entry(
    422,
    () => 'a token expires between one minute and ten years from now: choose another time',
    'expiresAt',
  ),
  'token.too-many': entry(422, (p) => `there are ${p.limit} tokens already: remove one first`),
  'session.wrong': entry(401, () => 'the name or the password is wrong: try again'),
  'session.unknown': entry(404, () => 'there is no such session: it may have ended already'),
  'session.code-missing': entry(401, () => 'a code is wanted too: take it from your device', 'code'),
  'session.code-wrong': entry(401, () => 'the code is wrong: wait for the next one and try again', 'code'),
  'session.too-many': entry(
    429,
    (p) => `too many log-ins have failed: try again in ${p.retryAfterSeconds} s`,
  ),
  'session.busy': entry(503, () => 'too many people log in at this moment: try again in a few seconds'),
  'link.invalid': entry(
    404,
    () => 'this link was used already, has expired, or was replaced: ask for another one',
  ),
  'account.unknown': entry(404, (p) => `there is no account "${p.user}": see "nightshift user list"`),
  'account.exists': entry(409, (p) => `an account "${p.user}" exists already: choose another name`, 'name'),
  'account.name': entry(
    422,
    (p) =>
      `"${p.name}" is not a name for an account: use up to 64 lower-case letters, digits, dots, hyphens, underscores and @, beginning with a letter or digit`,
    'name',
  ),
  'account.too-many': entry(
    422,
    (p) => `there are ${p.limit} accounts, and that is the limit: remove one first`,
  ),
  'account.last-operator': entry(409, (p) => `"${p.user}" is the only operator: make another one first`),
  'account.none': entry(
    422,
    () =>
      'whoever asks over the socket has no account of their own: name one, or use "nightshift user reset"',
  ),
  'account.operator-sees-all': entry(
    422,
    (p) => `"${p.user}" is an operator and sees every environment already: members are added to some`,
  ),
  'account.not-a-member': entry(
    404,
    (p) => `"${p.user}" is not a member of "${p.environment}": see "nightshift member list ${p.environment}"`,
  ),
  'password.short': entry(
    422,
    (p) => `the password is too short: use at least ${p.limit} characters, a few words are good`,
    'password',
  ),
  'password.long': entry(
    422,
    (p) => `the password is too long: use at most ${p.limit} characters`,
    'password',
  ),
  'password.simple': entry(
    422,
    (p) => `the password is too easy to guess (${p.why}): choose another one, a few words are good`,
    'password',
  ),
  'password.wrong': entry(403, () => 'the present password is wrong: nothing was changed', 'current'),
  'listen.proxy': entry(
    422,
    (p) => `"${p.proxy}" is not the address or network of a proxy: write 10.0.0.1 or 10.0.0.0/8`,
  ),
  'password.file': entry(
    500,
    (p) => `the operator's password can't be read from ${p.file} (${p.why}): put it there in one line`,
  ),
} as const satisfies Record<string, Entry>;
