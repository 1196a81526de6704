/** The routes that set or take the cookie of a session. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type Routes, routes } from '../contract/routes.ts';
import type { OpenedSession } from '../control/account-control.ts';
import type { Control } from '../control/control.ts';
import { sessionToWire } from './account-to-wire.ts';
import { checkOwnPage, originOf } from './authentication.ts';
import { dropCookie, setCookie } from './cookie.ts';

export const sessionRouteNames = ['logIn', 'logOut', 'setUp', 'acceptInvitation'] as const;
export type SessionRouteName = (typeof sessionRouteNames)[number];

interface Parts {
  readonly control: Control;
  /** A part of the request, as the route's schema reads it. */
  readonly read: <Name extends SessionRouteName, Part extends 'query' | 'body'>(
    name: Name,
    part: Part,
    request: FastifyRequest,
  ) => z.output<Routes[Name][Part]>;
}

export function registerSessionRoutes(api: FastifyInstance, prefix: string, parts: Parts): void {
  const { control, read } = parts;
  const opens = (
    name: Exclude<SessionRouteName, 'logOut'>,
    open: (request: FastifyRequest) => Promise<OpenedSession>,
  ): void => {
    api.post(prefix + routes[name].path, async (request, reply) => {
      // Else another page could sign a browser in as somebody else.
      checkOwnPage(request);
      const opened = await open(request);
      reply
        .header('set-cookie', setCookie(request, opened.secret, opened.seconds))
        .header('cache-control', 'no-store');
      return sessionToWire(opened.actor, opened.self);
    });
  };
  opens('logIn', (request) => {
    const { code, ...body } = read('logIn', 'body', request);
    return control.logIn(originOf(request), { ...body, ...(code === undefined ? {} : { code }) });
  });
  opens('setUp', (request) => control.useLink(originOf(request), read('setUp', 'body', request)));
  opens('acceptInvitation', (request) =>
    control.useLink(originOf(request), read('acceptInvitation', 'body', request)),
  );
  api.delete(prefix + routes.logOut.path, (request, reply) => logOut(parts, request, reply));
}

/** A session that has ended already is no reason to keep its cookie. */
async function logOut(
  { control, read }: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { everywhere } = read('logOut', 'query', request);
  const { actor } = request;
  await control.logOut(actor, everywhere);
  if (actor.session !== undefined) reply.header('set-cookie', dropCookie(request));
  return reply.code(routes.logOut.status).send();
}
