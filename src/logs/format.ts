/** Entries as people read them: `2021-01-14T12:00:01Z INFO (a-job): The message`. Bytes, so that every byte of a job passes. */
import type { LogEntry } from './log-store.ts';

const levels = { INFO: 'INFO', ERR: 'ERR ' } as const;

/** Time (UTC, whole seconds), level padded to four, and job: what stands before the message. */
export function formatPrefix(entry: Pick<LogEntry, 'time' | 'level' | 'job'>): string {
  const second = new Date(Math.floor(entry.time / 1000) * 1000).toISOString().slice(0, 19);
  return `${second}Z ${levels[entry.level]} (${entry.job}): `;
}

/** Formats one entry after the other; the prefix is made anew only when it changes. */
export class EntryFormatter {
  #second = Number.NaN;
  #level = '';
  #job = '';
  #prefix = Buffer.alloc(0);

  /** The entry as one line of text, with its newline. */
  line(entry: LogEntry): Buffer {
    const second = Math.floor(entry.time / 1000);
    if (second !== this.#second || entry.level !== this.#level || entry.job !== this.#job) {
      this.#second = second;
      this.#level = entry.level;
      this.#job = entry.job;
      this.#prefix = Buffer.from(formatPrefix(entry));
    }
    const { message } = entry;
    const line = Buffer.allocUnsafe(this.#prefix.length + message.length + 1);
    line.set(this.#prefix, 0);
    line.set(message, this.#prefix.length);
    line[line.length - 1] = 0x0a;
    return line;
  }
}

/** One entry as one line of text, with its newline. */
export const formatEntry = (entry: LogEntry): Buffer => new EntryFormatter().line(entry);
