/**
 * The lines that a page holds: never more than its bound, in the order of time. Which end gives way when it is full is said by
 * whoever adds: a reader's place is never taken from under their eyes.
 */
import type { Answer } from '../../data/client.ts';

export type LogEntry = Answer<'logs'>;

export interface LogLine {
  /** Of this page alone, growing with the order. */
  readonly key: number;
  /** Wall time, ms. */
  readonly at: number;
  readonly job: string;
  readonly run: string;
  readonly level: LogEntry['level'];
  readonly stream: LogEntry['stream'];
  readonly message: string;
  readonly cursor: string;
}

export class LogBuffer {
  readonly max: number;
  #lines: readonly LogLine[] = [];
  #firstKey = 0;
  #nextKey = 0;

  constructor(max: number) {
    this.max = max;
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  get full(): boolean {
    return this.#lines.length >= this.max;
  }

  clear(): void {
    this.#lines = [];
  }

  /** Newer lines; where there is no room, the oldest go. */
  append(entries: readonly LogEntry[]): void {
    const added = entries.slice(-this.max).map((entry) => lineOf(entry, this.#nextKey++));
    const kept = this.#lines.slice(Math.max(0, this.#lines.length + added.length - this.max));
    this.#lines = [...kept, ...added];
  }

  /**
   * Older lines; where there is no room, the newest go.
   * @returns whether newest lines had to go, so that the end of the list is not the end of the log
   */
  prepend(entries: readonly LogEntry[]): boolean {
    this.#firstKey -= entries.length;
    const first = this.#firstKey;
    const all = [...entries.map((entry, index) => lineOf(entry, first + index)), ...this.#lines];
    this.#lines = all.slice(0, this.max);
    return all.length > this.max;
  }
}

function lineOf({ time, job, run, level, stream, message, cursor }: LogEntry, key: number): LogLine {
  return { key, at: Date.parse(time), job, run, level, stream, message, cursor };
}

/**
 * Of a page that ends with the very millisecond of the oldest line held, what is not held yet. Lines have no names: those of that
 * millisecond are told apart by how many of the same there are.
 */
export function olderThan(page: readonly LogEntry[], held: readonly LogLine[]): readonly LogEntry[] {
  const oldest = held[0]?.at;
  if (oldest === undefined) return page;
  const known = new Map<string, number>();
  for (const line of held) {
    if (line.at !== oldest) break;
    const same = sameness(line);
    known.set(same, (known.get(same) ?? 0) + 1);
  }
  const older: LogEntry[] = [];
  for (const entry of page.toReversed()) {
    const same = sameness(entry);
    const count = Date.parse(entry.time) === oldest ? (known.get(same) ?? 0) : 0;
    if (count > 0) known.set(same, count - 1);
    else older.push(entry);
  }
  return older.reverse();
}

const sameness = ({ run, level, message }: Pick<LogLine, 'run' | 'level' | 'message'>): string =>
  `${run} ${level} ${message}`;

/** How many held lines have the millisecond of the oldest. */
export function sharingTheOldest(held: readonly LogLine[]): number {
  const oldest = held[0]?.at;
  let count = 0;
  while (held[count]?.at === oldest && count < held.length) count += 1;
  return count;
}
