/** One log entry as a line of bytes: NDJSON, or the text of design.md §2.6 with the message passed on byte for byte. */
import { isUtf8 } from 'node:buffer';
import type { LogEntry as WireLogEntry } from '../contract/log.ts';
import type { LogCursor, LogEntry } from '../logs/log-store.ts';

/**
 * Makes the function that writes entries as `2021-01-14T12:00:01Z INFO (a-job): The message` and a newline.
 * One for each stream: it remembers the last head, which most lines share with the one before.
 */
export function textLines(): (entry: LogEntry) => Buffer {
  let known = '';
  let head = Buffer.alloc(0);
  return (entry) => {
    const second = Math.floor(entry.time / 1_000);
    const key = `${second} ${entry.level} ${entry.job}`;
    if (key !== known) {
      const clock = new Date(second * 1_000).toISOString().slice(0, 19);
      head = Buffer.from(`${clock}Z ${entry.level.padEnd(4)} (${entry.job}): `);
      known = key;
    }
    const line = Buffer.allocUnsafe(head.length + entry.message.length + 1);
    line.set(head);
    line.set(entry.message, head.length);
    line[line.length - 1] = newline;
    return line;
  };
}

const newline = 0x0a;

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
