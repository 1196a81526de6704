/** One log entry as the contract has it, and as a line of NDJSON. */
import { isUtf8 } from 'node:buffer';
import type { LogEntry as WireLogEntry } from '../contract/log.ts';
import type { LogCursor, LogEntry } from '../logs/log-store.ts';

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
