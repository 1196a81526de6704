/** Sends lines as OpenTelemetry log records over HTTP (OTLP/HTTP, protobuf, gzip). */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { LogBatch, LogSender, Sent } from './log-sender.ts';
import { otlpRefused, otlpRequest } from './otlp.ts';

/** One POST: the status and the beginning of the answer, or why there is none. It never rejects. */
export type Exchange = (asked: {
  readonly url: string;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly reach: LogBatch['reach'];
}) => Promise<
  | { readonly status: number; readonly body: Uint8Array; readonly retryAfterSeconds: number | null }
  | { readonly why: string }
>;

const compressed = promisify(gzip);

/** By these a receiver says that something is wrong with the lines; by others, with the address, the key or the moment. */
const wrongLines = new Set([400, 413, 422]);
const tooLarge = 413;

/** @param wall the time, ms */
export function otlpSender(exchange: Exchange, version: string, wall: () => number): LogSender {
  return {
    async send({ url, headers, reach, environment, entries }) {
      const body = await compressed(otlpRequest(environment, entries, version, wall()));
      const answer = await exchange({
        ...{ url, body, reach },
        headers: {
          ...headers,
          'content-type': 'application/x-protobuf',
          'content-encoding': 'gzip',
        },
      });
      if (!('status' in answer)) return { kind: 'failed', why: answer.why, pauseMs: null };
      return sentOf(new URL(url).hostname, answer, entries.length);
    },
  };
}

function sentOf(
  host: string,
  answer: { readonly status: number; readonly body: Uint8Array; readonly retryAfterSeconds: number | null },
  lines: number,
): Sent {
  const { status } = answer;
  if (status >= 200 && status < 300) {
    const refused = otlpRefused(answer.body);
    return { kind: 'taken', refusedLines: Math.min(lines, refused.lines), why: refused.why };
  }
  const why = `${host} answered ${status}${status >= 300 && status < 400 ? ' (redirections are not followed)' : ''}`;
  if (wrongLines.has(status)) return { kind: 'refused', why, tooLarge: status === tooLarge };
  const { retryAfterSeconds } = answer;
  return { kind: 'failed', why, pauseMs: retryAfterSeconds === null ? null : retryAfterSeconds * 1000 };
}
