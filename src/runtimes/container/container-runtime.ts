import { mkdirSync } from 'node:fs';
import type { Clock } from '../../domain/clock.ts';
import { cgroupDriver } from './cgroup-driver.ts';
import { removeState } from './cleanup.ts';
import { runCommand } from './command.ts';
import { type ContainerParts, ContainerRuntime } from './containers.ts';
import { findProgramFile, howToInstall, isRoot, ociRuntimes } from './machine.ts';
import { mountNotes } from './notes.ts';
import { OciRuntime } from './oci-runtime.ts';
import { seccompProfile } from './seccomp.ts';
import { chooseStateFolder, makeStateFolder, stateFolder } from './state-folder.ts';
import { tryOut } from './trial.ts';

export interface ContainerRuntimeOptions {
  readonly dataFolder: string;
  /** A short name that no other daemon on the machine has, letters and digits: part of paths and control groups. */
  readonly instance: string;
  readonly clock: Clock;
  /** Told what went wrong beside any run, as a sentence. */
  readonly onTrouble: (sentence: string) => void;
  /** The operator's own root file system instead of the host's programs. */
  readonly rootfs?: string;
  /** Absolute paths of OCI runtimes, the best first; without it, crun and runc where they are installed. */
  readonly ociRuntimes?: readonly string[];
  /** Told the name of each boundary as it is passed, for faults that are injected there. */
  readonly boundary?: (name: string) => void;
  /** False: file events of exits are left out, as after an overflow of the kernel's queue; only the rescan finds them. */
  readonly watchExits?: boolean;
}

/** The container runtime can't be used on this machine; the message is one sentence that says why. */
export class ContainersUnavailable extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ContainersUnavailable';
  }
}

/**
 * Finds what the machine has, tries it out with one container, and takes hold of the instance's state folder.
 * Rejects with {@link ContainersUnavailable}.
 */
export async function createContainerRuntime(options: ContainerRuntimeOptions): Promise<ContainerRuntime> {
  return new ContainerRuntime(await findParts(options));
}

async function findParts(options: ContainerRuntimeOptions): Promise<ContainerParts> {
  const { clock, instance, dataFolder, onTrouble } = options;
  if (!/^[A-Za-z0-9]{1,40}$/.test(instance)) throw new Error(`"${instance}" is no name for an instance`);
  if (!isRoot()) throw new ContainersUnavailable('containers need root on Linux');
  const conmon = findProgramFile('conmon');
  if (conmon === undefined) throw new ContainersUnavailable(`conmon is missing: ${howToInstall}`);
  const candidates = options.ociRuntimes ?? ociRuntimes.flatMap((name) => findProgramFile(name) ?? []);
  if (candidates.length === 0) throw new ContainersUnavailable(`crun or runc is missing: ${howToInstall}`);
  const cgroup = cgroupDriver(instance);
  if (cgroup === undefined)
    throw new ContainersUnavailable('no control groups with a memory controller are mounted');
  mkdirSync(dataFolder, { recursive: true });
  const state = stateFolder(chooseStateFolder(dataFolder, instance));
  const { boundary, rootfs, watchExits = true } = options;
  const shared = { clock, state, cgroup, conmon, dataFolder, onTrouble, rootfs, boundary, watchExits };
  const said: string[] = [];
  try {
    const { rebooted, fresh } = makeStateFolder(state);
    cgroup.prepare();
    await mountNotes(clock, state.notes);
    const seccomp = seccompProfile(process.arch);
    for (const path of candidates) {
      const oci = new OciRuntime(path, state.ociRoot, clock);
      const trial = await tryOut({ ...shared, oci, seccomp }, oci);
      if (trial.ok) {
        const ociKeeps = await keeps(clock, path);
        return { ...shared, oci, ociKeeps, seccomp, rebooted, fresh, trialMilliseconds: trial.milliseconds };
      }
      said.push(trial.says);
    }
  } catch (error) {
    throw new ContainersUnavailable((error as Error).message, { cause: error });
  }
  const oci = new OciRuntime(candidates[0] ?? '', state.ociRoot, clock);
  await removeState({ ...shared, oci });
  throw new ContainersUnavailable(said.join('; '));
}

async function keeps(clock: Clock, path: string): Promise<boolean> {
  const help = await runCommand(clock, path, ['run', '--help'], 5000);
  return /--keep\b/.test(help.stdout);
}

export { ContainerRuntime };
