/** What a request says about the state that it is for: `If-Match` and `Idempotency-Key`. */
import type { FastifyRequest } from 'fastify';
import type { Route } from '../contract/routes.ts';
import type { Expected } from '../control/control.ts';
import { InvalidRequest } from './errors.ts';

/** RFC 9110: an opaque tag in quotes. A proxy that compresses makes it a weak one, which means the same to us. */
const tag = /^(?:W\/)?"([\x21\x23-\x7e]{1,300})"$/;

/** The tag of `If-Match`. A route that does not look at it refuses it: nobody is to believe that it holds. */
export function expectedBy(request: FastifyRequest, route: Route): Expected {
  const header = request.headers['if-match'];
  if (header === undefined || header === '*' || request.method === 'GET') return {};
  if (!route.ifMatch) throw new InvalidRequest('"If-Match" is not looked at here: leave it away', 'If-Match');
  const found = tag.exec(header.trim());
  if (found?.[1] === undefined)
    throw new InvalidRequest('"If-Match" must be one tag in quotes, as "etag" has it', 'If-Match');
  return { ifMatch: found[1] };
}

/** The key of a request that is done once, however often it is sent; undefined when it has none, or needs none. */
export function idempotencyKeyOf(request: FastifyRequest, route: Route): string | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined || !route.once) return undefined;
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(header))
    throw new InvalidRequest(
      '"Idempotency-Key" must be up to 200 printable characters, such as a UUID',
      'Idempotency-Key',
    );
  return header;
}
