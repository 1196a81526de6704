/** A client of the API over the daemon's unix socket. */
import { closeSync, openSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { callerHeader } from '../contract/caller.ts';
import type { ErrorBody, List } from '../contract/wire.ts';
import { CliFailure } from './failure.ts';

const apiPrefix = '/api/v1';
/** What the kernel takes as the address of a socket (unix(7): 108 with the NUL; 104 on macOS). */
const addressBytesMax = 103;
/** The API's own bound. */
const pageItemsMax = 1_000;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** A path of the API, its variable parts escaped: `` path`/environments/${name}` ``. */
export function path(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return parts.map((part, index) => (index === 0 ? '' : escaped(values[index - 1] ?? '')) + part).join('');
}

/** `.` and `..` would be taken as folders on the way. */
const escaped = (value: string): string =>
  /^\.{1,2}$/.test(value) ? value.replaceAll('.', '%2E') : encodeURIComponent(value);

export class Client {
  readonly #socketPath: string;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;

  /** @param caller the user whose command it is; the daemon notes it beside what was done */
  constructor(socketPath: string, caller?: string) {
    this.#socketPath = socketPath;
    this.headers = caller === undefined ? {} : { [callerHeader]: caller };
  }

  /** One document. Throws CliFailure with the daemon's own sentence, or when no daemon answers. */
  async call<Answer>(method: Method, url: string, query: Query = {}, body?: unknown): Promise<Answer> {
    const response = await this.#send(method, url + queryString(query), body);
    const text = await textOf(response);
    if ((response.statusCode ?? 500) >= 400) throw failureOf(text);
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }

  get<Answer>(url: string, query: Query = {}): Promise<Answer> {
    return this.call<Answer>('GET', url, query);
  }

  /** The items of a list that comes whole. */
  async list<Item>(url: string, query: Query = {}): Promise<readonly Item[]> {
    return (await this.get<List<Item>>(url, query)).items;
  }

  /** All items of a list that is in the order of names, page by page: no answer of thousands holds the daemon up. */
  async all<Item>(url: string): Promise<readonly Item[]> {
    const items: Item[] = [];
    let after: string | undefined;
    do {
      const page: List<Item> = await this.get(url, { limit: pageItemsMax, after });
      items.push(...page.items);
      after = page.next ?? undefined;
    } while (after !== undefined);
    return items;
  }

  /** The newest `count` items of a history, page by page. */
  async history<Item>(url: string, query: Query, count: number): Promise<readonly Item[]> {
    const items: Item[] = [];
    let before: string | undefined;
    do {
      const limit = Math.min(count - items.length, pageItemsMax);
      const page: List<Item> = await this.get(url, { ...query, limit, before });
      items.push(...page.items);
      before = page.next ?? undefined;
    } while (before !== undefined && items.length < count);
    return items;
  }

  /** A stream of bytes; `leaving` ends it. */
  async stream(url: string, query: Query, leaving: AbortSignal): Promise<IncomingMessage> {
    const response = await this.#send('GET', url + queryString(query), undefined, leaving);
    if ((response.statusCode ?? 500) >= 400) throw failureOf(await textOf(response));
    return response;
  }

  /** What the daemon makes for this request, as a stream of bytes; it breaks off where the connection does. */
  async download(url: string, body: unknown): Promise<IncomingMessage> {
    const response = await this.#send('POST', url, body);
    if ((response.statusCode ?? 500) >= 400) throw failureOf(await textOf(response));
    return response;
  }

  /** A connection to the daemon. */
  connect(): Socket {
    if (Buffer.byteLength(this.#socketPath) <= addressBytesMax || process.platform !== 'linux') {
      return connect(this.#socketPath);
    }
    // Too long for the kernel: the same socket through its folder, held open meanwhile.
    const folder = this.#openFolder();
    const socket = connect(`/proc/self/fd/${folder}/${basename(this.#socketPath)}`);
    socket.once('connect', () => closeSync(folder));
    socket.once('error', () => closeSync(folder));
    return socket;
  }

  /** What it means that no connection came about. */
  unreachable(thrown: unknown): CliFailure {
    const { code, message } = thrown as NodeJS.ErrnoException;
    const where = this.#socketPath;
    if (code === 'EACCES' || code === 'EPERM') {
      const sentence = `the daemon at ${where} belongs to another user: run this as that user (sudo)`;
      return new CliFailure('access.denied', sentence, 1, { cause: thrown });
    }
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR' || code === 'ENOTSOCK') {
      const sentence = `no daemon answers at ${where}: start it with "nightshift serve", or name its folder with --data`;
      return new CliFailure('daemon.not-running', sentence, 1, { cause: thrown });
    }
    const sentence = `the daemon at ${where} ended the connection (${code ?? message}): see its log`;
    return new CliFailure('daemon.gone', sentence, 1, { cause: thrown });
  }

  #openFolder(): number {
    try {
      return openSync(dirname(this.#socketPath), 'r');
    } catch (thrown) {
      throw this.unreachable(thrown);
    }
  }

  #send(method: Method, url: string, body: unknown, signal?: AbortSignal): Promise<IncomingMessage> {
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const outgoing: ClientRequest = request({
        createConnection: () => this.connect(),
        host: 'localhost',
        method,
        path: apiPrefix + url,
        headers: {
          te: 'trailers',
          ...this.headers,
          ...(bytes === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': bytes.length }),
        },
        ...(signal === undefined ? {} : { signal }),
      });
      outgoing.once('response', resolve);
      outgoing.once('error', (thrown) => reject(this.unreachable(thrown)));
      outgoing.end(bytes);
    });
  }
}

function queryString(query: Query): string {
  const pairs = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? (value as readonly string[]) : [value])
      pairs.append(key, String(each));
  }
  const text = pairs.toString();
  return text === '' ? '' : `?${text}`;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

/** The error shape, also when what came is not in it. */
export function failureOf(text: string): CliFailure {
  try {
    const { error } = JSON.parse(text) as ErrorBody;
    return new CliFailure(error.code, error.message);
  } catch (cause) {
    return new CliFailure('internal', 'the daemon gave an answer that is none: is it Nightshift?', 1, {
      cause,
    });
  }
}
