/**
 * conmon holds a run's output and exit code, so that the daemon need not live for them to be kept.
 *
 * The start protocol (conmon's src/conmon.c): conmon has the OCI runtime create the container and writes one line to the
 * descriptor `_OCI_SYNCPIPE`: `{"data": PID}`, or `{"data": -1, "message": WHY}`. Its exit status says nothing, once it has
 * forked. The descriptor is a file in the bundle: a pipe that lost its reader would end a conmon before 2.1.8, with
 * the container left as it is. `_OCI_STARTPIPE`, on which conmon would wait to be put into its control group, is not
 * used: the launcher's children are born in theirs.
 */
import { watch } from 'node:fs';
import type { Clock } from '../../domain/clock.ts';
import { type Launcher, quoted } from './launcher.ts';
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
  readonly launcher: Launcher;
  /** Told the name of each boundary as it is passed. */
  readonly boundary?: ((name: string) => void) | undefined;
  readonly timeoutMs: number;
}

export type Created =
  | { readonly ok: true; readonly init: ProcessIdentity; readonly conmon: ProcessIdentity }
  | { readonly ok: false; readonly message: string; readonly timedOut: boolean };

/** Starts conmon, which creates the container; its init then waits for `start`. Never rejects. */
export async function createThroughConmon(start: ConmonStart): Promise<Created> {
  const { bundle, launcher } = start;
  const words = [start.conmon, ...conmonArguments(start)].map(quoted).join(' ');
  const files = `3>${quoted(bundle.answer)} 2>${quoted(bundle.conmonErrors)} </dev/null >/dev/null`;
  // An empty line is the answer of a conmon that ended before it forked.
  const line = `cd ${quoted(bundle.folder)} && { _OCI_SYNCPIPE=3 ${words} ${files} || echo >${quoted(bundle.answer)}; }; cd /`;
  const answer = awaitAnswer(start);
  try {
    await launcher.run(line);
  } catch (error) {
    answer.giveUp();
    return { ok: false, message: (error as Error).message, timedOut: false };
  }
  start.boundary?.('conmon-spawned');
  const came = await answer.line;
  start.boundary?.('pid-received');
  if (came.timedOut && readText(bundle.conmonPidFile) === undefined) await launcher.renew();
  return readAnswer(came, bundle);
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

type Answer = { readonly text: string; readonly timedOut: boolean };

const lifeSignMs = 250;

/** The first line that conmon writes; or what there is of it when conmon ends, or the time is up. */
function awaitAnswer(start: ConmonStart): { readonly line: Promise<Answer>; giveUp(): void } {
  const { clock, bundle } = start;
  let finish: (timedOut: boolean) => void = () => undefined;
  const line = new Promise<Answer>((resolve) => {
    const text = (): string => readText(bundle.answer) ?? '';
    const watcher = watch(bundle.folder, () => {
      if (text().includes('\n')) finish(false);
    });
    watcher.on('error', () => watcher.close());
    const cancelTimeout = clock.after(start.timeoutMs, () => finish(true));
    let cancelLook: () => void;
    const look = (): void => {
      const conmon = Number(readText(bundle.conmonPidFile) ?? Number.NaN);
      if (text().includes('\n') || (conmon > 0 && startTimeOf(conmon) === undefined)) finish(false);
      else cancelLook = clock.after(lifeSignMs, look);
    };
    cancelLook = clock.after(lifeSignMs, look);
    finish = (timedOut) => {
      watcher.close();
      cancelTimeout();
      cancelLook();
      resolve({ text: text(), timedOut });
    };
  });
  return { line, giveUp: () => finish(false) };
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
