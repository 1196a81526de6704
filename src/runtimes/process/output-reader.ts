import { Socket } from 'node:net';
import type { CriLogWriter } from './cri-log-writer.ts';

/** Shared by all readers: a chunk is framed before the next one is read, so that an idle run holds no buffer. */
const chunk = Buffer.from(new ArrayBuffer(64 * 1024));

/** Reads one stream of a run from the daemon's end of its pipe into its log, no faster than the log takes it. */
export class OutputReader {
  readonly #socket: Socket;
  /** Resolves when the pipe has ended: everybody who held it is gone, or `stop` was called. */
  readonly ended: Promise<void>;

  constructor(fd: number, stream: 'stdout' | 'stderr', writer: CriLogWriter) {
    this.#socket = new Socket({
      fd,
      readable: true,
      writable: false,
      onread: {
        buffer: chunk,
        callback: (count) => writer.append(stream, chunk.subarray(0, count)),
      },
    } as ConstructorParameters<typeof Socket>[0]);
    this.ended = new Promise((resolve) => this.#socket.once('close', () => resolve()));
    // An error on our end of a pipe is its end; 'close' follows.
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.resume();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Lets go of the pipe, whoever else holds it. */
  stop(): void {
    this.#socket.destroy();
  }
}
