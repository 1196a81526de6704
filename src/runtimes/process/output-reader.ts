import { Socket } from 'node:net';
import type { Clock } from '../../domain/clock.ts';
import type { CriLogWriter } from './cri-log-writer.ts';

/** Shared by all readers: a chunk is framed before the next one is read, so that an idle run holds no buffer. */
const chunk = Buffer.from(new ArrayBuffer(64 * 1024));

/**
 * A program that writes each line by itself, thousands of times in a second, would wake the daemon for each: after so
 * many small reads in a row the pipe is left alone for a moment, and fills. That is faster for both.
 */
const smallBytes = 1024;
const smallReadsInARow = 16;
const restMs = 1;

/** Reads one stream of a run from the daemon's end of its pipe into its log, no faster than the log takes it. */
export class OutputReader {
  readonly #socket: Socket;
  readonly #clock: Clock;
  #smallReads = 0;
  #readAt = Number.NEGATIVE_INFINITY;
  #logIsFull = false;
  #rests = false;
  /** Resolves when the pipe has ended: everybody who held it is gone, or `stop` was called. */
  readonly ended: Promise<void>;

  constructor(fd: number, stream: 'stdout' | 'stderr', writer: CriLogWriter, clock: Clock) {
    this.#clock = clock;
    this.#socket = new Socket({
      fd,
      readable: true,
      writable: false,
      onread: {
        buffer: chunk,
        callback: (count) => {
          this.#logIsFull = !writer.append(stream, chunk.subarray(0, count));
          this.#rests = this.#wantsRest(count);
          return !this.#logIsFull && !this.#rests;
        },
      },
    } as ConstructorParameters<typeof Socket>[0]);
    this.ended = new Promise((resolve) => this.#socket.once('close', () => resolve()));
    // An error on our end of a pipe is its end; 'close' follows.
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.resume();
  }

  /** The log takes more. */
  resume(): void {
    this.#logIsFull = false;
    if (!this.#rests) this.#socket.resume();
  }

  /** Lets go of the pipe, whoever else holds it. */
  stop(): void {
    this.#socket.destroy();
  }

  #wantsRest(count: number): boolean {
    const now = this.#clock.monotonic();
    const inARow = count < smallBytes && now - this.#readAt < restMs;
    this.#readAt = now;
    this.#smallReads = inARow ? this.#smallReads + 1 : 0;
    if (this.#smallReads < smallReadsInARow) return false;
    this.#clock.after(restMs, () => {
      this.#rests = false;
      if (!this.#logIsFull) this.#socket.resume();
    });
    return true;
  }
}
