/**
 * Writes a run's output to its log file. Memory is bounded whatever the program does: at most {@link blocksPerRun} blocks
 * wait for the disk, then the reader is told to pause, and the program waits in its own write() as it would for a slow
 * terminal. When the disk refuses, output is dropped and the log says how much, rather than holding the job up for ever.
 */
import { close, closeSync, constants, openSync, write } from 'node:fs';
import type { Clock } from '../../domain/clock.ts';
import { CriBlock, RecordHead } from './cri-block.ts';
import type { Timestamps } from './timestamp.ts';

type Stream = 'stdout' | 'stderr';

const blockBytes = 128 * 1024;
/** One is written while the other is filled. */
const blocksPerRun = 2;
/** Blocks kept for reuse by all runs together; idle runs hold none. */
const spareBlocks = 8;
const spares: CriBlock[] = [];

/** A write costs a thread's attention: soon after the last one, less than this waits for more to come. */
const worthWritingBytes = 32 * 1024;
const soonMs = 1;

/** As conmon makes its log files. */
const fileMode = 0o600;
const fileFlags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;

export class CriLogWriter {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #timestamps: Timestamps;
  readonly #heads = { stdout: new RecordHead('stdout'), stderr: new RecordHead('stderr') };
  /** Called when a stream whose `append` answered false can go on. */
  onResume: (stream: Stream) => void = () => undefined;
  #file: number;
  #filling: CriBlock | null = null;
  readonly #full: CriBlock[] = [];
  #writing: CriBlock | null = null;
  /** Input that had no room, by stream; its reader pauses meanwhile. */
  readonly #rest = new Map<Stream, Uint8Array>();
  readonly #afterWrite: (() => void)[] = [];
  #lostBytes = 0;
  #lostWhy = '';
  /** The file ends in the middle of a record: the next write begins a new line. */
  #torn = false;
  #closed = false;
  #wroteAt = Number.NEGATIVE_INFINITY;
  #cancelFlush: (() => void) | null = null;

  /** Opens the file; throws what the file system says. */
  constructor(path: string, clock: Clock, timestamps: Timestamps) {
    this.#path = path;
    this.#clock = clock;
    this.#timestamps = timestamps;
    this.#file = openSync(path, fileFlags, fileMode);
  }

  /** Takes a chunk, which the caller may reuse afterwards. False: pause this stream until `onResume`. */
  append(stream: Stream, chunk: Uint8Array): boolean {
    const rest = this.#rest.get(stream);
    if (rest !== undefined) {
      this.#rest.set(stream, Buffer.concat([rest, chunk]));
      return false;
    }
    const from = this.#frame(stream, chunk);
    const complete = from === chunk.length;
    if (!complete) this.#rest.set(stream, Uint8Array.prototype.slice.call(chunk, from));
    this.#pumpWhenWorthwhile();
    return complete;
  }

  /** A line of Nightshift's own, among what the program says on stderr. */
  say(sentence: string): void {
    this.append('stderr', Buffer.from(`nightshift: ${sentence}\n`));
  }

  /** Goes on in a new file at the same path, after the old one was renamed; resolves when the new one is there. */
  reopen(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#betweenWrites(() => {
        try {
          const file = openSync(this.#path, fileFlags, fileMode);
          close(this.#file, () => undefined);
          this.#file = file;
          this.#torn = false;
          resolve();
        } catch (error) {
          // The old file is still open, so nothing is lost; the caller decides whether to try again.
          reject(error);
        }
      });
    });
  }

  /** Resolves when everything taken so far has been handed to the file system. */
  async written(): Promise<void> {
    for (this.#pump(); this.#writing !== null; this.#pump())
      await new Promise<void>((resolve) => this.#afterWrite.push(resolve));
  }

  /** Writes what is left and closes the file; nothing may be appended afterwards. */
  async close(): Promise<void> {
    if (this.#closed) return;
    await this.written();
    this.#closed = true;
    closeSync(this.#file);
  }

  #betweenWrites(act: () => void): void {
    if (this.#writing === null) act();
    else this.#afterWrite.push(act);
  }

  #frame(stream: Stream, chunk: Uint8Array): number {
    this.#timestamps.read();
    const head = this.#heads[stream].stamp(this.#timestamps.bytes);
    let from = 0;
    while (from < chunk.length) {
      if (this.#filling === null) {
        if (this.#held() >= blocksPerRun) return from;
        this.#filling = takeBlock();
      }
      from = this.#filling.frame(chunk, from, head);
      if (from < chunk.length) {
        this.#full.push(this.#filling);
        this.#filling = null;
      }
    }
    return from;
  }

  #held(): number {
    return this.#full.length + (this.#filling === null ? 0 : 1) + (this.#writing === null ? 0 : 1);
  }

  /** At once where little is written, in blocks worth writing where much is. */
  #pumpWhenWorthwhile(): void {
    const waits =
      this.#full.length === 0 &&
      (this.#filling?.length ?? 0) < worthWritingBytes &&
      this.#clock.monotonic() - this.#wroteAt < soonMs;
    if (!waits) this.#pump();
    else
      this.#cancelFlush ??= this.#clock.after(soonMs, () => {
        this.#cancelFlush = null;
        this.#pump();
      });
  }

  #pump(): void {
    if (this.#writing !== null) return;
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    const block = this.#full.shift() ?? this.#filling;
    if (block === null) return;
    if (block === this.#filling) this.#filling = null;
    this.#writing = block;
    if (this.#torn || this.#lostBytes > 0) this.#writeNotice(block);
    else this.#write(block, block.bytes, 0, block.length);
  }

  #write(block: CriBlock, bytes: Uint8Array, from: number, to: number): void {
    write(this.#file, bytes, from, to - from, null, (error, count) => {
      if (error !== null) {
        this.#lose(block, error, from > 0 && bytes === block.bytes);
        this.#wrote(block);
      } else if (from + count < to) this.#write(block, bytes, from + count, to);
      else this.#wrote(block);
    });
  }

  /** After a loss: first ends the torn record and says what is missing, then goes on with the block. */
  #writeNotice(block: CriBlock): void {
    const time = this.#timestamps.now();
    const said = `${time} stderr F nightshift: up to ${this.#lostBytes} bytes of output were lost here: ${this.#lostWhy}\n`;
    const notice = Buffer.from((this.#torn ? '\n' : '') + said);
    write(this.#file, notice, 0, notice.length, null, (error, count) => {
      if (error === null && count === notice.length) {
        this.#lostBytes = 0;
        this.#torn = false;
        this.#write(block, block.bytes, 0, block.length);
        return;
      }
      // Also when the notice itself was cut, the next try begins on a line of its own.
      this.#lose(block, error ?? new Error('the disk is full'), error === null && count > 0);
      this.#wrote(block);
    });
  }

  #lose(block: CriBlock, error: Error, torn: boolean): void {
    this.#lostBytes += block.carried;
    this.#lostWhy = error.message;
    this.#torn ||= torn;
  }

  #wrote(block: CriBlock): void {
    giveBlock(block);
    this.#writing = null;
    this.#wroteAt = this.#clock.monotonic();
    for (const act of this.#afterWrite.splice(0)) act();
    for (const [stream, rest] of [...this.#rest]) {
      const from = this.#frame(stream, rest);
      if (from < rest.length) {
        this.#rest.set(stream, rest.subarray(from));
        break;
      }
      this.#rest.delete(stream);
      this.onResume(stream);
    }
    this.#pumpWhenWorthwhile();
  }
}

function takeBlock(): CriBlock {
  return spares.pop() ?? new CriBlock(blockBytes);
}

function giveBlock(block: CriBlock): void {
  block.clear();
  if (spares.length < spareBlocks) spares.push(block);
}
