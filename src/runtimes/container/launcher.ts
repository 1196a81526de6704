/**
 * Starts programs that are born outside all limits: a shell of ours stands in the monitors' control group, and what it
 * starts stands there from its first moment. To move a process that runs already costs a grace period of the
 * kernel, 5 to 15 ms of each start; so only the shell is moved, once.
 *
 * The shell reads command lines from a pipe and ends when the daemon does. What it started does not.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { commandEnvironment } from './command.ts';

export class Launcher {
  readonly #place: (pid: number) => Promise<void>;
  #shell: Promise<ChildProcess> | undefined;

  /** `place` moves a process to the monitors' group. */
  constructor(place: (pid: number) => Promise<void>) {
    this.#place = place;
  }

  /** Hands a line to the shell. Rejects when there can be no shell. */
  async run(line: string): Promise<void> {
    this.#shell ??= this.#open();
    const shell = await this.#shell;
    await new Promise<void>((resolve, reject) => {
      shell.stdin?.write(`${line}\n`, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** For a shell that is held up: the next line gets a new one. */
  async renew(): Promise<void> {
    const shell = await this.#shell?.catch(() => undefined);
    shell?.kill('SIGKILL');
  }

  /** Resolves when the shell has ended. */
  async close(): Promise<void> {
    const shell = await this.#shell?.catch(() => undefined);
    if (shell === undefined || shell.exitCode !== null || shell.signalCode !== null) return;
    const ended = once(shell, 'exit');
    shell.ref();
    shell.stdin?.end();
    await ended;
  }

  async #open(): Promise<ChildProcess> {
    const shell = spawn('/bin/sh', [], {
      cwd: '/',
      env: commandEnvironment,
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    const forget = (): void => {
      this.#shell = undefined;
    };
    shell.once('exit', forget);
    // A line that can't be written rejects its own promise.
    shell.stdin.on('error', forget);
    try {
      if (shell.pid === undefined) throw (await once(shell, 'error'))[0];
      await this.#place(shell.pid);
    } catch (error) {
      forget();
      shell.kill('SIGKILL');
      throw error;
    }
    shell.unref();
    return shell;
  }
}

/** One word of a shell's command line. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
