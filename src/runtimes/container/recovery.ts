/**
 * Taking up after a restart of the daemon. The truth is what the kernel, conmon and the OCI runtime say; the store only says
 * which runs should be there. For each of them, in this order:
 *
 *   another boot                     → the machine was restarted; nothing is signalled
 *   exit file                        → it ended: its code, its time
 *   running with its conmon          → taken up
 *   running without                  → ended through its group, nobody knows its code
 *   made but never begun, or nothing → removed; it never ran, and may be begun again
 *
 * What is there under our name and not in the store is ended.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExitReport, OpenRun, Recovery } from '../runtime.ts';
import { type CleanupParts, endLaunchers, endMonitors, monitorsOf, removeRun } from './cleanup.ts';
import { type Ending, readExitFile } from './exit-report.ts';
import { type ContainerHandle, conmonOf, initOf, newHandle, parseHandle } from './handle.ts';
import type { ContainerStatus } from './oci-runtime.ts';
import { bootedAt, bootId, identify, isAlive, isInGroup, readText, sendSignal } from './processes.ts';
import { emptyGroup } from './run-group.ts';
import { StartQueue } from './start-queue.ts';
import { bundlePaths, containerId, isSafeRunId, noteNeverBegan, runIdOf } from './state-folder.ts';
import type { Timers } from './timers.ts';

export interface RecoveryParts extends CleanupParts {
  readonly timers: Timers;
  readonly rebooted: boolean;
  /** Nothing is known of earlier runs: neither that they began, nor that they did not. */
  readonly fresh: boolean;
  readonly adopt: (run: OpenRun, handle: ContainerHandle) => void;
  /** Tells the end of a run once `recover` has answered. */
  readonly report: (run: OpenRun, handle: ContainerHandle | undefined, ending: Ending) => void;
  /** The same of a run that never began and of which nothing is left. */
  readonly reportNeverBegan: (report: ExitReport) => void;
  readonly clean: (environment: string, runId: string) => Promise<void>;
}

export const whyLost =
  'its monitor (conmon) was gone, so nobody saw how it ended; what was left of it was killed';
const whyRebooted = 'the machine was restarted';
const whyNeverBegan = 'the daemon ended while it was being started, and it never began';
const whyForgotten = 'what was known of it on this machine is gone, so nobody knows how it ended';
/** A conmon writes out what is left of a run's output, then its exit file. */
const drainMsMax = 10_000;
/** As long as a daemon that lives would wait for it. */
const startMsMax = 10_000;
const statusAttempts = 3;
const whyUnclear = (what: string): string =>
  `the daemon ended while it was being started, and nobody saw how it ended: ${what}`;
const whyAttached = 'the daemon that it was connected to ended';

type Verdict =
  | { readonly kind: 'adopted'; readonly handle: ContainerHandle }
  | { readonly kind: 'never-began' }
  | { readonly kind: 'ended'; readonly handle: ContainerHandle | undefined; readonly ending: Ending };

export async function recoverRuns(parts: RecoveryParts, open: readonly OpenRun[]): Promise<Recovery> {
  const adopted: { runId: string; handle: ContainerHandle; startedAt: number }[] = [];
  const queue = new StartQueue(4);
  await endLaunchers(parts);
  await Promise.all(
    open.map((run) =>
      queue.run(async () => {
        const verdict = await judgeRun(parts, run);
        if (verdict.kind === 'ended') return parts.report(run, verdict.handle, verdict.ending);
        if (verdict.kind === 'never-began')
          return parts.reportNeverBegan(neverBegan(run, parts.clock.wall()));
        const { handle } = verdict;
        parts.adopt(run, handle);
        adopted.push({ runId: run.runId, handle, startedAt: handle.startedAt });
      }),
    ),
  );
  const known = new Set(open.map((run) => run.runId));
  const strays = await Promise.all(
    strangers(parts, known).map((stray) => queue.run(() => endStray(parts, stray))),
  );
  return { adopted, strays: strays.flat() };
}

async function judgeRun(parts: RecoveryParts, run: OpenRun): Promise<Verdict> {
  const now = parts.clock.wall();
  const handle = parseHandle(run.handle) ?? handleInBundle(parts, run.runId);
  const ended = (why: string, endedAt = now): Verdict => ({
    kind: 'ended',
    handle,
    ending: { exit: { kind: 'unknown', why }, endedAt },
  });
  if (handle === undefined ? parts.rebooted : handle.bootId !== bootId()) {
    // Its pids are strangers' now, so it is told without the handle.
    const endedAt = Math.min(now, bootedAt() ?? now);
    return {
      kind: 'ended',
      handle: undefined,
      ending: { exit: { kind: 'unknown', why: whyRebooted }, endedAt },
    };
  }
  if (!isSafeRunId(run.runId)) return ended(whyNeverBegan);
  if (existsSync(bundlePaths(parts.state, run.runId).neverBegan)) return await removeNeverBegun(parts, run);
  const ending = readExitFile(parts.state, run.runId);
  if (ending !== undefined) {
    return handle === undefined ? unrecorded(ending, ended) : { kind: 'ended', handle, ending };
  }
  if (handle === undefined) return await judgeUnrecorded(parts, run, ended);
  if (handle.logPath === null) return await endRun(parts, run, ended(whyAttached));
  const conmon = conmonOf(handle);
  if (conmon !== undefined && isAlive(conmon) && isOurInit(parts, handle)) return { kind: 'adopted', handle };
  // conmon writes the exit file before it ends: it may have done so a moment ago.
  const late = readExitFile(parts.state, run.runId);
  if (late !== undefined) return { kind: 'ended', handle, ending: late };
  return await endRun(parts, run, ended(whyLost));
}

/** Without a handle nobody knows whether it had begun: an init that is killed before leaves an exit file too. */
function unrecorded(ending: Ending, ended: (why: string, endedAt?: number) => Verdict): Verdict {
  return ending.exit.kind === 'signalled' && ending.exit.signal === 'KILL'
    ? ended(whyUnclear('its first process was killed'), ending.endedAt)
    : { kind: 'ended', handle: undefined, ending };
}

/** A run whose start was not recorded: the daemon ended somewhere between its first step and its last. */
async function judgeUnrecorded(
  parts: RecoveryParts,
  run: OpenRun,
  ended: (why: string, endedAt?: number) => Verdict,
): Promise<Verdict> {
  // What another runtime knew of it says nothing here.
  if (parts.fresh || run.handle !== null) return ended(whyForgotten);
  await endOfStart(parts, run.runId);
  const answer = await askStatus(parts, run.runId);
  const status = answer.kind === 'known' ? answer.status : undefined;
  if (status === 'running' || status === 'paused') {
    const handle = rebuiltHandle(parts, run);
    if (handle !== undefined) return { kind: 'adopted', handle };
  }
  if (status !== 'created' && (status !== undefined || isMade(parts, run.runId))) {
    // It began, and its conmon may be about to tell how it ended.
    const ending = await lateEnding(parts, run.runId);
    if (ending !== undefined) return await endRun(parts, run, unrecorded(ending, ended));
    const what =
      answer.kind === 'unknown'
        ? `the OCI runtime could not say what became of its container: ${answer.why}`
        : `its container is ${status}, and ${monitorsOf(parts, run.runId).length === 0 ? 'it has no monitor (conmon)' : 'its monitor (conmon) tells nothing'}`;
    return await endRun(parts, run, ended(whyUnclear(what)));
  }
  noteNeverBegan(parts.state, run.runId);
  return await removeNeverBegun(parts, run);
}

/** Asks again about a container that is there: on a machine that is pressed, the runtime does not always answer in time. */
async function askStatus(parts: RecoveryParts, runId: string): Promise<ContainerStatus> {
  for (let asked = 1; ; asked += 1) {
    const answer = await parts.oci.status(runId);
    if (answer.kind === 'known' || asked === statusAttempts || !isMade(parts, runId)) return answer;
    await parts.timers.pause(100 * asked);
  }
}

async function removeNeverBegun(parts: RecoveryParts, run: OpenRun): Promise<Verdict> {
  const verdict = await endRun(parts, run, { kind: 'never-began' });
  await removeRun(parts, run.environment, run.runId);
  if (!existsSync(bundlePaths(parts.state, run.runId).folder)) return verdict;
  const ending = { exit: { kind: 'unknown', why: whyNeverBegan }, endedAt: parts.clock.wall() } as const;
  return { kind: 'ended', handle: undefined, ending };
}

/** The earlier daemon's call that begins the container may still be on its way: what it will have done must be seen. */
async function endOfStart(parts: RecoveryParts, runId: string): Promise<void> {
  const id = containerId(runId);
  const starts = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => (readText(`/proc/${name}/cmdline`) ?? '').endsWith(`\0start\0${id}\0`))
    .map((name) => identify(Number(name)));
  let waited = 0;
  for (let pauseMs = 1; starts.some((each) => each !== undefined && isAlive(each)); pauseMs *= 2) {
    if (waited > startMsMax) {
      for (const each of starts) if (each !== undefined) sendSignal(each, 'KILL');
    }
    await parts.timers.pause(pauseMs);
    waited += pauseMs;
  }
}

/** What a conmon that is still there writes about a container that has ended; undefined when there is none, or it hangs. */
async function lateEnding(parts: RecoveryParts, runId: string): Promise<Ending | undefined> {
  let waited = 0;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 100)) {
    const monitored = monitorsOf(parts, runId).length > 0;
    const ending = readExitFile(parts.state, runId);
    if (ending !== undefined || !monitored || waited > drainMsMax) return ending;
    await parts.timers.pause(pauseMs);
    waited += pauseMs;
  }
}

/** The OCI runtime has written down its container: whether that was begun too, only the runtime can say. */
function isMade(parts: RecoveryParts, runId: string): boolean {
  const folder = join(parts.state.ociRoot, containerId(runId));
  return ['state.json', 'status'].some((name) => existsSync(join(folder, name)));
}

const neverBegan = (run: OpenRun, endedAt: number): ExitReport => ({
  runId: run.runId,
  exit: { kind: 'unknown', why: whyNeverBegan },
  endedAt,
  memoryMaxBytes: null,
  cpuSeconds: null,
  outOfMemory: null,
  leftovers: [],
  neverBegan: true,
});

async function endRun(parts: RecoveryParts, run: OpenRun, verdict: Verdict): Promise<Verdict> {
  await endMonitors(parts, run.runId);
  const handle = verdict.kind === 'never-began' ? undefined : verdict.handle;
  const init = handle === undefined ? undefined : initOf(handle);
  await emptyGroup(parts.cgroup, { ...run, init }, parts.timers, parts.onTrouble);
  return verdict;
}

/** An init that ended is no reason not to take its run up: conmon is about to tell its code. */
function isOurInit(parts: RecoveryParts, handle: ContainerHandle): boolean {
  const group = parts.cgroup.runPath(handle.environment, handle.runId);
  return !isAlive(initOf(handle)) || isInGroup(handle.initPid, group);
}

function handleInBundle(parts: RecoveryParts, runId: string): ContainerHandle | undefined {
  if (!isSafeRunId(runId)) return undefined;
  const text = readText(bundlePaths(parts.state, runId).handle);
  try {
    return text === undefined ? undefined : parseHandle(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function rebuiltHandle(parts: RecoveryParts, run: OpenRun): ContainerHandle | undefined {
  const bundle = bundlePaths(parts.state, run.runId);
  const init = identify(Number(readText(bundle.pidFile)));
  const conmon = monitorsOf(parts, run.runId)[0];
  const config = readText(bundle.config);
  const group = parts.cgroup.runPath(run.environment, run.runId);
  if (init === undefined || conmon === undefined || config === undefined) return undefined;
  if (!isInGroup(init.pid, group)) return undefined;
  const logPath = logPathOf(conmon.pid);
  return newHandle(run, { init, conmon, bootId: bootId(), startedAt: parts.clock.wall(), logPath });
}

/** From conmon's own words. */
function logPathOf(conmon: number): string {
  const words = (readText(`/proc/${conmon}/cmdline`) ?? '').split('\0');
  return words.find((word) => word.startsWith('k8s-file:'))?.slice('k8s-file:'.length) ?? '';
}

interface Stray {
  readonly environment: string;
  readonly runId: string;
}

/** All that stands under our name in bundles, containers, groups and exit files, and in no open run. */
function strangers(parts: RecoveryParts, known: ReadonlySet<string>): Stray[] {
  const { state, cgroup } = parts;
  const found = new Map<string, string>();
  const named = [...readdirSync(state.ociRoot), ...readdirSync(state.exits)].map(runIdOf);
  for (const runId of [...readdirSync(state.bundles), ...named]) {
    if (runId !== undefined) found.set(runId, handleInBundle(parts, runId)?.environment ?? '');
  }
  for (const { environment, runId } of cgroup.runs()) found.set(runId, environment);
  return [...found]
    .filter(([runId]) => !known.has(runId))
    .map(([runId, environment]) => ({ runId, environment }));
}

/** Its id, when something of it was still running. */
async function endStray(parts: RecoveryParts, stray: Stray): Promise<string[]> {
  const processes = stray.environment === '' ? [] : parts.cgroup.processes(stray.environment, stray.runId);
  const ran = processes.length > 0;
  await endMonitors(parts, stray.runId);
  if (ran) await emptyGroup(parts.cgroup, { ...stray, init: undefined }, parts.timers, parts.onTrouble);
  void parts.clean(stray.environment, stray.runId);
  return ran ? [stray.runId] : [];
}
