/** Writes files as conmon does, for the tests of this room. */
import { appendFileSync, closeSync, openSync, writeSync } from 'node:fs';

/** `2026-11-22T12:00:00.123456789+00:00` for a wall time in ms; `nanos` are added. */
export function criTime(ms: number, nanos = 0): string {
  const whole = Math.floor(ms);
  const fraction = Math.round((ms - whole) * 1e6) + nanos;
  return `${new Date(whole).toISOString().slice(0, 23)}${String(fraction).padStart(6, '0')}+00:00`;
}

export const record = (
  ms: number,
  stream: 'stdout' | 'stderr',
  tag: 'P' | 'F',
  text: string | Uint8Array,
): Buffer =>
  Buffer.concat([Buffer.from(`${criTime(ms)} ${stream} ${tag} `), Buffer.from(text as string), newline]);

const newline = Buffer.from('\n');

/** The records that conmon writes for one read of its pipe: one for each line, P for what lacks its newline. */
export function recordsOfRead(ms: number, stream: 'stdout' | 'stderr', bytes: Uint8Array): Buffer {
  const read = Buffer.from(bytes);
  const records: Buffer[] = [];
  for (let from = 0; from < read.length; ) {
    const end = read.indexOf(10, from);
    const stop = end < 0 ? read.length : end;
    records.push(record(ms, stream, end < 0 ? 'P' : 'F', read.subarray(from, stop)));
    from = stop + 1;
  }
  return Buffer.concat(records);
}

/** A writer of one run's file that goes on in a new file when it is asked to, at the next line that it writes. */
export class CriWriter {
  readonly path: string;
  #file: number;
  #reopen: (() => void)[] = [];
  /** How often it was asked for a new file. */
  asked = 0;

  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, 'a', 0o600);
  }

  /** As conmon does it: a new file replaces whatever is at the path. */
  readonly reopen = (): Promise<void> => {
    this.asked++;
    return new Promise((resolve) => this.#reopen.push(resolve));
  };

  write(bytes: Uint8Array): void {
    const asked = this.#reopen.splice(0);
    for (const resolve of asked) {
      closeSync(this.#file);
      this.#file = openSync(this.path, 'w', 0o600);
      resolve();
    }
    writeSync(this.#file, bytes);
  }

  line(text: string, ms = Date.now(), stream: 'stdout' | 'stderr' = 'stdout'): void {
    this.write(record(ms, stream, 'F', text));
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** One file at once. */
export const writeRun = (path: string, records: readonly Buffer[]): void =>
  appendFileSync(path, Buffer.concat(records));
