/**
 * The log store as the use cases read it: secrets are hidden in every line that comes out of it, where the environment or the
 * reader asks for that. So nothing that shows, searches or sends output can forget to.
 */
import type { LogCursor, LogEntry, LogQuery, LogStore, ReadProgress, ToldEntry } from '../logs/log-store.ts';
import type { Mask } from './log-mask.ts';
import type { Masks } from './masks.ts';
import { overlaid } from './overlaid.ts';

type Read = (query: LogQuery) => AsyncIterable<ToldEntry>;

/** So much of what a search has found is held, to be told in the order of time; beyond this there are fewer lines. */
const heldBytesMax = 32 * 1024 * 1024;

export function maskingLogs(logs: LogStore, masks: Masks): LogStore {
  return overlaid(logs, {
    async *read(query, signal, progress) {
      const mask = await masks.of(query.environment, query.mask === true);
      if (mask === undefined && query.follow !== true) return yield* logs.read(query, signal, progress);
      const read: Read = (asked) => masked(logs, masks, asked, signal, progress);
      const counts = query.contains !== undefined && query.last !== undefined;
      yield* mask !== undefined && counts ? lastFound(query, query.last, read) : read(query);
    },
  });
}

/** Masked also with what becomes a secret meanwhile. What is searched for has to stand there when it is masked. */
async function* masked(
  logs: LogStore,
  masks: Masks,
  query: LogQuery,
  signal: AbortSignal | undefined,
  progress: ((progress: ReadProgress) => void) | undefined,
): AsyncGenerator<ToldEntry> {
  const current = (): Promise<Mask | undefined> => masks.of(query.environment, query.mask === true);
  let seen = masks.changes;
  let mask = await current();
  const { contains, ...all } = query;
  // What stands in place of a secret was never printed: it is looked for in all lines.
  const asked = contains !== undefined && mask?.mayShow(contains) === true ? { ...all, bulk: true } : query;
  for await (const told of logs.read(asked, signal, progress)) {
    if (seen !== masks.changes) {
      seen = masks.changes;
      mask = await current();
    }
    const message = mask?.apply(told.entry.message) ?? told.entry.message;
    if (contains !== undefined && !Buffer.from(message).includes(contains)) continue;
    yield message === told.entry.message ? told : new MaskedLine(told, message);
  }
}

class MaskedLine implements ToldEntry {
  readonly entry: LogEntry;
  readonly #told: ToldEntry;

  constructor(told: ToldEntry, message: Uint8Array) {
    this.entry = { ...told.entry, message };
    this.#told = told;
  }

  get cursor(): LogCursor {
    return this.#told.cursor;
  }
}

/** The last lines of a search, counted after they are masked: else their number would tell whether a guess stands in a secret. */
async function* lastFound(query: LogQuery, last: number, read: Read): AsyncGenerator<ToldEntry> {
  const { last: _, ...all } = query;
  const { order, follow, contains: __, ...any } = all;
  if (order === 'newest') return yield* first(last, read(all));
  if (query.after !== undefined) return yield* follow === true ? read(all) : await lastOf(last, read(all));
  if (follow !== true) return yield* (await held(last, read({ ...all, order: 'newest' }))).reverse();
  // The last line of all, whatever it says, divides what was there from what comes.
  const [end] = await lastOf(1, read({ ...any, last: 1 }));
  if (end === undefined) return yield* read(all);
  const until = Math.min(query.until ?? Number.POSITIVE_INFINITY, end.entry.time + 0.001);
  const before: LogQuery = { ...all, follow: false, until, order: 'newest' };
  yield* (await held(last, read(before))).reverse();
  yield* read({ ...all, after: end.cursor });
}

async function* first(count: number, lines: AsyncIterable<ToldEntry>): AsyncGenerator<ToldEntry> {
  let left = count;
  if (left === 0) return;
  for await (const told of lines) {
    yield told;
    left -= 1;
    if (left === 0) return;
  }
}

/** The first so many of them, or fewer where that is more than can be held. */
async function held(count: number, lines: AsyncIterable<ToldEntry>): Promise<ToldEntry[]> {
  const all: ToldEntry[] = [];
  let bytes = 0;
  for await (const told of first(count, lines)) {
    all.push(told);
    bytes += told.entry.message.length;
    if (bytes >= heldBytesMax) break;
  }
  return all;
}

async function lastOf(count: number, lines: AsyncIterable<ToldEntry>): Promise<ToldEntry[]> {
  let all: ToldEntry[] = [];
  for await (const told of lines) {
    all.push(told);
    if (all.length > 2 * count) all = all.slice(all.length - count);
  }
  return all.slice(Math.max(0, all.length - count));
}
