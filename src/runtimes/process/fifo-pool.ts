/**
 * Pipes between a program and the daemon. Node makes its own with socketpair(2), and a program that opens `/dev/stdout`
 * or `/dev/stderr` by name, as shell scripts and web servers do, fails on a socket (ENXIO). So each stream is a named
 * pipe, opened at both ends and its name removed before the program starts. Names are made by `mkfifo(1)` in batches,
 * ahead of time: a start costs no process but its own.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fchownSync, mkdirSync, openSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const batch = 64;
const refillBelow = 24;

/** Both ends of a pipe: the program's blocks, as programs expect; the daemon's doesn't. */
export interface Pipe {
  readonly program: number;
  readonly daemon: number;
}

export interface PipeOwner {
  readonly uid: number;
  readonly gid: number;
}

export class FifoPool {
  readonly #folder: string;
  readonly #prefix = randomBytes(6).toString('hex');
  #made = 0;
  readonly #names: string[] = [];
  #wanted = 0;
  #filling: Promise<void> | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Removes what a killed daemon left, and makes the first batch. */
  async open(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
    this.#names.length = 0;
    await this.#fill();
  }

  /** Makes sure that so many pipes can be opened without waiting. Rejects when they can't be made. */
  async reserve(count: number): Promise<string[]> {
    this.#wanted += count;
    try {
      while (this.#names.length < count) await this.#fill();
    } finally {
      this.#wanted -= count;
    }
    const names = this.#names.splice(-count);
    if (this.#names.length < refillBelow) {
      // A failure shows when somebody needs the pipes that were not made.
      this.#fill().catch(() => undefined);
    }
    return names;
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    this.#names.length = 0;
  }

  #fill(): Promise<void> {
    this.#filling ??= this.#make().finally(() => {
      this.#filling = null;
    });
    return this.#filling;
  }

  async #make(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const names: string[] = [];
    for (let i = 0; i < Math.max(batch, 2 * this.#wanted); i++)
      names.push(join(this.#folder, `${this.#prefix}-${this.#made++}`));
    await promisify(execFile)('mkfifo', ['-m', '600', ...names]);
    this.#names.push(...names);
  }
}

/** Opens a pipe from the program to the daemon; it belongs to `owner`, so that the program may open it again by name. */
export function openOutputPipe(name: string, owner: PipeOwner | null): Pipe {
  const daemon = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
  return openOther(name, daemon, constants.O_WRONLY, owner);
}

/** Opens a pipe from the daemon to the program. */
export function openInputPipe(name: string, owner: PipeOwner | null): Pipe {
  // Opened for both first, so that neither of the others waits for its counterpart.
  const both = openSync(name, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    const daemon = openSync(name, constants.O_WRONLY | constants.O_NONBLOCK);
    return openOther(name, daemon, constants.O_RDONLY, owner);
  } finally {
    closeSync(both);
  }
}

function openOther(name: string, daemon: number, flags: number, owner: PipeOwner | null): Pipe {
  try {
    const program = openSync(name, flags);
    if (owner !== null) fchownSync(program, owner.uid, owner.gid);
    unlinkSync(name);
    return { program, daemon };
  } catch (error) {
    closeSync(daemon);
    throw error;
  }
}
