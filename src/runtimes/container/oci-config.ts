/** The OCI configuration of a run (opencontainers/runtime-spec, config.md and config-linux.md). */
import type { RunSpec } from '../runtime.ts';
import type { Mount, RunRoot } from './host-root.ts';
import { initArguments, notePath } from './init.ts';

export interface ConfigParts {
  readonly spec: RunSpec;
  readonly root: RunRoot;
  readonly cgroupsPath: string;
  readonly cgroupNamespace: boolean;
  readonly resources: Record<string, unknown>;
  readonly seccomp: object | undefined;
  /** The file that the run's init writes to. */
  readonly note: string;
  /** A folder with the ini file of the soft limit. */
  readonly phpSettings: string | null;
  readonly oomScoreAdjustment: number;
  /** Of the private /tmp. */
  readonly temporaryBytes: number;
}

const phpFolder = '/.nightshift/php';

/** Parts of /proc and /sys that tell about, or change, the machine as a whole. */
const machinePaths = [
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/key-users',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/dev/block',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
  '/sys/fs/selinux',
  '/sys/kernel',
];
const readOnlyPaths = [
  '/proc/asound',
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];

const kernelMounts = (temporaryBytes: number): Mount[] => [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=64k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
  },
  {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=64m'],
  },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  {
    destination: '/tmp',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'nodev', 'mode=1777', `size=${temporaryBytes}`],
  },
];

/** `config.json` of one run. Its init is told the program's words as they are. */
export function ociConfig(parts: ConfigParts): object {
  const { spec } = parts;
  const variables = {
    ...spec.variables,
    // The empty first part keeps the folder that was compiled in.
    ...(parts.phpSettings === null ? {} : { PHP_INI_SCAN_DIR: `:${phpFolder}` }),
  };
  const none: string[] = [];
  return {
    ociVersion: '1.0.2',
    process: {
      ...terminalOf(spec),
      user: { uid: spec.user.uid, gid: spec.user.gid, umask: 0o022, additionalGids: [] },
      args: initArguments(spec.argv, variables),
      env: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
      cwd: spec.root,
      capabilities: { bounding: none, effective: none, inheritable: none, permitted: none, ambient: none },
      noNewPrivileges: true,
      oomScoreAdj: parts.oomScoreAdjustment,
    },
    root: { path: parts.root.path, readonly: true },
    hostname: spec.environment,
    mounts: [
      ...kernelMounts(parts.temporaryBytes),
      ...parts.root.mounts,
      { destination: notePath, type: 'bind', source: parts.note, options: [...bound, 'rw'] },
      ...(parts.phpSettings === null
        ? []
        : [{ destination: phpFolder, type: 'bind', source: parts.phpSettings, options: [...bound, 'ro'] }]),
    ],
    linux: {
      namespaces: ['mount', 'pid', 'ipc', 'uts', ...(parts.cgroupNamespace ? ['cgroup'] : [])].map(
        (type) => ({
          type,
        }),
      ),
      cgroupsPath: parts.cgroupsPath,
      resources: parts.resources,
      maskedPaths: [...machinePaths, ...parts.root.maskedPaths],
      readonlyPaths: readOnlyPaths,
      ...(parts.seccomp === undefined ? {} : { seccomp: parts.seccomp }),
    },
  };
}

function terminalOf({ output }: RunSpec): object {
  if (output.kind !== 'attached' || output.terminal === null) return { terminal: false };
  const { rows, columns } = output.terminal;
  return { terminal: true, consoleSize: { height: Math.trunc(rows), width: Math.trunc(columns) } };
}

const bound = ['bind', 'nosuid', 'nodev', 'noexec', 'rprivate'];
