import { PassThrough } from 'node:stream';
import type { Clock } from '../../domain/clock.ts';
import type { AttachedStreams, Output } from '../runtime.ts';

/** Where a scripted program's words go: records in memory, or the streams of an attached run. */
export class FakeOutput {
  readonly streams: AttachedStreams | null;
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #log: (path: string, record: Buffer) => void;
  readonly #stdout = new PassThrough();
  readonly #stderr = new PassThrough();

  constructor(output: Output, clock: Clock, log: (path: string, record: Buffer) => void) {
    this.#output = output;
    this.#clock = clock;
    this.#log = log;
    this.streams =
      output.kind === 'log'
        ? null
        : {
            stdin: new PassThrough().resume(),
            stdout: this.#stdout,
            stderr: this.#stderr,
            resize: () => undefined,
          };
  }

  print(stream: 'stdout' | 'stderr', text: string): void {
    if (this.#output.kind === 'attached') {
      (stream === 'stdout' ? this.#stdout : this.#stderr).write(text);
      return;
    }
    const time = new Date(this.#clock.wall()).toISOString().replace('Z', '000000Z');
    for (const line of text.split(/(?<=\n)/)) {
      const mark = line.endsWith('\n') ? 'F' : 'P';
      this.#log(this.#output.path, Buffer.from(`${time} ${stream} ${mark} ${line.replace(/\n$/, '')}\n`));
    }
  }

  end(): void {
    this.#stdout.end();
    this.#stderr.end();
  }
}
