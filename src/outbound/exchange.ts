/** One POST and the beginning of its answer: within a time, to a checked address, following nowhere. */
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Reach } from '../domain/reach.ts';
import { Forbidden, isForbiddenHost, lookupWithin } from './reach.ts';

export interface Asked {
  readonly url: string;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly reach: Reach;
}

export interface Answer {
  readonly status: number;
  /** The status in a sentence, with the host: `logs.example answered 503`. */
  readonly said: string;
  /** Its first bytes, where any were asked for. */
  readonly body: Uint8Array;
  /** What `Retry-After` says in seconds. */
  readonly retryAfterSeconds: number | null;
}

/** There was no answer. */
export interface NoAnswer {
  readonly why: string;
  /** It will not do better the next time. */
  readonly refused: boolean;
}

const timeoutMs = 10_000;

/** The sentence that says why it is no address; null when it is one. */
export function wrongUrl(text: string): string | null {
  if (!URL.canParse(text) || text.length > 2_000) return 'it is no URL';
  const { protocol, username, password, hostname } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return `it begins with ${protocol}`;
  if (username !== '' || password !== '') return 'it holds a user name or a password';
  return hostname === '' ? 'it names no host' : null;
}

/**
 * Never rejects.
 * @param answerBytes so much of the answer is read; with 0 it ends with the status
 */
export function exchange(
  { url, body, headers, reach }: Asked,
  answerBytes: number,
): Promise<Answer | NoAnswer> {
  const wrong = wrongUrl(url);
  if (wrong !== null) return Promise.resolve({ why: wrong, refused: true });
  const to = new URL(url);
  // Of an address that is written as numbers nothing is looked up.
  if (isForbiddenHost(to.hostname, reach))
    return Promise.resolve({ why: `${to.hostname} may not be reached from here`, refused: true });
  return new Promise((resolve) => {
    const request = to.protocol === 'https:' ? tlsRequest : plainRequest;
    const asked = request(to, {
      method: 'POST',
      agent: false,
      lookup: lookupWithin(reach),
      signal: AbortSignal.timeout(timeoutMs),
      headers: { 'user-agent': 'Nightshift', ...headers, 'content-length': body.length },
    });
    asked.once('response', (response) => {
      response.once('error', () => undefined);
      void beginningOf(response, answerBytes).then((beginning) => {
        asked.destroy();
        const status = response.statusCode ?? 0;
        const followed = status >= 300 && status < 400 ? ' (redirections are not followed)' : '';
        resolve({
          status,
          said: `${to.hostname} answered ${status}${followed}`,
          body: beginning,
          retryAfterSeconds: secondsOf(response.headers['retry-after']),
        });
      });
    });
    asked.on('error', (error) => resolve(noAnswer(to.hostname, error)));
    asked.end(body);
  });
}

/** Empty where it broke off: the status has said what matters. */
async function beginningOf(response: IncomingMessage, most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  if (most === 0) return Buffer.alloc(0);
  try {
    for await (const part of response) {
      parts.push(part as Buffer);
      bytes += (part as Buffer).length;
      if (bytes >= most) break;
    }
  } catch {
    return Buffer.alloc(0);
  }
  return Buffer.concat(parts).subarray(0, most);
}

const secondsOf = (header: string | undefined): number | null =>
  header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : null;

function noAnswer(host: string, error: Error & { readonly code?: string }): NoAnswer {
  if (error instanceof Forbidden) return { why: error.message, refused: true };
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return { why: `${host} did not answer within ${timeoutMs / 1000} s`, refused: false };
  return { why: `${host} could not be reached (${error.code ?? error.message})`, refused: false };
}
