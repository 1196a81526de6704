/**
 * What a session writes: two streams that share one channel. Both go at the client's pace, and nothing is held here beyond
 * what is being written.
 *
 * ssh2 keeps the rest of a write that the client's window has no room for, forgets to forget it, and mixes up the rests
 * of stdout and stderr. So one write at a time is under way over both streams, and its rest is forgotten here.
 */
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { ServerChannel } from 'ssh2';

/** ssh2's own fields for the rest of a write. */
interface Rests {
  _chunk?: unknown;
  _chunkcb?: unknown;
  _chunkErr?: unknown;
  _chunkcbErr?: unknown;
}

/** Written to the socket and not taken yet by the kernel; beyond it, writers wait. */
const socketBufferBytes = 256 * 1024;
const pieceBytes = 32 * 1024;

type Write = (piece: Buffer, written: () => void) => unknown;

export class ChannelOutput {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly #channel: ServerChannel;
  readonly #socket: Socket;
  readonly #gone: Promise<void>;
  #isGone = false;
  #turn: Promise<void> = Promise.resolve();

  /** @param left aborts when the client has left the session: what is written then is thrown away */
  constructor(channel: ServerChannel, socket: Socket, left: AbortSignal) {
    this.#channel = channel;
    this.#socket = socket;
    this.#gone = new Promise((resolve) => {
      const gone = (): void => {
        this.#isGone = true;
        resolve();
      };
      if (left.aborted) gone();
      else left.addEventListener('abort', gone, { once: true });
    });
    this.stdout = this.#stream((piece, written) => channel.write(piece, written));
    this.stderr = this.#stream((piece, written) => channel.stderr.write(piece, written));
  }

  /** Bytes that wait for the client. */
  get waitingBytes(): number {
    return this.stdout.writableLength + this.stderr.writableLength;
  }

  /** Resolves when all that was written is with the client's kernel, or the client has left. */
  async flushed(): Promise<void> {
    // With the end of each write the streams hand on what has gathered meanwhile.
    for (let turn: Promise<void> | null = null; turn !== this.#turn; ) {
      turn = this.#turn;
      await turn;
    }
    await this.#socketTakes();
  }

  #stream(write: Write): Writable {
    return new Writable({
      highWaterMark: socketBufferBytes,
      decodeStrings: true,
      write: (bytes: Buffer, _encoding, done) => this.#next(bytes, write, done),
      // What gathered meanwhile goes together: a packet for each line of a log would cost more than the line.
      writev: (all, done) => this.#next(Buffer.concat(all.map(({ chunk }) => chunk as Buffer)), write, done),
    });
  }

  #next(bytes: Buffer, write: Write, done: () => void): void {
    this.#turn = this.#turn.then(() => this.#pieces(bytes, write));
    void this.#turn.then(() => done());
  }

  async #pieces(bytes: Buffer, write: Write): Promise<void> {
    for (let start = 0; start < bytes.length && !this.#isGone; start += pieceBytes) {
      const written = new Promise<void>((resolve) => {
        write(bytes.subarray(start, start + pieceBytes), resolve);
      });
      await Promise.race([written, this.#gone]);
      const rests = this.#channel as Rests;
      for (const rest of ['_chunk', '_chunkcb', '_chunkErr', '_chunkcbErr'] as const) rests[rest] = undefined;
      if (this.#socket.writableLength > socketBufferBytes) await this.#socketTakes();
    }
  }

  async #socketTakes(): Promise<void> {
    if (this.#isGone || !this.#socket.writableNeedDrain) return;
    await Promise.race([new Promise<void>((resolve) => this.#socket.once('drain', resolve)), this.#gone]);
  }
}
