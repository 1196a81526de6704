/** Where the runtime keeps what is true only until the machine is switched off: `/run/nightshift/INSTANCE`. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootId, readText } from './processes.ts';

export interface StateFolder {
  readonly path: string;
  /** The OCI runtime's own state. */
  readonly ociRoot: string;
  readonly bundles: string;
  /** conmon lays a file per ended container here, named by container id. */
  readonly exits: string;
  readonly persist: string;
  /** What inits noted; a small file system of its own, because runs write there. */
  readonly notes: string;
  /** Root file systems: one empty skeleton for each environment. */
  readonly roots: string;
  readonly phpSettings: string;
}

export interface BundlePaths {
  readonly folder: string;
  readonly config: string;
  readonly pidFile: string;
  readonly conmonPidFile: string;
  readonly conmonErrors: string;
  /** What conmon says of the container that it had made. */
  readonly answer: string;
  readonly handle: string;
  readonly control: string;
  /** It is there when an earlier daemon found that the program never began, and was removing the rest. */
  readonly neverBegan: string;
}

const runIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const containerPrefix = 'ns-';

/** Run ids become file names, so they must look like one. */
export function isSafeRunId(runId: string): boolean {
  return runIdPattern.test(runId);
}

export function containerId(runId: string): string {
  return `${containerPrefix}${runId}`;
}

/** The run that a container (or an exit file) belongs to; undefined for what is not ours, conmon's temporary files included. */
export function runIdOf(name: string): string | undefined {
  const runId = name.startsWith(containerPrefix) ? name.slice(containerPrefix.length) : '';
  return isSafeRunId(runId) ? runId : undefined;
}

export function stateFolder(path: string): StateFolder {
  return {
    path,
    ociRoot: join(path, 'oci'),
    bundles: join(path, 'bundles'),
    exits: join(path, 'exits'),
    persist: join(path, 'persist'),
    notes: join(path, 'notes'),
    roots: join(path, 'roots'),
    phpSettings: join(path, 'php'),
  };
}

export function bundlePaths(state: StateFolder, runId: string): BundlePaths {
  const folder = join(state.bundles, runId);
  return {
    folder,
    config: join(folder, 'config.json'),
    pidFile: join(folder, 'pid'),
    conmonPidFile: join(folder, 'conmon.pid'),
    conmonErrors: join(folder, 'conmon.err'),
    answer: join(folder, 'answer'),
    handle: join(folder, 'handle.json'),
    control: join(folder, 'ctl'),
    neverBegan: join(folder, 'never-began'),
  };
}

/**
 * Notes that a run never began, before what there is of it is ended: a container whose init is gone looks like a run that was killed,
 * and should this daemon be ended before all is removed, the next one has to know better.
 */
export function noteNeverBegan(state: StateFolder, runId: string): void {
  try {
    writeFileSync(bundlePaths(state, runId).neverBegan, '');
  } catch (error) {
    // Without a bundle there is no container either.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** `/run/nightshift/INSTANCE`, or a folder below the data folder where /run can't be written. */
export function chooseStateFolder(dataFolder: string, instance: string, run = '/run'): string {
  try {
    mkdirSync(join(run, 'nightshift', instance), { recursive: true, mode: 0o700 });
    return join(run, 'nightshift', instance);
  } catch {
    return join(dataFolder, 'run');
  }
}

/** The instances that have a state folder on this machine. */
export function instancesOnRun(run = '/run'): string[] {
  const folder = join(run, 'nightshift');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/**
 * Makes the folders, for root only. State of an earlier boot is wiped: pids in it belong to strangers now.
 * Answers whether there was such state (`rebooted`), or none at all (`fresh`), as after a restart of the machine too.
 */
export function makeStateFolder(state: StateFolder): { readonly rebooted: boolean; readonly fresh: boolean } {
  const bootFile = join(state.path, 'boot-id');
  const before = readText(bootFile)?.trim();
  const rebooted = before !== undefined && before !== bootId();
  if (rebooted) wipe(state);
  for (const folder of [
    state.path,
    state.ociRoot,
    state.bundles,
    state.exits,
    state.persist,
    state.notes,
    state.roots,
    state.phpSettings,
  ]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  writeFileSync(`${bootFile}.new`, `${bootId()}\n`, { mode: 0o600 });
  renameSync(`${bootFile}.new`, bootFile);
  return { rebooted, fresh: before === undefined };
}

/** The folder of notes may be a mount point, which stays. */
function wipe(state: StateFolder): void {
  for (const name of readdirSync(state.path)) {
    const path = join(state.path, name);
    const doomed = path === state.notes ? readdirSync(path).map((note) => join(path, note)) : [path];
    for (const each of doomed) rmSync(each, { recursive: true, force: true });
  }
}

/** Whether a folder is a mount point of its own. */
export function isMounted(folder: string): boolean {
  return statSync(folder).dev !== statSync(join(folder, '..')).dev;
}
