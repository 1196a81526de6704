/**
 * Who asks: by the socket in the data folder, by a token, or by the cookie of a session. Rights are not decided here.
 * A cookie goes along with every request of a browser, also one that another page has caused: so what changes something must
 * come from a page of our own origin and carry a header that only such a page can send.
 */
import type { FastifyRequest } from 'fastify';
import { sessionHeader } from '../contract/account.ts';
import { callerHeader, callerName } from '../contract/caller.ts';
import type { Origin } from '../control/account-control.ts';
import type { Actor, Control } from '../control/control.ts';
import { Refusal } from '../domain/errors.ts';
import { cookieOf, isSecure } from './cookie.ts';

/** What an {@link authentication} is asked by the routes: for the actor of a request, or a Refusal. */
export type ActorOf = (request: FastifyRequest) => Actor | Promise<Actor>;

/**
 * Who reaches the socket in the data folder is an operator: the file's mode is the authentication. On any other way in
 * nobody is anybody until accounts say so. The name that the caller gives is taken as it is: it could do anything anyway.
 */
export function socketOperator(request: FastifyRequest): Actor {
  if (typeof request.server.server.address() !== 'string') throw new Refusal('access.unauthenticated');
  return { name: callerName(request.headers[callerHeader]) ?? 'operator', role: 'operator', via: 'socket' };
}

/** Who asks a public route: sees nothing, whoever it is. */
export const nobody: Actor = { name: 'nobody', role: 'member', via: 'http' };

/** For servers on TCP: by token or cookie. */
export const authentication =
  (control: Control): ActorOf =>
  async (request) => {
    const token = bearerOf(request);
    if (token !== undefined) return await control.actorOfToken(originOf(request), token);
    const secret = cookieOf(request);
    if (secret === undefined) throw new Refusal('access.unauthenticated');
    checkOwnPage(request);
    return await control.actorOfSession(originOf(request), secret);
  };

/** The proxy's word is taken only where the server was told to trust it (Fastify's `trustProxy`). */
export const originOf = (request: FastifyRequest): Origin =>
  typeof request.server.server.address() === 'string'
    ? { via: 'socket', address: null }
    : { via: 'http', address: request.ip };

/** `Authorization: Bearer ns_…`; a header that is there and is no such token is refused, not passed over. */
function bearerOf(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  if (header === undefined) return undefined;
  const token = /^Bearer +(ns_[\w-]{20,200})$/i.exec(header)?.[1];
  if (token === undefined) throw new Refusal('token.invalid');
  return token;
}

const changesNothing = new Set(['GET', 'HEAD', 'OPTIONS']);

/** For requests with a cookie, and for log-ins: refuses what another origin's page may have caused. */
export function checkOwnPage(request: FastifyRequest): void {
  const { origin, upgrade } = request.headers;
  // The browser's own word (Fetch Metadata), which pages can't change; it says it only over TLS and on this machine itself.
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new Refusal('access.foreign-origin', { origin: origin ?? site });
  if (site !== 'same-origin' && origin !== undefined && !isOwn(origin, request))
    throw new Refusal('access.foreign-origin', { origin });
  // Nobody can add a header to a WebSocket: there the browser always says the origin.
  if (upgrade !== undefined && request.method === 'GET') {
    if (origin === undefined) throw new Refusal('access.foreign-origin', { origin: 'unknown' });
    return;
  }
  if (!changesNothing.has(request.method) && request.headers[sessionHeader] === undefined)
    throw new Refusal('access.unmarked', { header: sessionHeader });
}

function isOwn(origin: string, request: FastifyRequest): boolean {
  if (!URL.canParse(origin)) return false;
  const { host, protocol } = new URL(origin);
  // Where TLS ends at a proxy that is not trusted, it is not known here. A default port is left out by browsers, in both places alike.
  return host === request.host && (protocol === 'https:' || (protocol === 'http:' && !isSecure(request)));
}
