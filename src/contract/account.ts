/** People and programs: sessions, accounts, one-time links, tokens, members. */
import { z } from 'zod';
import { flag, name, time, timeInput } from './wire.ts';

/**
 * A browser that is signed in has the session in a cookie. With it, every request that changes something needs this header
 * (with any value), which no page of another origin can send; and so does a log-in.
 */
export const sessionHeader = 'nightshift-request';

const role = z.enum(['operator', 'member']);
/** Long enough for every password that is taken, and for what is refused with a sentence. */
const password = z.string().max(4_096);
const secret = z.string().max(200);

/** Whoever asks, as the daemon sees them. */
export const session = z.strictObject({
  name: z.string(),
  role,
  /** What a member sees; empty for operators, who see all. */
  environments: z.array(z.string()),
  via: z.enum(['socket', 'http', 'token', 'ssh', 'git']),
  /** The account's name; null over the socket and with a token that belongs to nobody. */
  account: z.string().nullable(),
  /** What the token may do that was sent; null without one. */
  scope: z.enum(['read', 'write', 'operator']).nullable(),
  secondFactor: z.boolean(),
});
export type Session = z.infer<typeof session>;

export const logIn = z.strictObject({
  name,
  password,
  /** Six digits of the device, or a recovery code; wanted when the answer is `session.code-missing`. */
  code: z.string().max(100).optional(),
});

export const logOutQuery = z.strictObject({
  /** Ends all sessions of the account. */
  everywhere: flag.default(false),
});

/** The part of a link after the `#`. */
export const linkSecret = z.strictObject({ secret });

export const link = z.strictObject({
  kind: z.enum(['set-up', 'invitation', 'reset']),
  /** Null for `set-up`: there is no account yet. */
  account: z.string().nullable(),
  expiresAt: time,
});
export type Link = z.infer<typeof link>;

/** Its secret is told once. */
export const newLink = link.extend({
  /** Below the dashboard's address. */
  path: z.string(),
  /** Whole, where the daemon knows its own address. */
  url: z.string().nullable(),
});
export type NewLink = z.infer<typeof newLink>;

export const setUp = z.strictObject({ secret, name: name.default('operator'), password });
export const acceptedInvitation = z.strictObject({ secret, password });

export const user = z.strictObject({
  name: z.string(),
  role,
  /** What a member sees; empty for operators, who see all. */
  environments: z.array(z.string()),
  createdAt: time,
  /** `invited`: the password is not chosen yet. */
  state: z.enum(['active', 'invited']),
  secondFactor: z.boolean(),
  /** When it was seen last, as far as its sessions tell. */
  seenAt: time.nullable(),
});
export type User = z.infer<typeof user>;

export const newUser = z.strictObject({
  name,
  role: role.default('member'),
  /** Makes it a member of these. */
  environments: z.array(name).max(2_000).default([]),
});
export const invitedUser = z.strictObject({ user, link: newLink });
export type InvitedUser = z.infer<typeof invitedUser>;
export const userChange = z.strictObject({ role });
export const passwordChange = z.strictObject({ current: password, password });

/** Nothing is kept of it before it is confirmed. */
export const proposedSecondFactor = z.strictObject({
  /** 32 letters and digits (base32), to be typed into an authenticator app. */
  secret: z.string(),
  /** The same as `otpauth:` link, to be shown as a QR code. */
  url: z.string(),
});
export type ProposedSecondFactor = z.infer<typeof proposedSecondFactor>;
export const confirmedSecondFactor = z.strictObject({
  current: password,
  secret,
  /** What the app shows now. */
  code: z.string().max(100),
});
/** Each is good once in place of a code; they are told only here. */
export const recoveryCodes = z.strictObject({ recoveryCodes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof recoveryCodes>;
export const removedSecondFactor = z.strictObject({ current: password });

/** A browser that is logged in with the account. */
export const accountSession = z.strictObject({
  id: z.string(),
  createdAt: time,
  /** When it was used last, to within a minute. */
  usedAt: time,
  /** Where it was opened from; null where that is not known. */
  address: z.string().nullable(),
  /** It is the one that asks. */
  current: z.boolean(),
});
export type AccountSession = z.infer<typeof accountSession>;
export const sessionParams = z.strictObject({ user: name, session: name });

export const userParams = z.strictObject({ user: name });
export const memberParams = z.strictObject({ environment: name, user: name });
export const tokenParams = z.strictObject({ token: name });

export const token = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** Whose rights it has; null: made over the socket, it has an operator's. */
  account: z.string().nullable(),
  scope: z.enum(['read', 'write', 'operator']),
  /** The only ones that it sees; null: all that its account sees. */
  environments: z.array(z.string()).nullable(),
  createdAt: time,
  expiresAt: time.nullable(),
  lastUsedAt: time.nullable(),
});
export type Token = z.infer<typeof token>;

export const newToken = z.strictObject({
  name,
  scope: z.enum(['read', 'write', 'operator']).default('read'),
  environments: z.array(name).min(1).max(2_000).optional(),
  /** Null, or left away: never. */
  expiresAt: timeInput.nullable().default(null),
});

/** `token` is what goes after `Bearer`, and is told only here. */
export const createdToken = token.extend({ token: z.string() });
export type CreatedToken = z.infer<typeof createdToken>;
