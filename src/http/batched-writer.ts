import type { Writable } from 'node:stream';

/** So much is gathered before it is written without waiting for more. */
const batchBytes = 64 * 1024;

/**
 * Writes many small lines as few large pieces: what comes within one turn of the event loop goes out together.
 * Holds one batch at most; who writes has to wait for the promise that {@link write} answers.
 */
export class BatchedWriter {
  readonly #out: Writable;
  #lines: Uint8Array[] = [];
  #bytes = 0;
  #timer: NodeJS.Immediate | undefined;
  #drained: Promise<void> | undefined;

  constructor(out: Writable) {
    this.#out = out;
  }

  /** A promise when the reader has to catch up first: write nothing before it resolves. It also resolves when the reader has gone. */
  write(line: Uint8Array): Promise<void> | undefined {
    this.#lines.push(line);
    this.#bytes += line.length;
    if (this.#bytes >= batchBytes) this.flush();
    else this.#timer ??= setImmediate(() => this.flush());
    return this.#drained;
  }

  flush(): void {
    clearImmediate(this.#timer);
    this.#timer = undefined;
    if (this.#bytes === 0 || this.#out.destroyed) return;
    const batch = Buffer.concat(this.#lines, this.#bytes);
    this.#lines = [];
    this.#bytes = 0;
    const more = this.#out.write(batch);
    this.#drained = (more ? turn() : this.#drain()).then(() => {
      this.#drained = undefined;
    });
  }

  #drain(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#out.off('drain', done);
        this.#out.off('close', done);
        // Also when everything goes on at once: others get their turn of the event loop.
        setImmediate(resolve);
      };
      this.#out.on('drain', done);
      this.#out.on('close', done);
    });
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
