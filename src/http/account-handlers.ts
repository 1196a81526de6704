/** The handlers of accounts, members and tokens. What sets or takes the cookie of a session is in `session-routes.ts`. */
import type { Control } from '../control/control.ts';
import {
  accountSessionToWire,
  linkToWire,
  newLinkToWire,
  sessionToWire,
  tokenToWire,
  userToWire,
} from './account-to-wire.ts';
import { nothing, whole } from './answers.ts';
import { originOf } from './authentication.ts';
import type { Handlers } from './handlers.ts';

export const accountHandlers = (control: Control) =>
  ({
    session: async ({ actor }) => sessionToWire(actor, await control.self(actor)),
    users: async ({ actor }) => whole((await control.users(actor)).map(userToWire)),
    addUser: async ({ actor, body }) => {
      const { user, link } = await control.addUser(actor, body);
      return { user: userToWire(user), link: newLinkToWire(link) };
    },
    user: async ({ actor, params }) => userToWire(await control.user(actor, params.user)),
    changeUser: async ({ actor, params, body }) =>
      userToWire(await control.changeUser(actor, params.user, body)),
    removeUser: ({ actor, params }) => nothing(control.removeUser(actor, params.user)),
    changePassword: ({ actor, params, body }) => nothing(control.changePassword(actor, params.user, body)),
    proposeSecondFactor: async ({ actor, params }) => control.proposeSecondFactor(actor, params.user),
    confirmSecondFactor: async ({ actor, params, body }) => ({
      recoveryCodes: [...(await control.confirmSecondFactor(actor, params.user, body))],
    }),
    removeSecondFactor: ({ actor, params, body }) =>
      nothing(control.removeSecondFactor(actor, params.user, body)),
    sessions: async ({ actor, params }) =>
      whole((await control.sessions(actor, params.user)).map(accountSessionToWire)),
    endSession: ({ actor, params }) => nothing(control.endSession(actor, params.user, params.session)),
    resetUser: async ({ actor, params }) => newLinkToWire(await control.resetUser(actor, params.user)),
    members: async ({ actor, params }) =>
      whole((await control.members(actor, params.environment)).map(userToWire)),
    addMember: ({ actor, params }) => nothing(control.addMember(actor, params.environment, params.user)),
    removeMember: ({ actor, params }) =>
      nothing(control.removeMember(actor, params.environment, params.user)),
    tokens: async ({ actor }) => whole((await control.tokens(actor)).map(tokenToWire)),
    createToken: async ({ actor, body: { environments, expiresAt, ...body } }) => {
      const { token, view } = await control.createToken(actor, {
        ...body,
        ...(environments === undefined ? {} : { environments }),
        expiresAt: expiresAt === null ? null : Date.parse(expiresAt),
      });
      return { ...tokenToWire(view), token };
    },
    removeToken: ({ actor, params }) => nothing(control.removeToken(actor, params.token)),
    link: async ({ request, body }) => linkToWire(await control.link(originOf(request), body.secret)),
  }) satisfies Partial<Handlers>;
