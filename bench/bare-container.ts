/**
 * A container start made by hand with conmon and an OCI runtime, as design.md §3.1 has it: what every figure of ours is
 * a ratio to. It belongs to the benches and shares no code with the runtime that they measure.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';

export interface BareStarts {
  /** One start; answers the milliseconds until the program's first instruction. */
  start(): Promise<number>;
  /** Removes what the starts have left. */
  remove(): void;
}

export interface BareParts {
  readonly conmon: string;
  readonly oci: string;
  /** Bundles lie here. */
  readonly folder: string;
  /** The program's working folder. */
  readonly root: string;
  /** A program that makes the file of that name in the root as its first act, and stays. */
  readonly program: (name: string) => string[];
  /** Resolves with the moment at which that file was made. */
  readonly madeBy: (name: string) => Promise<number>;
}

/** What `runc spec` writes, with the host's programs as root file system. */
function configOf({ folder, root, program }: BareParts, name: string, group: string): object {
  const kernel = (destination: string, type: string, ...options: string[]): object => ({
    destination,
    type,
    source: type,
    options: ['nosuid', ...options],
  });
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid: 65_534, gid: 65_534 },
      args: program(name),
      env: ['PATH=/usr/bin:/bin'],
      cwd: root,
      noNewPrivileges: true,
    },
    root: { path: join(folder, 'root'), readonly: true },
    hostname: 'bare',
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      kernel('/dev', 'tmpfs', 'mode=755', 'size=65536k'),
      kernel('/dev/pts', 'devpts', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'),
      kernel('/dev/shm', 'tmpfs', 'noexec', 'nodev', 'mode=1777'),
      kernel('/dev/mqueue', 'mqueue', 'noexec', 'nodev'),
      kernel('/sys', 'sysfs', 'noexec', 'nodev', 'ro'),
      ...['/usr', '/etc'].map((path) => ({
        destination: path,
        type: 'bind',
        source: path,
        options: ['bind', 'ro'],
      })),
      { destination: root, type: 'bind', source: root, options: ['bind', 'rw'] },
    ],
    linux: {
      namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
      cgroupsPath: group,
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      maskedPaths: [
        '/proc/acpi',
        '/proc/kcore',
        '/proc/keys',
        '/proc/latency_stats',
        '/proc/timer_list',
        '/proc/sched_debug',
        '/sys/firmware',
        '/proc/scsi',
      ],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  };
}

/** Makes ready for starts by hand. */
export function makeBareStarts(parts: BareParts): BareStarts {
  const { conmon, oci, folder, root, madeBy } = parts;
  const group = `/nightshift-bench-${process.pid}`;
  for (const name of ['usr', 'etc', 'proc', 'sys', 'dev', root.slice(1)]) {
    mkdirSync(join(folder, 'root', name), { recursive: true });
  }
  spawnSync('cp', ['-P', '/bin', '/lib', '/lib64', '/sbin', join(folder, 'root')]);
  return {
    async start() {
      const id = `bare-${randomBytes(4).toString('hex')}`;
      const bundle = join(folder, id);
      mkdirSync(bundle);
      writeFileSync(join(bundle, 'config.json'), JSON.stringify(configOf(parts, id, `${group}/${id}`)));
      const begun = madeBy(id);
      const from = performance.now();
      const child = spawn(
        conmon,
        [
          ...['--api-version', '1', '-c', id, '-u', id, '-n', id, '-r', oci, '-b', bundle],
          ...['--runtime-arg', `--root=${folder}/oci`, '-p', join(bundle, 'pid'), '--exit-dir', folder],
          ...['--persist-dir', bundle, '-l', `k8s-file:${join(bundle, 'log')}`, '--full-attach'],
        ],
        {
          cwd: bundle,
          env: { PATH: process.env.PATH, TZ: 'UTC', _OCI_STARTPIPE: '3', _OCI_SYNCPIPE: '4' },
          stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
        },
      );
      const [, , , startPipe, syncPipe] = child.stdio as unknown as [null, null, null, Duplex, Duplex];
      startPipe.end('\n');
      await once(syncPipe, 'data');
      const start = spawn(oci, [`--root=${folder}/oci`, 'start', id], { stdio: 'ignore' });
      const took = (await begun) - from;
      if (start.exitCode === null) await once(start, 'exit');
      syncPipe.destroy();
      spawnSync(oci, [`--root=${folder}/oci`, 'delete', '--force', id]);
      return took;
    },
    remove() {
      const groups = `find /sys/fs/cgroup -depth -type d -path '*${group}*' -exec rmdir {} + 2>/dev/null`;
      spawnSync('sh', ['-c', groups]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
