/** What a run's streams are connected to: a log file, or the caller. */
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import type { Clock } from '../../domain/clock.ts';
import { CriLogWriter } from './cri-log-writer.ts';
import { openInputPipe, openOutputPipe, type Pipe, type PipeOwner } from './fifo-pool.ts';
import { OutputReader } from './output-reader.ts';
import type { Timestamps } from './timestamp.ts';

/** How long an end of output is waited for when nothing of the run can be found any more, but somebody still holds its pipes. */
const holderPatienceMs = 2_000;

/** The program's ends, for spawning; closed in the daemon afterwards. */
export interface ProgramEnds {
  readonly stdin: number | 'ignore';
  readonly stdout: number;
  readonly stderr: number;
}

export interface RunOutput {
  readonly ends: ProgramEnds;
  /** Closes the program's ends here and begins to read. */
  begin(): void;
  /** Nightshift's own words to whoever reads the output. */
  say(sentence: string): void;
  /** Resolves when all output has been passed on, or its holder can't be found. */
  drain(): Promise<void>;
  reopen(): Promise<void>;
  /** Undoes the opening, when the program could not be started. */
  abandon(): void;
}

/** Needs two names of pipes. */
export class LoggedOutput implements RunOutput {
  readonly ends: ProgramEnds;
  readonly #writer: CriLogWriter;
  readonly #pipes: readonly [Pipe, Pipe];
  readonly #clock: Clock;
  #readers: readonly OutputReader[] = [];

  constructor(
    path: string,
    names: readonly string[],
    owner: PipeOwner | null,
    clock: Clock,
    times: Timestamps,
  ) {
    this.#clock = clock;
    this.#writer = new CriLogWriter(path, clock, times);
    const [stdout, stderr] = openPipes(names, owner, [openOutputPipe, openOutputPipe]);
    this.#pipes = [stdout as Pipe, stderr as Pipe];
    this.ends = { stdin: 'ignore', stdout: this.#pipes[0].program, stderr: this.#pipes[1].program };
  }

  begin(): void {
    for (const pipe of this.#pipes) closeSync(pipe.program);
    const stdout = new OutputReader(this.#pipes[0].daemon, 'stdout', this.#writer, this.#clock);
    const stderr = new OutputReader(this.#pipes[1].daemon, 'stderr', this.#writer, this.#clock);
    this.#readers = [stdout, stderr];
    this.#writer.onResume = (stream) => (stream === 'stdout' ? stdout : stderr).resume();
  }

  say(sentence: string): void {
    this.#writer.say(sentence);
  }

  async drain(): Promise<void> {
    const ended = Promise.all(this.#readers.map((reader) => reader.ended));
    const cancel = this.#clock.after(holderPatienceMs, () => {
      for (const reader of this.#readers) reader.stop();
    });
    await ended;
    cancel();
    await this.#writer.close();
  }

  reopen(): Promise<void> {
    return this.#writer.reopen();
  }

  abandon(): void {
    for (const pipe of this.#pipes) closeBoth(pipe);
    void this.#writer.close();
  }
}

/** Needs three names of pipes. */
export class AttachedOutput implements RunOutput {
  readonly ends: ProgramEnds;
  readonly stdin: Socket;
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly #pipes: readonly [Pipe, Pipe, Pipe];
  readonly #clock: Clock;
  #sources: readonly { readonly socket: Socket; readonly sink: PassThrough }[] = [];

  /** @param merged With a terminal, stderr is the terminal too. */
  constructor(names: readonly string[], owner: PipeOwner | null, clock: Clock, merged: boolean) {
    this.#clock = clock;
    const pipes = openPipes(names, owner, [openInputPipe, openOutputPipe, openOutputPipe]);
    this.#pipes = pipes as [Pipe, Pipe, Pipe];
    const [stdin, stdout, stderr] = this.#pipes;
    this.stdin = new Socket({ fd: stdin.daemon, readable: false, writable: true });
    this.ends = {
      stdin: stdin.program,
      stdout: stdout.program,
      stderr: merged ? stdout.program : stderr.program,
    };
  }

  begin(): void {
    const [stdin, stdout, stderr] = this.#pipes;
    for (const pipe of [stdin, stdout, stderr]) closeSync(pipe.program);
    // The program may end without reading its input: that is no error of ours (EPIPE).
    this.stdin.on('error', () => this.stdin.destroy());
    this.#sources = [connect(stdout, this.stdout), connect(stderr, this.stderr)];
  }

  say(sentence: string): void {
    this.stderr.write(`nightshift: ${sentence}\n`);
  }

  /** A slow reader keeps what it has not read yet; only a pipe that is held open with nothing to say is let go. */
  async drain(): Promise<void> {
    this.stdin.destroy();
    await Promise.all(this.#sources.map((source) => this.#ended(source)));
  }

  #ended({ socket, sink }: { readonly socket: Socket; readonly sink: PassThrough }): Promise<void> {
    if (socket.destroyed || socket.readableEnded) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#clock.after(holderPatienceMs, () => {
        const readerIsSlow = socket.readableLength > 0 || sink.readableLength > 0;
        if (!readerIsSlow) {
          socket.destroy();
          sink.end();
        }
        resolve();
      });
      socket.once('close', () => {
        cancel();
        resolve();
      });
    });
  }

  reopen(): Promise<void> {
    return Promise.resolve();
  }

  abandon(): void {
    const [stdin, stdout, stderr] = this.#pipes;
    closeSync(stdin.program);
    this.stdin.destroy();
    for (const pipe of [stdout, stderr]) closeBoth(pipe);
  }
}

function connect(pipe: Pipe, sink: PassThrough): { readonly socket: Socket; readonly sink: PassThrough } {
  const socket = new Socket({ fd: pipe.daemon, readable: true, writable: false });
  socket.on('error', () => socket.destroy());
  socket.pipe(sink);
  // A reader that closes its end closes the program's: its next write fails, as in any pipe.
  sink.once('close', () => socket.destroy());
  return { socket, sink };
}

type Opener = (name: string, owner: PipeOwner | null) => Pipe;

/** Opens all or none. */
function openPipes(names: readonly string[], owner: PipeOwner | null, openers: readonly Opener[]): Pipe[] {
  const opened: Pipe[] = [];
  try {
    for (const [index, opener] of openers.entries()) opened.push(opener(names[index] as string, owner));
    return opened;
  } catch (error) {
    for (const pipe of opened) closeBoth(pipe);
    throw error;
  }
}

function closeBoth(pipe: Pipe): void {
  closeSync(pipe.program);
  closeSync(pipe.daemon);
}
