/** One line of the table of routes. */
import { z } from 'zod';
import { noQuery } from './wire.ts';

export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  /** `json`: one document. `stream`: the response schema is that of one item of a stream; `events`: of one server-sent event. `file`: bytes to keep. `socket`: a WebSocket, the body schema is that of its first message. */
  readonly kind: 'json' | 'stream' | 'events' | 'file' | 'socket';
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** `z.undefined()` where there is nothing to say (204). */
  readonly response: Response;
  readonly status: 200 | 201 | 204 | 101;
  /** Whether somebody has to be known who asks. */
  readonly access: 'account' | 'public';
  /** Takes `If-Match`: it changes only what the caller has seen. */
  readonly ifMatch: boolean;
  /** Takes `Idempotency-Key`: sent again with the same key it is done once. */
  readonly once: boolean;
}

export const nothing = z.undefined();

/** A route with what most of them have: no parameters, query or body, status 200. */
export function route<
  Params extends z.ZodType = typeof noQuery,
  Query extends z.ZodType = typeof noQuery,
  Body extends z.ZodType = typeof nothing,
  Response extends z.ZodType = typeof nothing,
>(
  line: `${Route['method']} ${string}`,
  summary: string,
  parts: {
    params?: Params;
    query?: Query;
    body?: Body;
    response?: Response;
    status?: Route['status'];
    kind?: Route['kind'];
    access?: Route['access'];
    ifMatch?: true;
    once?: true;
  },
): Route<Params, Query, Body, Response> {
  const [method, path] = line.split(' ') as [Route['method'], string];
  return {
    method,
    path,
    summary,
    kind: parts.kind ?? 'json',
    params: parts.params ?? (noQuery as unknown as Params),
    query: parts.query ?? (noQuery as unknown as Query),
    body: parts.body ?? (nothing as unknown as Body),
    response: parts.response ?? (nothing as unknown as Response),
    status: parts.status ?? (parts.response === undefined ? 204 : 200),
    access: parts.access ?? 'account',
    ifMatch: parts.ifMatch === true,
    once: parts.once === true,
  };
}
