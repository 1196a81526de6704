/** One POST: within a time, to a checked address, following nowhere. */
import { createHmac, randomBytes } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Post } from '../alert-sender.ts';
import type { Failure } from '../core/deliveries.ts';
import { Forbidden, isForbiddenHost, lookupWithin } from './reach.ts';

const timeoutMs = 10_000;

/** The sentence that says why it is no address; null when it is one. */
export function wrongUrl(text: string): string | null {
  if (!URL.canParse(text) || text.length > 2_000) return 'it is no URL';
  const { protocol, username, password, hostname } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return `it begins with ${protocol}`;
  if (username !== '' || password !== '') return 'it holds a user name or a password';
  return hostname === '' ? 'it names no host' : null;
}

/** Statuses by which a receiver says that it will not take it; others are of the moment. */
const isRefusal = (status: number): boolean =>
  status >= 300 && status < 500 && status !== 408 && status !== 425 && status !== 429;

export function post({ url, body, headers, reach }: Post): Promise<Failure | null> {
  const wrong = wrongUrl(url);
  if (wrong !== null) return Promise.resolve({ why: wrong, refused: true });
  const to = new URL(url);
  // Of an address that is written as numbers nothing is looked up.
  if (isForbiddenHost(to.hostname, reach))
    return Promise.resolve({ why: `${to.hostname} may not be reached from here`, refused: true });
  const bytes = Buffer.from(body);
  return new Promise((resolve) => {
    const request = to.protocol === 'https:' ? tlsRequest : plainRequest;
    const asked = request(to, {
      method: 'POST',
      agent: false,
      lookup: lookupWithin(reach),
      signal: AbortSignal.timeout(timeoutMs),
      headers: { 'user-agent': 'Nightshift', ...headers, 'content-length': bytes.length },
    });
    asked.once('response', (response) => {
      // What it says matters to nobody; that it was heard to the end frees the connection.
      response.resume();
      response.once('error', () => undefined);
      asked.destroy();
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return resolve(null);
      const where = status >= 300 && status < 400 ? ' (redirections are not followed)' : '';
      return resolve({ why: `${to.hostname} answered ${status}${where}`, refused: isRefusal(status) });
    });
    asked.on('error', (error) => resolve(failureOf(to.hostname, error)));
    asked.end(bytes);
  });
}

function failureOf(host: string, error: Error & { readonly code?: string }): Failure {
  if (error instanceof Forbidden) return { why: error.message, refused: true };
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return { why: `${host} did not answer within ${timeoutMs / 1000} s`, refused: false };
  return { why: `${host} could not be reached (${error.code ?? error.message})`, refused: false };
}

const keyPrefix = 'whsec_';

export const drawKey = (): string => keyPrefix + randomBytes(24).toString('base64');

/** As standardwebhooks.com has it: receivers find a library for it in their language. */
export function sign(key: string, id: string, seconds: number, body: string): string {
  const secret = Buffer.from(key.slice(keyPrefix.length), 'base64');
  return `v1,${createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')}`;
}
