/**
 * The threads in which the log store does what takes long: a few at most, begun when they are needed and ended when they
 * have had nothing to do for a while. Who leaves in the middle has its thread ended: at once, whatever it is at.
 */
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LogQuery } from './log-store.ts';
import type { PackingAnswer, PackingRequest } from './packing.ts';
import type { FromThread, Progress, SearchRequest, ToThread } from './thread-messages.ts';

const program = join(import.meta.dirname, `log-thread${extname(import.meta.filename)}`);
const threadsMax = 3;
const idleMs = 10_000;
/** What one of them may hold of JavaScript's memory. */
const heapMegabytes = 192;

export type Found = Extract<FromThread, { kind: 'batch' }>;

export class LogThreads {
  readonly #idle = new Map<Worker, NodeJS.Timeout>();
  readonly #busy = new Set<Worker>();
  readonly #waiting: (() => void)[] = [];
  #closed = false;
  readonly #packingAt: ((place: string) => void) | undefined;

  /** `packingAt` is told each place that packing passes, which waits there meanwhile. */
  constructor(packingAt?: (place: string) => void) {
    this.#packingAt = packingAt;
  }

  /** Rejects when the thread failed, or was ended. */
  async pack(request: PackingRequest): Promise<PackingAnswer> {
    const gate = this.#packingAt && new Int32Array(new SharedArrayBuffer(4));
    const talk = await this.#talk({ kind: 'pack', request, ...(gate && { gate }) });
    try {
      for await (const message of talk.messages) {
        if (message.kind === 'passed' && gate) {
          this.#packingAt?.(message.place);
          Atomics.store(gate, 0, 1);
          Atomics.notify(gate, 0);
        }
        if (message.kind === 'packed') {
          talk.over();
          return message.answer;
        }
        if (message.kind === 'failed') {
          talk.over();
          throw new Error(message.why);
        }
      }
      throw new Error('the thread ended');
    } finally {
      talk.leave();
    }
  }

  /** What is found, as it is found. Ending the iteration, or the signal, ends the search. */
  async *search(
    request: Omit<SearchRequest, 'query'> & { readonly query: LogQuery },
    signal: AbortSignal,
    hear: { readonly progress: (progress: Progress) => void; readonly trouble: (sentence: string) => void },
  ): AsyncGenerator<Found> {
    const talk = await this.#talk({ kind: 'search', request }, signal);
    try {
      for await (const message of talk.messages) {
        if (message.kind === 'batch') {
          yield message;
          talk.say({ kind: 'more' });
        } else if (message.kind === 'progress') hear.progress(message);
        else if (message.kind === 'trouble')
          hear.trouble(message.why === '' ? message.sentence : `${message.sentence}: ${message.why}`);
        else if (message.kind === 'done') return talk.over();
        else if (message.kind === 'failed') {
          talk.over();
          throw new Error(message.why);
        }
      }
      if (!signal.aborted) throw new Error('the search was broken off');
    } finally {
      talk.leave();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const wake of this.#waiting.splice(0)) wake();
    for (const timer of this.#idle.values()) clearTimeout(timer);
    await Promise.all([...this.#idle.keys(), ...this.#busy].map((worker) => worker.terminate()));
  }

  async #talk(first: ToThread, signal?: AbortSignal) {
    const worker = await this.#take(signal);
    const messages = worker === undefined ? nothing() : messagesOf(worker, signal);
    let over = false;
    let left = false;
    worker?.postMessage(first);
    return {
      messages,
      say: (message: ToThread) => worker?.postMessage(message),
      /** It has done what it was asked for. */
      over: () => {
        over = true;
      },
      leave: () => {
        if (left || worker === undefined) return;
        left = true;
        this.#giveBack(worker, over);
      },
    };
  }

  /** Undefined when nothing is to be begun any more. */
  async #take(signal: AbortSignal | undefined): Promise<Worker | undefined> {
    while (this.#busy.size >= threadsMax && !this.#closed && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    if (this.#closed || signal?.aborted === true) return undefined;
    const [known] = this.#idle;
    if (known !== undefined) {
      clearTimeout(known[1]);
      this.#idle.delete(known[0]);
      this.#busy.add(known[0]);
      known[0].ref();
      return known[0];
    }
    const worker = new Worker(program, {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    });
    worker.on('error', () => undefined); // who waits for it hears that it ended
    worker.once('exit', () => {
      clearTimeout(this.#idle.get(worker));
      this.#idle.delete(worker);
      this.#busy.delete(worker);
    });
    this.#busy.add(worker);
    return worker;
  }

  #giveBack(worker: Worker, whole: boolean): void {
    this.#busy.delete(worker);
    if (whole && !this.#closed) {
      worker.unref();
      const timer = setTimeout(() => void worker.terminate(), idleMs);
      timer.unref();
      this.#idle.set(worker, timer);
    } else void worker.terminate();
    // One of them may have left meanwhile: each looks again.
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** Ends when the thread ends, or the signal says so. */
async function* messagesOf(worker: Worker, signal: AbortSignal | undefined): AsyncGenerator<FromThread> {
  const queue: FromThread[] = [];
  let ended = signal?.aborted === true;
  let wake: (() => void) | null = null;
  const onMessage = (message: FromThread): void => {
    queue.push(message);
    wake?.();
  };
  const onEnd = (): void => {
    ended = true;
    wake?.();
  };
  worker.on('message', onMessage);
  worker.once('exit', onEnd);
  signal?.addEventListener('abort', onEnd, { once: true });
  try {
    for (;;) {
      if (signal?.aborted === true) return;
      const message = queue.shift();
      if (message !== undefined) yield message;
      else if (ended) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    worker.off('message', onMessage);
    worker.off('exit', onEnd);
    signal?.removeEventListener('abort', onEnd);
  }
}

async function* nothing(): AsyncGenerator<FromThread> {
  // Nobody is there to say anything.
}
