/**
 * Milliseconds until a program's first instruction, in a container of ours and in one made by hand with the same conmon and
 * the same OCI runtime, by turns in one run, because only the ratio says something:
 *
 *   node bench/runtime-start.ts [--rounds 20] [--many 200]
 *
 * It prints one JSON document. `restart` is from KILL to the successor's first instruction. `many` starts so many
 * at once and compares with the sum of as many bare starts.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { parseArgs } from 'node:util';
import type { Clock } from '../src/domain/clock.ts';
import {
  type ContainerRuntime,
  createContainerRuntime,
} from '../src/runtimes/container/container-runtime.ts';
import { findProgramFile } from '../src/runtimes/container/machine.ts';
import type { ExitReport, RunSpec } from '../src/runtimes/runtime.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, many: { type: 'string', default: '0' } },
});
const rounds = Number(values.rounds);
const many = Number(values.many);

const clock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

const folder = mkdtempSync(join(tmpdir(), 'nightshift-bench-'));
chmodSync(folder, 0o755);
const root = join(folder, 'root');
mkdirSync(root);
chmodSync(root, 0o777);
const bareState = join(folder, 'bare');
const bareGroup = `/nightshift-bench-${process.pid}`;

/** Resolves with the moment at which a program makes this file in the root. */
const waiting = new Map<string, (at: number) => void>();
const watcher = watch(root, (_event, name) => {
  const tell = waiting.get(name ?? '');
  waiting.delete(name ?? '');
  tell?.(performance.now());
});
const madeBy = (name: string): Promise<number> => new Promise((tell) => waiting.set(name, tell));
const program = (name: string): string[] => ['/bin/sh', '-c', `: >${name}; exec sleep 1000`];

/** What `runc spec` writes, with the host's programs as root file system. */
function bareConfig(name: string, group: string): object {
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
    root: { path: join(bareState, 'root'), readonly: true },
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

function makeBareRoot(): void {
  for (const name of ['usr', 'etc', 'proc', 'sys', 'dev', root.slice(1)]) {
    mkdirSync(join(bareState, 'root', name), { recursive: true });
  }
  spawnSync('cp', ['-P', '/bin', '/lib', '/lib64', '/sbin', join(bareState, 'root')]);
}

/** One start by hand, as design.md §3.1 has it; answers its milliseconds. */
async function bareStart(conmon: string, oci: string): Promise<number> {
  const id = `bare-${randomBytes(4).toString('hex')}`;
  const bundle = join(bareState, id);
  mkdirSync(bundle);
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(bareConfig(id, `${bareGroup}/${id}`)));
  const begun = madeBy(id);
  const from = performance.now();
  const child = spawn(
    conmon,
    [
      ...['--api-version', '1', '-c', id, '-u', id, '-n', id, '-r', oci, '-b', bundle],
      ...['--runtime-arg', `--root=${bareState}/oci`, '-p', join(bundle, 'pid'), '--exit-dir', bareState],
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
  const start = spawn(oci, [`--root=${bareState}/oci`, 'start', id], { stdio: 'ignore' });
  const took = (await begun) - from;
  if (start.exitCode === null) await once(start, 'exit');
  syncPipe.destroy();
  spawnSync(oci, [`--root=${bareState}/oci`, 'delete', '--force', id]);
  return took;
}

const reports = new Map<string, (report: ExitReport) => void>();

function specOf(runId: string): RunSpec {
  return {
    runId,
    environment: 'bench',
    job: 'bench',
    argv: program(runId),
    root,
    user: { name: 'nobody', uid: 65_534, gid: 65_534, home: '/' },
    variables: { PATH: '/usr/bin:/bin' },
    softLimitBytes: 1024 ** 3,
    output: { kind: 'log', path: join(folder, `${runId}.log`) },
  };
}

/** A start and, after KILL, its successor; answers the milliseconds of both. */
async function ourStarts(runtime: ContainerRuntime): Promise<{ start: number; restart: number }> {
  const [first, second] = [randomBytes(6).toString('hex'), randomBytes(6).toString('hex')];
  const begun = madeBy(first);
  let from = performance.now();
  const { handle } = await runtime.start(specOf(first));
  const start = (await begun) - from;
  const successor = madeBy(second);
  const succeeded = new Promise<string>((resolve, reject) => {
    reports.set(first, () => {
      runtime.start(specOf(second)).then(() => resolve(second), reject);
      void runtime.release(first);
    });
  });
  from = performance.now();
  await runtime.signal(handle, 'KILL');
  const restart = (await successor) - from;
  await succeeded;
  await runtime.release(second);
  await new Promise((resolve) => setTimeout(resolve, 100));
  return { start, restart };
}

async function startMany(runtime: ContainerRuntime, count: number): Promise<number> {
  const ids = Array.from({ length: count }, () => randomBytes(6).toString('hex'));
  const begun = Promise.all(ids.map(madeBy));
  const from = performance.now();
  await Promise.all(ids.map((runId) => runtime.start(specOf(runId))));
  await begun;
  const took = performance.now() - from;
  for (const runId of ids) await runtime.release(runId);
  return took;
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
const ratio = (ours: number, bare: number): number => Math.round((ours / bare) * 100) / 100;
function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const runtime = await createContainerRuntime({
  dataFolder: join(folder, 'data'),
  instance: `bench${process.pid}`,
  clock,
  onTrouble: (sentence) => console.error(sentence),
});
runtime.onExit = (report) => reports.get(report.runId)?.(report);
const conmon = findProgramFile('conmon');
const oci = findProgramFile(runtime.ociRuntime);
if (conmon === undefined || oci === undefined) throw new Error('conmon or the OCI runtime is gone');
try {
  makeBareRoot();
  await runtime.recover([]);
  await runtime.limit({ environment: 'bench', memoryBytes: 4 * 1024 ** 3, cpu: 4, processes: 16_384 });
  const bare: number[] = [];
  const ours: { start: number; restart: number }[] = [];
  for (let round = 0; round < rounds + 2; round += 1) {
    const [one, two] = [await bareStart(conmon, oci), await ourStarts(runtime)];
    // The first two rounds only warm up.
    if (round >= 2) bare.push(one);
    if (round >= 2) ours.push(two);
  }
  const bareMs = median(bare);
  const startMs = median(ours.map((each) => each.start));
  const restartMs = median(ours.map((each) => each.restart));
  const result: Record<string, unknown> = {
    ociRuntime: runtime.ociRuntime,
    rounds,
    bareMs: rounded(bareMs),
    startMs: rounded(startMs),
    startRatio: ratio(startMs, bareMs),
    restartMs: rounded(restartMs),
    restartRatio: ratio(restartMs, bareMs),
  };
  if (many > 0) {
    const took = await startMany(runtime, many);
    result.many = {
      runs: many,
      ms: Math.round(took),
      ofSumOfBareStarts: ratio(took, bareMs * many),
    };
  }
  console.log(JSON.stringify(result));
} finally {
  await runtime.close();
  watcher.close();
  spawnSync('sh', [
    '-c',
    `find /sys/fs/cgroup -depth -type d -path '*${bareGroup}*' -exec rmdir {} + 2>/dev/null`,
  ]);
  rmSync(folder, { recursive: true, force: true });
}
if (readFileSync('/proc/self/mountinfo', 'utf8').includes(`bench${process.pid}`))
  throw new Error('a mount is left');
