/**
 * The typed client of the API: names of routes, shapes and answers are those of the contract's table. A failure is always an
 * `ApiFailure` with one sentence; what the answers hold is checked against the schemas in development and in tests.
 */
import type { z } from 'zod';
import type { RouteName, Routes } from '../../../src/contract/routes.ts';
import { failureOfAnswer, unreachable } from './failure.ts';

/** What a route is asked with: parameters, query and body where it has them. */
export interface Asked<Name extends RouteName> {
  readonly params?: z.input<Routes[Name]['params']>;
  readonly query?: z.input<Routes[Name]['query']>;
  readonly body?: z.input<Routes[Name]['body']>;
  /** The version that a change is meant for (`If-Match`): refused when somebody else was quicker. */
  readonly version?: string;
}
export type Answer<Name extends RouteName> = z.output<Routes[Name]['response']>;
export type Table = Readonly<Record<string, readonly [method: string, path: string]>>;

export interface Transport {
  readonly table: Table;
  readonly fetch: (address: string, asked: RequestInit) => Promise<Response>;
  /** Throws when an answer does not have the shape that the contract promises. */
  readonly check?: (route: RouteName, answer: unknown) => void | Promise<void>;
  /** Called with each answer's headers. */
  readonly hear?: (headers: Headers) => void;
  /** Nobody is logged in, or no more. */
  readonly onSignedOut?: () => void;
}

export interface Received<Name extends RouteName> {
  readonly value: Answer<Name>;
  /** The answer's version, for {@link Asked.version}. */
  readonly version: string | undefined;
}

/** As the contract's `account.ts` names it; that file brings the schemas with it. */
const sessionHeader = 'nightshift-request';
/** Where a 401 is an answer that is expected: what was typed is wrong, or nobody is logged in yet. */
const entrances: Partial<Record<RouteName, true>> = {
  session: true,
  logIn: true,
  setUp: true,
  acceptInvitation: true,
};

/** Somebody who is logged in has mistyped the code of their new device. */
const wrongCode = 'session.code-wrong';

export class Client {
  readonly #transport: Transport;
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async call<Name extends RouteName>(name: Name, asked: Asked<Name> = {}, signal?: AbortSignal) {
    return (await this.receive(name, asked, signal)).value;
  }

  /** As `call`, with the version of what came. */
  async receive<Name extends RouteName>(
    name: Name,
    asked: Asked<Name> = {},
    signal?: AbortSignal,
  ): Promise<Received<Name>> {
    const response = await this.stream(name, asked, signal);
    const text = await response.text();
    const value = (text === '' ? undefined : JSON.parse(text)) as Answer<Name>;
    await this.#transport.check?.(name, value);
    return { value, version: response.headers.get('etag') ?? undefined };
  }

  /** The answer as it comes, for streams. */
  async stream<Name extends RouteName>(
    name: Name,
    asked: Asked<Name> = {},
    signal?: AbortSignal,
  ): Promise<Response> {
    const [method] = this.#line(name);
    const headers = new Headers({ accept: 'application/json' });
    if (asked.body !== undefined) headers.set('content-type', 'application/json');
    if (asked.version !== undefined) headers.set('if-match', asked.version);
    // No page of another origin can send it: the daemon takes a session's cookie for a change only together with it.
    if (method !== 'GET') headers.set(sessionHeader, 'dashboard');
    const sent: RequestInit = { method, headers, credentials: 'same-origin' };
    if (asked.body !== undefined) sent.body = JSON.stringify(asked.body);
    if (signal !== undefined) sent.signal = signal;
    const response = await this.#send(this.address(name, asked), sent);
    this.#transport.hear?.(response.headers);
    if (response.ok) return response;
    const failure = await failureOfAnswer(response);
    if (response.status === 401 && failure.code !== wrongCode && !(name in entrances))
      this.#transport.onSignedOut?.();
    throw failure;
  }

  /** Path and query of a request. */
  address<Name extends RouteName>(name: Name, asked: Asked<Name> = {}): string {
    return addressOf(this.#line(name)[1], asked);
  }

  /** Method and path of a request. */
  line<Name extends RouteName>(name: Name, asked: Asked<Name> = {}): readonly [string, string] {
    return [this.#line(name)[0], this.address(name, asked)];
  }

  #line(name: RouteName): readonly [string, string] {
    const line = this.#transport.table[name];
    if (line === undefined) throw new Error(`the contract has no route "${name}"`);
    return line;
  }

  async #send(address: string, sent: RequestInit): Promise<Response> {
    try {
      return await this.#transport.fetch(address, sent);
    } catch (thrown) {
      if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown;
      throw unreachable(thrown);
    }
  }
}

type Values = Readonly<Record<string, unknown>>;

/** `/environments/:environment` with its parameters, and the query behind it; lists are repeated, absent ones left out. */
export function addressOf(
  path: string,
  asked: { readonly params?: unknown; readonly query?: unknown },
): string {
  const params = (asked.params ?? {}) as Values;
  const filled = path.replace(/:([a-zA-Z]+)/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`the parameter "${name}" of ${path} is missing`);
    return escaped(String(value));
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries((asked.query ?? {}) as Values)) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) query.append(name, String(each));
  }
  const text = query.toString();
  return text === '' ? filled : `${filled}?${text}`;
}

/** `.` and `..` would be taken as folders on the way. */
const escaped = (value: string): string =>
  /^\.{1,2}$/.test(value) ? value.replaceAll('.', '%2E') : encodeURIComponent(value);
