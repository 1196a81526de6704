/** One log entry as a line of bytes: NDJSON, or the text of design.md §2.6 with the message passed on byte for byte. */
import { isUtf8 } from 'node:buffer';
import type { LogEntry as WireLogEntry } from '../contract/log.ts';
import type { LogCursor, LogEntry } from '../logs/log-store.ts';

const newline = Buffer.from('\n');

/** `2021-01-14T12:00:01Z INFO (a-job): The message` and a newline. */
export function logEntryToText(entry: LogEntry): Buffer {
  const second = new Date(entry.time).toISOString().slice(0, 19);
  const head = Buffer.from(`${second}Z ${entry.level.padEnd(4)} (${entry.job}): `);
  return Buffer.concat([head, entry.message, newline]);
}

/** The entry as the contract has it; bytes that are no UTF-8 are kept in `messageBase64`. */
export function logEntryToWire(entry: LogEntry, cursor: LogCursor): WireLogEntry {
  const message = Buffer.from(entry.message.buffer, entry.message.byteOffset, entry.message.byteLength);
  return {
    time: new Date(entry.time).toISOString(),
    job: entry.job,
    run: entry.run,
    level: entry.level,
    stream: entry.stream,
    message: message.toString('utf8'),
    ...(isUtf8(message) ? {} : { messageBase64: message.toString('base64') }),
    cursor,
  };
}

export const logEntryToJson = (entry: LogEntry, cursor: LogCursor): Buffer =>
  Buffer.from(`${JSON.stringify(logEntryToWire(entry, cursor))}\n`);
