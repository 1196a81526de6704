/** One call of a program outside: with a time limit, its output bounded, and nothing thrown. */
import { spawn } from 'node:child_process';
import type { Clock } from '../../domain/clock.ts';

export interface CommandResult {
  /** Null when it could not be started, or was ended because its time was up. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

const outputBytesMax = 65_536;

export function runCommand(
  clock: Clock,
  program: string,
  words: readonly string[],
  timeoutMs: number,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: commandEnvironment });
    const output = { stdout: '', stderr: '' };
    let timedOut = false;
    let code: number | null = null;
    let done = false;
    const finish = (): void => {
      if (done) return;
      done = true;
      cancelTimeout();
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ code, ...output, timedOut });
    };
    const cancelTimeout = clock.after(timeoutMs, () => {
      timedOut = true;
      child.kill('SIGKILL');
    });
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (chunk: Buffer) => {
        if (output[stream].length < outputBytesMax) output[stream] += chunk.toString('utf8');
      });
    }
    child.on('error', (error) => {
      output.stderr += error.message;
      finish();
    });
    // Not 'close' alone: what the program forked may hold its output open for ever.
    child.on('exit', (status) => {
      code = timedOut ? null : status;
      clock.after(50, finish);
    });
    child.on('close', finish);
  });
}

/** What programs of ours see of the environment: nothing of the daemon's own. */
export const commandEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  TZ: 'UTC',
  LC_ALL: 'C',
};
