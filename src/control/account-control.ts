/** The part of the port that is about people: how they are known, their accounts, memberships and tokens. */
import type { OneTimeLink, Role, Token, TokenScope } from '../domain/account.ts';
import type { Actor } from './control.ts';

/** Where a request of nobody in particular comes from. */
export interface Origin {
  readonly via: Actor['via'];
  /** Null where there is none, as on the daemon's socket. */
  readonly address: string | null;
}

/** A session as its browser gets it: the secret goes into the cookie, and is kept nowhere. */
export interface OpenedSession {
  readonly secret: string;
  readonly actor: Actor;
  readonly self: UserView;
  /** It lasts so long at most. */
  readonly seconds: number;
}

export type LinkView = Omit<OneTimeLink, 'id'>;

/** A link that was made now. Its secret is told once. */
export interface NewLink extends LinkView {
  /** Below the dashboard's address: `/set-up#SECRET`. */
  readonly path: string;
  /** Whole, where the daemon knows its own address. */
  readonly url: string | null;
}

export interface UserView {
  readonly name: string;
  readonly role: Role;
  /** What a member sees; empty for operators, who see all. */
  readonly environments: readonly string[];
  readonly createdAt: number;
  /** `invited`: the password is not chosen yet. */
  readonly state: 'active' | 'invited';
  readonly secondFactor: boolean;
  /** Wall time, ms; to within a minute, of sessions that have not ended. */
  readonly seenAt: number | null;
}

/** A browser that is logged in. */
export interface SessionView {
  readonly id: string;
  readonly createdAt: number;
  /** To within a minute. */
  readonly usedAt: number;
  /** Where it was opened from; null where that is not known. */
  readonly address: string | null;
  /** It is the one that asks. */
  readonly current: boolean;
}

/** Without its hash. */
export type TokenView = Omit<Token, 'hash'>;

export interface NewToken {
  readonly name: string;
  readonly scope: TokenScope;
  /** Absent: all that its account sees. */
  readonly environments?: readonly string[];
  /** Wall time, ms; null: never. */
  readonly expiresAt: number | null;
}

export interface AccountControl {
  /** By name and password, and a code where the account has a second factor. */
  logIn(
    from: Origin,
    input: { readonly name: string; readonly password: string; readonly code?: string },
  ): Promise<OpenedSession>;
  /** What a one-time link is for, by its secret. */
  link(from: Origin, secret: string): Promise<LinkView>;
  /** Chooses the password by a one-time link, which is used up by it, and logs in; `name` is for setting up. */
  useLink(
    from: Origin,
    input: { readonly secret: string; readonly password: string; readonly name?: string },
  ): Promise<OpenedSession>;
  /** Who a cookie's secret belongs to. Refuses with `session.ended`. */
  actorOfSession(from: Origin, secret: string): Promise<Actor>;
  /** Who a token belongs to. Refuses with `token.invalid` or `token.expired`. */
  actorOfToken(from: Origin, token: string): Promise<Actor>;

  /** Ends the session that asks, or all of its account. */
  logOut(actor: Actor, everywhere: boolean): Promise<void>;
  /** The account of whoever asks; null for one who has none, as over the socket. */
  self(actor: Actor): Promise<UserView | null>;
  /** Changes the own password; other sessions end. */
  changePassword(
    actor: Actor,
    name: string,
    input: { readonly current: string; readonly password: string },
  ): Promise<void>;

  /** A secret for the own authenticator app; nothing is kept of it before it is confirmed. */
  proposeSecondFactor(actor: Actor, name: string): Promise<{ readonly secret: string; readonly url: string }>;
  /** Wants a code from then on with each log-in; answers recovery codes, which are told once. Other sessions end. */
  confirmSecondFactor(
    actor: Actor,
    name: string,
    input: { readonly current: string; readonly secret: string; readonly code: string },
  ): Promise<readonly string[]>;
  removeSecondFactor(actor: Actor, name: string, input: { readonly current: string }): Promise<void>;

  /** The own ones that have not ended, newest first. */
  sessions(actor: Actor, name: string): Promise<readonly SessionView[]>;
  /** Ends one of the own sessions. */
  endSession(actor: Actor, name: string, id: string): Promise<void>;

  users(actor: Actor): Promise<readonly UserView[]>;
  user(actor: Actor, name: string): Promise<UserView>;
  addUser(
    actor: Actor,
    input: { readonly name: string; readonly role: Role; readonly environments?: readonly string[] },
  ): Promise<{ readonly user: UserView; readonly link: NewLink }>;
  changeUser(actor: Actor, name: string, input: { readonly role: Role }): Promise<UserView>;
  /** With its sessions, tokens and memberships. */
  removeUser(actor: Actor, name: string): Promise<void>;
  /** Takes password and second factor away, ends the sessions, and makes a link to choose a new one. */
  resetUser(actor: Actor, name: string): Promise<NewLink>;

  members(actor: Actor, environment: string): Promise<readonly UserView[]>;
  addMember(actor: Actor, environment: string, user: string): Promise<void>;
  removeMember(actor: Actor, environment: string, user: string): Promise<void>;

  /** One's own; operators see all. */
  tokens(actor: Actor): Promise<readonly TokenView[]>;
  /** The token itself is told once. */
  createToken(actor: Actor, input: NewToken): Promise<{ readonly token: string; readonly view: TokenView }>;
  /** By its id, or by its name where that is unique. */
  removeToken(actor: Actor, idOrName: string): Promise<void>;
}
