/** The program of a thread of the log store: it packs, or it searches, one thing at a time. */
import { parentPort } from 'node:worker_threads';
import type { LogQuery, ToldEntry } from './log-store.ts';
import { newestFirst } from './newest-first.ts';
import { packJob } from './packing.ts';
import { ReadSession } from './read-session.ts';
import {
  type BatchLine,
  batchesAhead,
  type FromThread,
  type SearchRequest,
  type ToThread,
} from './thread-messages.ts';

const batchLines = 512;
const batchBytes = 256 * 1024;
/** Who asked hears at least so often how far it is, and what was found. */
const tellMs = 100;

const port = parentPort;
if (port === null) throw new Error('this is the program of a thread');

let welcome = batchesAhead;
let awaited: (() => void) | null = null;

port.on('message', (message: ToThread) => {
  if (message.kind === 'more') {
    welcome++;
    awaited?.();
    return;
  }
  welcome = batchesAhead;
  act(message).catch((error: unknown) => {
    say({ kind: 'failed', why: error instanceof Error ? error.message : String(error) });
  });
});

function say(message: FromThread, moved: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, moved);
}

async function act(message: Exclude<ToThread, { kind: 'more' }>): Promise<void> {
  if (message.kind === 'search') return await search(message.request);
  const { request, gate } = message;
  const passed = gate === undefined ? undefined : (place: string) => waitAt(place, gate);
  say({ kind: 'packed', answer: await packJob(request, passed) });
}

function waitAt(place: string, gate: Int32Array): void {
  say({ kind: 'passed', place });
  Atomics.wait(gate, 0, 0);
  Atomics.store(gate, 0, 0);
}

async function search({ root, query, lineBytes, live, now }: SearchRequest): Promise<void> {
  const written = new Set(live);
  const never = new AbortController().signal;
  const progress = { bytesRead: 0, bytesToRead: 0 };
  const sessionOf = (asked: LogQuery): ReadSession =>
    new ReadSession(
      asked,
      {
        root,
        lineBytes,
        wall: () => now,
        finished: ({ run }) => !written.has(run),
        live: (run) => written.has(run),
        trouble: (sentence, error) => say({ kind: 'trouble', sentence, why: whyOf(error) }),
        progress: (more) => {
          progress.bytesRead += more.read;
          progress.bytesToRead += more.toRead;
          if (performance.now() - told > tellMs) tell();
        },
      },
      never,
    );
  const batch = new Batch(query.cursors !== false);
  let told = performance.now();
  const tell = (): void => {
    told = performance.now();
    const bytesRead = Math.min(progress.bytesRead, progress.bytesToRead);
    say({ kind: 'progress', bytesRead, bytesToRead: progress.bytesToRead });
    if (batch.lines > 0 && welcome > 0) batch.send();
  };
  const forward = async function* (asked: LogQuery): AsyncGenerator<ToldEntry> {
    const session = sessionOf(asked);
    await session.begin();
    for (let lines = await session.next(); lines !== undefined; lines = await session.next()) yield* lines;
  };
  const lines =
    query.order === 'newest'
      ? newestFirst({
          query,
          now,
          extent: await sessionOf({ ...query, follow: false }).extent(),
          read: forward,
        })
      : forward(query);
  for await (const each of lines) {
    batch.add(each);
    if (batch.isFull) {
      while (welcome <= 0) await room();
      batch.send();
    }
  }
  while (batch.lines > 0 && welcome <= 0) await room();
  progress.bytesRead = progress.bytesToRead;
  tell();
  say({ kind: 'done' });
}

class Batch {
  readonly #cursors: boolean;
  #lines: BatchLine[] = [];
  #texts: Uint8Array[] = [];
  #bytes = 0;

  constructor(cursors: boolean) {
    this.#cursors = cursors;
  }

  get lines(): number {
    return this.#lines.length;
  }

  get isFull(): boolean {
    return this.#lines.length >= batchLines || this.#bytes >= batchBytes;
  }

  add(told: ToldEntry): void {
    const { time, job, run, stream, level, message, continued } = told.entry;
    this.#texts.push(message);
    this.#bytes += message.length;
    this.#lines.push({
      ...{ time, job, run, level },
      stderr: stream === 'stderr',
      continued: continued === true,
      bytes: message.length,
      cursor: this.#cursors ? told.cursor : '',
    });
  }

  send(): void {
    const text = new Uint8Array(this.#bytes);
    let at = 0;
    for (const each of this.#texts) {
      text.set(each, at);
      at += each.length;
    }
    say({ kind: 'batch', lines: this.#lines, text }, [text.buffer]);
    this.#lines = [];
    this.#texts = [];
    this.#bytes = 0;
    welcome--;
  }
}

/** Resolves when another batch may be welcome. */
const room = (): Promise<void> =>
  new Promise((resolve) => {
    awaited = () => {
      awaited = null;
      resolve();
    };
  });

const whyOf = (error: unknown): string =>
  error === null ? '' : error instanceof Error ? error.message : String(error);
