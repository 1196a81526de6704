/** What the control double answers about accounts. */
import type {
  AccountControl,
  NewLink,
  OpenedSession,
  TokenView,
  UserView,
} from '../control/account-control.ts';
import type { Actor } from '../control/control.ts';

/** 2026-11-22 03:12:07.250 UTC */
const anInstant = Date.UTC(2026, 10, 22, 3, 12, 7, 250);

export const aMember: Actor = {
  name: 'ada',
  account: 'ada',
  role: 'member',
  environments: ['demo'],
  via: 'http',
  address: '192.0.2.7',
  session: 'session-1',
};

export const aUser: UserView = {
  name: 'ada',
  role: 'member',
  environments: ['demo'],
  createdAt: anInstant,
  state: 'active',
  secondFactor: false,
  seenAt: anInstant,
};

export const aToken: TokenView = {
  id: 'token-1',
  name: 'ci',
  account: 'ada',
  scope: 'write',
  environments: ['demo'],
  createdAt: anInstant,
  expiresAt: null,
  usedAt: anInstant,
};

const aLink: NewLink = {
  kind: 'invitation',
  account: 'ada',
  expiresAt: anInstant + 3_600_000,
  path: '/invitation#a-secret',
  url: 'http://127.0.0.1:8080/invitation#a-secret',
};

const opened: OpenedSession = {
  secret: 'the-secret-of-a-session-of-ada',
  actor: aMember,
  self: aUser,
  seconds: 3_600,
};

export const accountAnswers: AccountControl = {
  logIn: async () => opened,
  link: async () => ({ kind: 'invitation', account: 'ada', expiresAt: aLink.expiresAt }),
  useLink: async () => opened,
  actorOfSession: async () => aMember,
  actorOfToken: async () => ({ ...aMember, via: 'token', scope: 'write', token: 'ci' }),
  logOut: async () => undefined,
  self: async () => aUser,
  changePassword: async () => undefined,
  proposeSecondFactor: async () => ({ secret: 'JBSWY3DPEHPK3PXP', url: 'otpauth://totp/Nightshift:ada' }),
  confirmSecondFactor: async () => ['aaaa-bbbb-cccc'],
  removeSecondFactor: async () => undefined,
  sessions: async () => [
    { id: '0a1b2c', createdAt: anInstant, usedAt: anInstant, address: '192.0.2.7', current: true },
  ],
  endSession: async () => undefined,
  users: async () => [aUser],
  user: async () => aUser,
  addUser: async () => ({ user: aUser, link: aLink }),
  changeUser: async () => aUser,
  removeUser: async () => undefined,
  resetUser: async () => aLink,
  members: async () => [aUser],
  addMember: async () => undefined,
  removeMember: async () => undefined,
  tokens: async () => [aToken],
  createToken: async () => ({ token: 'ns_the-token-of-ada-that-is-told-once', view: aToken }),
  removeToken: async () => undefined,
};
