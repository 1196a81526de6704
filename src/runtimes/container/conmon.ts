/**
 * conmon holds a run's output and exit code, so that the daemon need not live for them to be kept.
 *
 * The start protocol (conmon's src/conmon.c): conmon reads one message from the pipe `_OCI_STARTPIPE` before it forks;
 * until then its pid can be moved to another control group. Then it has the OCI runtime create the container and writes one
 * line to `_OCI_SYNCPIPE`: `{"data": PID}`, or `{"data": -1, "message": WHY}`. Its exit status says nothing.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../domain/clock.ts';
import { commandEnvironment } from './command.ts';
import { identify, type ProcessIdentity, readText, startTimeOf } from './processes.ts';
import { type BundlePaths, containerId, type StateFolder } from './state-folder.ts';

export interface ConmonStart {
  readonly clock: Clock;
  readonly conmon: string;
  readonly ociRuntime: string;
  readonly state: StateFolder;
  readonly bundle: BundlePaths;
  readonly runId: string;
  readonly name: string;
  readonly persistFolder: string;
  readonly logPath: string;
  /** Called with conmon's first pid before it may go on. */
  readonly place: (pid: number) => Promise<void>;
  /** Told the name of each boundary as it is passed. */
  readonly boundary?: ((name: string) => void) | undefined;
  readonly timeoutMs: number;
}

export type Created =
  | { readonly ok: true; readonly init: ProcessIdentity; readonly conmon: ProcessIdentity }
  | { readonly ok: false; readonly message: string; readonly timedOut: boolean };

/** Starts conmon, which creates the container; its init then waits for `start`. Never rejects. */
export async function createThroughConmon(start: ConmonStart): Promise<Created> {
  const errors = openSync(start.bundle.conmonErrors, 'w', 0o600);
  let child: ReturnType<typeof spawn>;
  try {
    child = spawn(start.conmon, conmonArguments(start), {
      cwd: start.bundle.folder,
      env: { ...commandEnvironment, _OCI_STARTPIPE: '3', _OCI_SYNCPIPE: '4' },
      stdio: ['ignore', 'ignore', errors, 'pipe', 'pipe'],
      detached: true,
    });
  } finally {
    closeSync(errors);
  }
  child.unref();
  const [, , , startPipe, syncPipe] = child.stdio as unknown as [null, null, null, Duplex, Duplex];
  try {
    const spawned = await started(child);
    if (spawned !== undefined) return { ok: false, message: spawned.message, timedOut: false };
    start.boundary?.('conmon-spawned');
    await start.place(child.pid ?? 0);
    // conmon that ended at once breaks the pipe; the missing answer tells of it.
    startPipe.on('error', () => startPipe.destroy());
    startPipe.end('\n');
    start.boundary?.('start-pipe-written');
    const line = await firstLine(start.clock, syncPipe, start.timeoutMs);
    start.boundary?.('pid-received');
    return readAnswer(line, start.bundle);
  } catch (error) {
    return { ok: false, message: (error as Error).message, timedOut: false };
  } finally {
    startPipe.destroy();
    syncPipe.destroy();
  }
}

function conmonArguments(start: ConmonStart): string[] {
  const id = containerId(start.runId);
  return [
    ...['--api-version', '1', '-c', id, '-u', id, '-n', start.name, '-r', start.ociRuntime],
    ...['--runtime-arg', `--root=${start.state.ociRoot}`, '-b', start.bundle.folder],
    ...['-p', start.bundle.pidFile, '-P', start.bundle.conmonPidFile],
    ...['--exit-dir', start.state.exits, '--persist-dir', start.persistFolder],
    ...['-l', `k8s-file:${start.logPath}`, '--full-attach', '--log-level', 'error'],
  ];
}

/** Undefined when the program runs, else why it does not. */
async function started(child: ReturnType<typeof spawn>): Promise<Error | undefined> {
  return child.pid === undefined ? await new Promise((resolve) => child.once('error', resolve)) : undefined;
}

type Answer = { readonly text: string; readonly timedOut: boolean };

const answerBytesMax = 65_536;

/** The first line, or what came before the end. */
function firstLine(clock: Clock, pipe: Duplex, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    let text = '';
    const cancel = clock.after(timeoutMs, () => resolve({ text, timedOut: true }));
    const finish = (): void => {
      cancel();
      resolve({ text, timedOut: false });
    };
    pipe.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.includes('\n') || text.length > answerBytesMax) finish();
    });
    pipe.on('end', finish);
    pipe.on('error', finish);
    pipe.on('close', finish);
  });
}

function readAnswer(answer: Answer, bundle: BundlePaths): Created {
  if (answer.timedOut)
    return { ok: false, message: 'the OCI runtime did not answer in time', timedOut: true };
  let line: { data?: unknown; message?: unknown };
  try {
    line = JSON.parse(answer.text) as typeof line;
  } catch {
    const said = readText(bundle.conmonErrors)?.trim().slice(0, 500) ?? '';
    return { ok: false, message: said === '' ? 'conmon ended without an answer' : said, timedOut: false };
  }
  if (typeof line.data !== 'number' || line.data <= 0) {
    const message = String(line.message ?? '').trim();
    return { ok: false, message: message === '' ? 'the OCI runtime failed' : message, timedOut: false };
  }
  const conmon = identify(Number(readText(bundle.conmonPidFile)));
  const initStartTime = startTimeOf(line.data);
  if (conmon === undefined || initStartTime === undefined) {
    return { ok: false, message: 'the container ended before it was started', timedOut: false };
  }
  return { ok: true, init: { pid: line.data, startTime: initStartTime }, conmon };
}
