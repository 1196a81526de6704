/** Removing what runs leave behind in the machine: containers, groups, bundles, notes, and in the end the state folder. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import type { CgroupDriver } from './cgroup.ts';
import { unmountNotes } from './notes.ts';
import { complaint, type OciRuntime } from './oci-runtime.ts';
import { childrenOf, identify, type ProcessIdentity, readText, sendSignal } from './processes.ts';
import { bundlePaths, containerId, type StateFolder } from './state-folder.ts';

export interface CleanupParts {
  readonly clock: Clock;
  readonly state: StateFolder;
  readonly cgroup: CgroupDriver;
  readonly oci: OciRuntime;
  readonly onTrouble: (sentence: string) => void;
}

const attempts = 3;

/** Removes a run whose processes are gone. What can't be removed is told, and tried again at the daemon's next start. */
export async function removeRun(parts: CleanupParts, environment: string, runId: string): Promise<void> {
  const { state, oci, cgroup } = parts;
  let why = '';
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const known = readdirSync(state.ociRoot).includes(containerId(runId));
    const result = known ? await oci.remove(runId) : undefined;
    if (result !== undefined && result.code !== 0) why = complaint(result);
    else if (cgroup.removeRun(environment, runId)) {
      rmSync(join(state.exits, containerId(runId)), { force: true });
      rmSync(join(state.persist, runId), { recursive: true, force: true });
      rmSync(join(state.notes, runId), { force: true });
      // The bundle goes last: while it is there, the next start of the daemon finds what else is left.
      rmSync(bundlePaths(state, runId).folder, { recursive: true, force: true });
      return;
    } else why = 'its control group is in use';
    await new Promise<void>((resolve) => parts.clock.after(20 * attempt, resolve));
  }
  parts.onTrouble(`what is left of run ${runId} could not be removed: ${why}`);
}

/** The conmon processes of a run: those in our monitors' group whose words name its container. */
export function monitorsOf(parts: CleanupParts, runId: string): ProcessIdentity[] {
  return parts.cgroup.monitors().flatMap((pid) => {
    const identity = identify(pid);
    const words = (readText(`/proc/${pid}/cmdline`) ?? '').split('\0');
    return identity !== undefined && words.includes(containerId(runId)) ? [identity] : [];
  });
}

/** Ends a run's conmon, and an OCI runtime that hangs below it. The container's own processes are not in that group. */
export async function endMonitors(parts: CleanupParts, runId: string): Promise<void> {
  for (let pauseMs = 1; pauseMs < 1000; pauseMs *= 2) {
    const monitors = monitorsOf(parts, runId);
    if (monitors.length === 0) return;
    const below = monitors.flatMap((monitor) => childrenOf(monitor.pid)).map(identify);
    for (const target of [...monitors, ...below]) if (target !== undefined) sendSignal(target, 'KILL');
    await new Promise<void>((resolve) => parts.clock.after(pauseMs, resolve));
  }
}

/**
 * Ends the shells from which an earlier daemon started monitors: a line that one of them has not read yet must not be
 * carried out after it was decided what became of the run.
 */
export async function endLaunchers(parts: CleanupParts): Promise<void> {
  for (let pauseMs = 1; pauseMs < 1000; pauseMs *= 2) {
    const launchers = parts.cgroup.monitors().flatMap((pid) => {
      const identity = identify(pid);
      return identity !== undefined && readText(`/proc/${pid}/cmdline`) === '/bin/sh\0' ? [identity] : [];
    });
    if (launchers.length === 0) return;
    for (const launcher of launchers) sendSignal(launcher, 'KILL');
    await new Promise<void>((resolve) => parts.clock.after(pauseMs, resolve));
  }
}

/** Takes the whole state folder away when no run is left in it. */
export async function removeState(parts: CleanupParts): Promise<void> {
  const { state, cgroup, clock } = parts;
  if (!existsSync(state.path)) return;
  if (readdirSync(state.bundles).length > 0 || cgroup.runs().length > 0) return;
  await unmountNotes(clock, state.notes);
  // The folder goes last: while it is there, the next start finds what else is left.
  cgroup.removeInstance();
  rmSync(state.path, { recursive: true, force: true });
}
