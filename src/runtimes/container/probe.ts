/** What `nightshift doctor` says of containers, and why `--runtime auto` does not take them. */
import type { Clock } from '../../domain/clock.ts';
import { cgroupDriver } from './cgroup-driver.ts';
import { runCommand } from './command.ts';
import { createContainerRuntime } from './container-runtime.ts';
import { findProgramFile, howToInstall, isRoot, ociRuntimes } from './machine.ts';
import { readText, startTimeOf } from './processes.ts';
import { seccompProfile } from './seccomp.ts';
import { instancesOnRun } from './state-folder.ts';

export interface Finding {
  readonly name: string;
  /** False when containers can't be used for it. */
  readonly ok: boolean;
  /** One sentence. */
  readonly says: string;
  /** What to do about it. */
  readonly mend?: string;
}

export interface ProbeOptions {
  readonly dataFolder: string;
  readonly instance: string;
}

/** Everything that containers need, each looked at, and last a container that really runs. Leaves nothing behind. */
export async function probeContainerRuntime(options: ProbeOptions): Promise<Finding[]> {
  const machine = [root(), controlGroups(), swap(), seccomp(), await conmon(), await ociRuntime()];
  return machine.every((finding) => finding.ok) ? [...machine, await trial(options)] : machine;
}

/** One sentence that says why containers can't be used here; null when they can. */
export async function whyNoContainers(options: ProbeOptions): Promise<string | null> {
  const findings = await probeContainerRuntime(options);
  const bad = findings.find((finding) => !finding.ok);
  if (bad === undefined) return null;
  return bad.mend === undefined ? bad.says : `${bad.says} (${bad.mend})`;
}

function root(): Finding {
  if (isRoot()) return { name: 'root', ok: true, says: 'it runs as root on Linux' };
  return {
    name: 'root',
    ok: false,
    says: 'containers need root on Linux',
    mend: 'sudo nightshift serve, or systemctl enable --now nightshift',
  };
}

function controlGroups(): Finding {
  const name = 'control groups';
  const driver = cgroupDriver('probe');
  if (driver === undefined) {
    const mend = 'boot with cgroup v2 (systemd.unified_cgroup_hierarchy=1)';
    return { name, ok: false, says: 'no control groups with a memory controller are mounted', mend };
  }
  const missing = driver.missingControllers();
  if (missing.length > 0) {
    const mend = 'set Delegate=yes in the unit, or enable them in the kernel';
    return { name, ok: false, says: `the controllers ${missing.join(', ')} are not at hand`, mend };
  }
  return {
    name,
    ok: true,
    says: `cgroup v${driver.version} with memory, cpu and pids ${standing(driver)}`,
  };
}

/** Whose groups ours lie below: systemd hands a part of the tree of v2 to a unit, and nothing of v1. */
function standing({ version, base }: { readonly version: 1 | 2; readonly base: string }): string {
  if (version === 1) return `at ${base}, where nothing is delegated and root makes its own groups`;
  return base.endsWith('.service') ? `delegated to ${base}` : `at ${base}, outside of any unit of systemd`;
}

function swap(): Finding {
  const counted = cgroupDriver('probe')?.countsSwap() ?? false;
  const says = counted ? 'swap is counted and limited' : 'swap is neither counted nor limited by this kernel';
  return counted
    ? { name: 'swap', ok: true, says }
    : { name: 'swap', ok: true, says, mend: 'boot with swapaccount=1' };
}

function seccomp(): Finding {
  const kernel = /^Seccomp:/m.test(readText('/proc/self/status') ?? '');
  const known = seccompProfile(process.arch) !== undefined;
  if (kernel && known) return { name: 'seccomp', ok: true, says: 'dangerous system calls are refused' };
  const says = kernel ? `there is no list for the processor ${process.arch}` : 'the kernel has no seccomp';
  const mend = kernel
    ? 'use x64, arm64, riscv64, ppc64 or s390x'
    : 'boot a kernel with CONFIG_SECCOMP_FILTER=y';
  return { name: 'seccomp', ok: false, says, mend };
}

async function conmon(): Promise<Finding> {
  const path = findProgramFile('conmon');
  if (path === undefined) return { name: 'conmon', ok: false, says: 'conmon is missing', mend: howToInstall };
  return { name: 'conmon', ok: true, says: `${path}, ${await version(path)}` };
}

async function ociRuntime(): Promise<Finding> {
  const name = 'OCI runtime';
  const paths = ociRuntimes.flatMap((program) => findProgramFile(program) ?? []);
  if (paths.length === 0) return { name, ok: false, says: 'crun or runc is missing', mend: howToInstall };
  const versions = await Promise.all(paths.map(async (path) => `${path}, ${await version(path)}`));
  return { name, ok: true, says: versions.join('; ') };
}

async function version(path: string): Promise<string> {
  const { stdout } = await runCommand(clock, path, ['--version'], 5000);
  return stdout.split('\n')[0] ?? 'unknown version';
}

async function trial(options: ProbeOptions): Promise<Finding> {
  const name = 'trial run';
  const prefix = `${options.instance.slice(0, 30)}probe`;
  const instance = `${prefix}${process.pid}`;
  try {
    await removeDeadProbes(options, prefix);
    const runtime = await createContainerRuntime({ ...options, instance, clock, onTrouble: () => undefined });
    await runtime.close();
    const { ociRuntime: program, trialMilliseconds } = runtime;
    return { name, ok: true, says: `${program} ran a container in ${Math.round(trialMilliseconds)} ms` };
  } catch (error) {
    return { name, ok: false, says: (error as Error).message };
  }
}

/** A probe that was killed could not clean up after itself: the next one does it. */
async function removeDeadProbes({ dataFolder }: ProbeOptions, prefix: string): Promise<void> {
  for (const instance of instancesOnRun()) {
    const pid = instance.startsWith(prefix) ? Number(instance.slice(prefix.length)) : Number.NaN;
    if (!(pid > 0) || startTimeOf(pid) !== undefined) continue;
    const runtime = await createContainerRuntime({
      ...{ dataFolder, instance, clock },
      onTrouble: () => undefined,
    });
    await runtime.recover([]);
    await runtime.close();
  }
}

/** Before anything is wired: the machine's own clock. */
const clock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};
