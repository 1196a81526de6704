/**
 * Runs whose output goes to the caller: the OCI runtime itself stands between, as our child, and they end with us.
 *
 * A terminal is made by util-linux' `script`: Node can't open one, and the runtime's console socket needs a file
 * descriptor to be received, which Node can't either. The runtime takes over script's terminal and gives the run one of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readlinkSync, watch } from 'node:fs';
import { basename } from 'node:path';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import type { Clock } from '../../domain/clock.ts';
import type { Exit } from '../../domain/run.ts';
import type { AttachedStreams, TerminalSize } from '../runtime.ts';
import { commandEnvironment, runCommand } from './command.ts';
import { exitOfStatus } from './exit-report.ts';
import { quoted } from './launcher.ts';
import { childrenOf, identify, type ProcessIdentity, readText } from './processes.ts';
import type { BundlePaths } from './state-folder.ts';

export interface AttachedStart {
  readonly clock: Clock;
  readonly ociRuntime: string;
  /** Its words up to the container's id. */
  readonly words: readonly string[];
  readonly bundle: BundlePaths;
  readonly terminal: TerminalSize | null;
  readonly timeoutMs: number;
}

export type Attached =
  | {
      readonly ok: true;
      readonly init: ProcessIdentity;
      readonly streams: AttachedStreams;
      readonly ended: Promise<Exit>;
    }
  | { readonly ok: false; readonly message: string };

/** Never rejects. */
export async function startAttached(start: AttachedStart): Promise<Attached> {
  const child = spawnAttached(start);
  const ended = new Promise<Exit>((resolve) => {
    child.once('error', (error) => resolve({ kind: 'unknown', why: error.message }));
    child.once('exit', (code) =>
      resolve(
        code === null
          ? { kind: 'unknown', why: 'the OCI runtime of the run was killed' }
          : exitOfStatus(code),
      ),
    );
  });
  const pid = await pidFromFile(start, ended);
  if (pid === undefined) {
    child.kill('SIGKILL');
    return { ok: false, message: await lastWords(start.clock, child) };
  }
  // A program that ended this soon leaves nobody to name; start time 0 matches no process.
  const init = identify(pid) ?? { pid, startTime: 0 };
  return { ok: true, init, streams: streamsOf(start, child), ended };
}

function spawnAttached(start: AttachedStart): ChildProcess {
  const { terminal } = start;
  if (terminal === null) {
    return spawn(start.ociRuntime, start.words, {
      cwd: start.bundle.folder,
      env: commandEnvironment,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
  }
  // Raw and without echo, because the run's own terminal does all that.
  const size = `stty raw -echo rows ${Math.trunc(terminal.rows)} cols ${Math.trunc(terminal.columns)}`;
  const line = `${size}; exec ${[start.ociRuntime, ...start.words].map(quoted).join(' ')}`;
  return spawn('script', ['-qefc', line, '/dev/null'], {
    cwd: start.bundle.folder,
    env: { ...commandEnvironment, SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
}

/** The init's pid as soon as the container is there; undefined when the runtime ended without making one. */
async function pidFromFile(start: AttachedStart, ended: Promise<Exit>): Promise<number | undefined> {
  const read = (): number | undefined => {
    const pid = Number(readText(start.bundle.pidFile) ?? Number.NaN);
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  };
  return await new Promise((resolve) => {
    const watcher = watch(start.bundle.folder, (_event, name) => {
      if (name === basename(start.bundle.pidFile) && read() !== undefined) finish();
    });
    watcher.on('error', () => watcher.close());
    const cancel = start.clock.after(start.timeoutMs, () => finish());
    const finish = (): void => {
      cancel();
      watcher.close();
      resolve(read());
    };
    void ended.then(finish);
    if (read() !== undefined) finish();
  });
}

/** What a runtime that failed said on its way out. */
async function lastWords(clock: Clock, child: ChildProcess): Promise<string> {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      if (said.length < 4096) said += chunk.toString('utf8');
    });
  }
  await new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    clock.after(1000, resolve);
  });
  return said.trim().split('\n').at(-1) ?? '';
}

function streamsOf(start: AttachedStart, child: ChildProcess): AttachedStreams {
  const stdin = child.stdin as Writable;
  // The program may end, or close its input, before everything was written: that is no error of ours.
  stdin.on('error', () => stdin.destroy());
  return {
    stdin,
    // Node throws away what nobody has read from a child's own streams when the child ends.
    stdout: passedOn(child.stdout as Readable),
    stderr: passedOn(child.stderr as Readable),
    resize: (size) => {
      if (start.terminal !== null) void resizeTerminal(start.clock, child.pid, size);
    },
  };
}

/** A reader that closes its end closes the program's, so that the next write there fails as it does in any pipe. */
function passedOn(from: Readable): Readable {
  const to = from.pipe(new PassThrough());
  to.once('close', () => from.destroy());
  return to;
}

/** The kernel tells the OCI runtime of the new size, and the runtime hands it on. */
async function resizeTerminal(clock: Clock, script: number | undefined, size: TerminalSize): Promise<void> {
  const runtime = script === undefined ? undefined : childrenOf(script)[0];
  let terminal: string;
  try {
    terminal = readlinkSync(`/proc/${runtime}/fd/0`);
  } catch {
    return;
  }
  const words = ['rows', String(Math.trunc(size.rows)), 'cols', String(Math.trunc(size.columns))];
  await runCommand(clock, 'stty', ['-F', terminal, ...words], 2000);
}
