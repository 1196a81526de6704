/** The cookie of a session (RFC 6265): never seen by scripts, and never sent along by pages of another site. */
import type { FastifyRequest } from 'fastify';

/** Behind TLS with the prefix that binds it to this host and to TLS: no neighbour's page can set it. */
const nameOf = (secure: boolean): string => (secure ? '__Host-nightshift' : 'nightshift');

export const isSecure = (request: FastifyRequest): boolean => request.protocol === 'https';

/** The secret in the request's cookie; undefined when there is none. */
export function cookieOf(request: FastifyRequest): string | undefined {
  const name = nameOf(isSecure(request));
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.split('=', 2);
    if (key?.trim() === name && value !== undefined && /^[\w-]{20,100}$/.test(value.trim()))
      return value.trim();
  }
  return undefined;
}

const attributes = (secure: boolean): string =>
  `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;

/** @param seconds how long the browser keeps it at most */
export function setCookie(request: FastifyRequest, secret: string, seconds: number): string {
  const secure = isSecure(request);
  return `${nameOf(secure)}=${secret}; Max-Age=${seconds}; ${attributes(secure)}`;
}

export function dropCookie(request: FastifyRequest): string {
  const secure = isSecure(request);
  return `${nameOf(secure)}=; Max-Age=0; ${attributes(secure)}`;
}
