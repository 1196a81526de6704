/** What is done to the processes of a run, by way of its control group: never by a bare pid. */
import type { Leftover } from '../../domain/run.ts';
import type { CgroupDriver } from './cgroup.ts';
import { type ContainerHandle, initOf } from './handle.ts';
import {
  childrenOf,
  commandOf,
  executableOf,
  identify,
  innerPid,
  isAlive,
  isInGroup,
  type ProcessIdentity,
  sendSignal,
} from './processes.ts';
import type { Timers } from './timers.ts';

/** RESERVED_PIDS of the kernel's pid.c. */
const reusedPidsMin = 300;
const leftoversMax = 100;
const stuckMs = 10_000;
const pauseMsMax = 250;
/** The last pause while an init goes on; all of them together are twice as long. */
const beginsMsMax = 2_048;

/**
 * The program itself: neither the init above it nor what it forked. Undefined while, or when, it is not there.
 * It was the init's first child, so it has the lowest pid of the namespace after 1: pids are handed out in order, and
 * those below 300 never again.
 */
export function findProgram(cgroup: CgroupDriver, handle: ContainerHandle): ProcessIdentity | undefined {
  if (!isAlive(initOf(handle))) return undefined;
  const group = cgroup.runPath(handle.environment, handle.runId);
  const children = childrenOf(handle.initPid)
    .map((pid) => ({ pid, inner: innerPid(pid) ?? Number.POSITIVE_INFINITY }))
    .filter(({ inner }) => inner < reusedPidsMin)
    .sort((a, b) => a.inner - b.inner);
  const pid = children[0]?.pid;
  return pid !== undefined && isInGroup(pid, group) ? identify(pid) : undefined;
}

/** Waits for the program of a run that was only just started, `ms` at most. */
export async function awaitProgram(
  cgroup: CgroupDriver,
  handle: ContainerHandle,
  timers: Timers,
  ms: number,
): Promise<ProcessIdentity | undefined> {
  let waited = 0;
  for (let pauseMs = 1; ; pauseMs = Math.min(20, pauseMs * 2)) {
    const program = findProgram(cgroup, handle);
    if (program !== undefined || waited >= ms || timers.stopped || !isAlive(initOf(handle))) return program;
    await timers.pause(pauseMs);
    waited += pauseMs;
  }
}

/**
 * Whether an init that waited in the OCI runtime's own program (`waiting`) has gone on to the run's: a runtime's word alone is
 * not taken for it. Waits a little; an init that has ended did go on.
 */
export async function hasBegun(
  init: ProcessIdentity,
  waiting: string | undefined,
  timers: Timers,
): Promise<boolean> {
  if (waiting === undefined) return true;
  for (let pauseMs = 1; pauseMs <= beginsMsMax; pauseMs *= 2) {
    if (!isAlive(init) || executableOf(init.pid) !== waiting) return true;
    await timers.pause(pauseMs);
  }
  return false;
}

/** What is in a run's group beside its init and its program. */
export function othersIn(cgroup: CgroupDriver, handle: ContainerHandle): Leftover[] {
  const program = findProgram(cgroup, handle)?.pid;
  const others = cgroup
    .processes(handle.environment, handle.runId)
    .filter((pid) => pid !== handle.initPid && pid !== program);
  return others.slice(0, leftoversMax).map((pid) => ({ pid, command: commandOf(pid) }));
}

/**
 * Kills everything in a run's group and resolves when it is empty: the init first, because with it the kernel ends its
 * whole namespace and lets nothing be forked there any more. What no KILL ends (a process that waits for a disk)
 * is told after a while, and waited for.
 */
export async function emptyGroup(
  cgroup: CgroupDriver,
  run: { readonly environment: string; readonly runId: string; readonly init: ProcessIdentity | undefined },
  timers: Timers,
  onTrouble: (sentence: string) => void,
): Promise<void> {
  let waited = 0;
  let told = false;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMsMax, pauseMs * 2)) {
    if (cgroup.processes(run.environment, run.runId).length === 0) return;
    if (run.init !== undefined) sendSignal(run.init, 'KILL');
    cgroup.killOnce(run.environment, run.runId);
    if (waited >= stuckMs && !told) {
      told = true;
      onTrouble(`run ${run.runId} of "${run.environment}" was killed and does not end: the kernel holds it`);
    }
    if (timers.stopped) return;
    await timers.pause(pauseMs);
    waited += pauseMs;
  }
}
