/** Sends lines as OpenTelemetry log records over HTTP (OTLP/HTTP, protobuf, gzip). */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Answer, exchange } from '../outbound/exchange.ts';
import type { LogSender, Sent } from './log-sender.ts';
import { otlpRefused, otlpRequest } from './otlp.ts';

const compressed = promisify(gzip);

/** By these a receiver says that something is wrong with the lines; by others, with the address, the key or the moment. */
const wrongLines = new Set([400, 413, 422]);
const tooLarge = 413;
/** Who takes output in says with a few words what it would not have. */
const answerBytes = 64 * 1024;

/** @param wall the time, ms */
export function otlpSender(version: string, wall: () => number): LogSender {
  return {
    async send({ url, headers, reach, environment, entries }) {
      const body = await compressed(otlpRequest(environment, entries, version, wall()));
      const ours = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
      const answer = await exchange({ url, body, reach, headers: { ...headers, ...ours } }, answerBytes);
      if (!('status' in answer)) return { kind: 'failed', why: answer.why, pauseMs: null };
      return sentOf(answer, entries.length);
    },
  };
}

function sentOf({ status, said, body, retryAfterSeconds }: Answer, lines: number): Sent {
  if (status >= 200 && status < 300) {
    const refused = otlpRefused(body);
    return { kind: 'taken', refusedLines: Math.min(lines, refused.lines), why: refused.why };
  }
  if (wrongLines.has(status)) return { kind: 'refused', why: said, tooLarge: status === tooLarge };
  return { kind: 'failed', why: said, pauseMs: retryAfterSeconds === null ? null : retryAfterSeconds * 1000 };
}
