import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { EnvironmentLimits, EnvironmentUsage, Usage } from '../runtime.ts';
import {
  type CgroupDriver,
  fieldOf,
  groupsIn,
  MemoryHeld,
  monitorGroup,
  type RunAccount,
  readField,
  readNumber,
  removeGroup,
  removeTree,
  tryWrite,
} from './cgroup.ts';
import { numbers, readText, signalPid } from './processes.ts';

/** Mount points of the hierarchies, by controller; `name=systemd` is under `systemd`. */
export type V1Mounts = Readonly<Partial<Record<string, string>>>;

/** Reads /proc/self/mountinfo (proc(5)): `… ROOT POINT OPTIONS … - cgroup SOURCE CONTROLLERS`. */
export function v1Mounts(mountinfo: string): V1Mounts {
  const mounts: Record<string, string> = {};
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ');
    const point = before?.split(' ')[4];
    const [type, , options] = after?.split(' ') ?? [];
    if (type !== 'cgroup' || point === undefined) continue;
    for (const option of options?.split(',') ?? []) {
      if (['rw', 'ro', 'xattr', 'clone_children'].includes(option)) continue;
      mounts[option.replace('name=', '')] ??= point;
    }
  }
  return mounts;
}

/** Whether this process is in the root group of a hierarchy, which has no limits. */
function standsAtRoot(controller: string): boolean {
  const lines = (readText('/proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'));
  return lines.some(([, names, path]) => names?.split(',').includes(controller) && path === '/');
}

const needed = ['memory', 'pids', 'cpu'] as const;
const cpuPeriodMicroseconds = 100_000;

export class CgroupV1 implements CgroupDriver {
  readonly version = 1;
  readonly namespaced = false;
  readonly #mounts: V1Mounts;
  readonly #instance: string;
  /**
   * Out-of-memory kills of runs that have ended: v1 counts them in the run's own group only, and the OCI runtime may
   * remove that before we do. Beside them the runs whose groups are there still and are counted here already.
   */
  readonly #pastKills = new Map<string, number>();
  readonly #counted = new Set<string>();

  readonly #monitorFolders: string[] = [];

  constructor(mounts: V1Mounts, instance: string) {
    this.#mounts = mounts;
    this.#instance = `/nightshift/${instance}`;
  }

  get base(): string {
    return this.#mounts.memory ?? '';
  }

  missingControllers(): string[] {
    return needed.filter((controller) => this.#mounts[controller] === undefined);
  }

  countsSwap(): boolean {
    return existsSync(`${this.#mounts.memory}/memory.memsw.limit_in_bytes`);
  }

  prepare(): void {
    for (const controller of needed) {
      const folder = this.#group(controller, monitorGroup);
      if (folder === undefined) throw new Error(`the controller "${controller}" of cgroup v1 is not mounted`);
      mkdirSync(folder, { recursive: true });
      // Each move waits for a grace period of the kernel: it is left out where we stand under no limit. In the
      // memory hierarchy it is always made, so that our monitors are found again.
      if (controller === 'memory' || !standsAtRoot(controller)) this.#monitorFolders.push(folder);
      tryWrite(`${this.#group(controller, '')}/memory.use_hierarchy`, 1);
    }
  }

  runPath(environment: string, runId: string): string {
    return `${this.#instance}/${environment}/${runId}`;
  }

  runResources(): Record<string, unknown> {
    return { devices: [{ allow: false, access: 'rwm' }] };
  }

  limit(limits: EnvironmentLimits): void {
    const memory = this.#makeGroup('memory', limits.environment);
    writeFileSync(
      `${this.#makeGroup('pids', limits.environment)}/pids.max`,
      String(Math.ceil(limits.processes)),
    );
    const cpu = this.#makeGroup('cpu', limits.environment);
    const quota = Math.max(1000, Math.round(limits.cpu * cpuPeriodMicroseconds));
    // The burst may not exceed the quota at any moment: first none, then the new quota, then the new burst.
    tryWrite(`${cpu}/cpu.cfs_burst_us`, 0);
    tryWrite(`${cpu}/cpu.cfs_period_us`, cpuPeriodMicroseconds);
    writeFileSync(`${cpu}/cpu.cfs_quota_us`, String(quota));
    // What was not used in one period may be used in the next: a start is not held up, the average stays.
    tryWrite(`${cpu}/cpu.cfs_burst_us`, quota);
    tryWrite(`${cpu}/cpu.shares`, Math.max(2, Math.round(limits.cpu * 1024)));
    // Last: it alone may be refused.
    this.#limitMemory(memory, limits.memoryBytes);
  }

  /** Memory plus swap may never be below memory alone: grow the sum first, shrink it last. */
  #limitMemory(group: string, bytes: number): void {
    const sumFile = `${group}/memory.memsw.limit_in_bytes`;
    const before = readNumber(`${group}/memory.limit_in_bytes`) ?? 0;
    const sum = bytes * 2;
    if (bytes > before) tryWrite(sumFile, sum);
    try {
      writeFileSync(`${group}/memory.limit_in_bytes`, String(bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
      throw new MemoryHeld(bytes, { cause: error });
    }
    tryWrite(sumFile, sum);
  }

  async placeMonitor(pid: number): Promise<void> {
    for (const folder of this.#monitorFolders) await writeFile(`${folder}/cgroup.procs`, String(pid));
  }

  monitors(): number[] {
    return numbers(readText(`${this.#group('memory', monitorGroup)}/cgroup.procs`) ?? '');
  }

  processes(environment: string, runId: string): number[] {
    return numbers(readText(`${this.#group('memory', environment, runId)}/cgroup.procs`) ?? '');
  }

  killOnce(environment: string, runId: string): void {
    for (const pid of this.processes(environment, runId)) signalPid(pid, 'KILL');
    // A frozen group acts on KILL only when it is thawed.
    const freezer = this.#group('freezer', environment, runId);
    if (freezer !== undefined) tryWrite(`${freezer}/freezer.state`, 'THAWED');
  }

  runExists(environment: string, runId: string): boolean {
    return existsSync(this.#group('memory', environment, runId) ?? '');
  }

  removeRun(environment: string, runId: string): boolean {
    this.#countKills(environment, runId);
    this.#counted.delete(runId);
    return this.#removeEverywhere((mount) => removeTree(`${mount}${this.runPath(environment, runId)}`));
  }

  removeEnvironment(environment: string): boolean {
    this.#pastKills.delete(environment);
    return this.#removeEverywhere((mount) => removeTree(`${mount}${this.#instance}/${environment}`));
  }

  removeInstance(): void {
    this.#removeEverywhere((mount) => removeTree(`${mount}${this.#instance}`));
    this.#removeEverywhere((mount) => removeGroup(`${mount}/nightshift`));
  }

  runs(): { environment: string; runId: string }[] {
    const base = this.#group('memory', '') ?? '';
    return groupsIn(base)
      .filter((name) => name !== monitorGroup)
      .flatMap((environment) => groupsIn(`${base}/${environment}`).map((runId) => ({ environment, runId })));
  }

  usage(environment: string, runId: string): Usage | undefined {
    const usage = this.#usage([environment, runId]);
    if (usage === undefined) return undefined;
    const { memoryBytes, cpuSeconds, processes } = usage;
    return { memoryBytes, cpuSeconds, processes };
  }

  environmentUsage(environment: string): EnvironmentUsage | undefined {
    const usage = this.#usage([environment]);
    if (usage === undefined) return undefined;
    const memory = this.#group('memory', environment) ?? '';
    const throttled = readField(`${this.#group('cpu', environment)}/cpu.stat`, 'throttled_time');
    const live = groupsIn(memory).reduce(
      (sum, runId) => sum + (this.#counted.has(runId) ? 0 : this.#kills(environment, runId)),
      0,
    );
    const { memoryStat, ...counted } = usage;
    return {
      ...counted,
      swapBytes: fieldOf(memoryStat, 'total_swap') ?? 0,
      memoryMaxBytes: readNumber(`${memory}/memory.max_usage_in_bytes`) ?? null,
      throttledSeconds: throttled === undefined ? null : throttled / 1e9,
      outOfMemoryKills: live + (this.#pastKills.get(environment) ?? 0),
    };
  }

  account(environment: string, runId: string): RunAccount {
    const memory = this.#group('memory', environment, runId) ?? '';
    const parent = this.#group('memory', environment) ?? '';
    const cpu = readNumber(`${this.#group('cpuacct', environment, runId)}/cpuacct.usage`);
    const all = readNumber(`${parent}/memory.usage_in_bytes`);
    const own = readNumber(`${memory}/memory.usage_in_bytes`);
    return {
      memoryMaxBytes: readNumber(`${memory}/memory.max_usage_in_bytes`) ?? null,
      cpuSeconds: cpu === undefined ? null : cpu / 1e9,
      outOfMemoryKills: this.#countKills(environment, runId),
      limitBytes: readNumber(`${parent}/memory.limit_in_bytes`) ?? null,
      othersBytes: all === undefined || own === undefined ? null : Math.max(0, all - own),
    };
  }

  /** Page cache that nobody uses just now is not counted: the kernel gives it back before anything is killed. */
  #usage(path: readonly string[]): (Usage & { cacheBytes: number; memoryStat: string }) | undefined {
    const memory = this.#group('memory', ...path);
    const used = readNumber(`${memory}/memory.usage_in_bytes`);
    if (memory === undefined || used === undefined) return undefined;
    const memoryStat = readText(`${memory}/memory.stat`) ?? '';
    const cacheBytes = Math.min(used, fieldOf(memoryStat, 'total_inactive_file') ?? 0);
    const pids = this.#group('pids', ...path);
    return {
      memoryBytes: used - cacheBytes,
      cacheBytes,
      memoryStat,
      cpuSeconds: (readNumber(`${this.#group('cpuacct', ...path)}/cpuacct.usage`) ?? 0) / 1e9,
      processes: readNumber(`${pids}/pids.current`) ?? 0,
    };
  }

  /** Of a run that has ended: from now on they stand without its group. */
  #countKills(environment: string, runId: string): number {
    const kills = this.#kills(environment, runId);
    if (kills > 0 && !this.#counted.has(runId)) {
      this.#counted.add(runId);
      this.#pastKills.set(environment, (this.#pastKills.get(environment) ?? 0) + kills);
    }
    return kills;
  }

  #kills(environment: string, runId: string): number {
    return readField(`${this.#group('memory', environment, runId)}/memory.oom_control`, 'oom_kill') ?? 0;
  }

  #group(controller: string, ...path: readonly string[]): string | undefined {
    const mount = this.#mounts[controller];
    return mount === undefined ? undefined : [mount + this.#instance, ...path].filter(Boolean).join('/');
  }

  #makeGroup(controller: string, environment: string): string {
    const group = this.#group(controller, environment);
    if (group === undefined) throw new Error(`the controller "${controller}" of cgroup v1 is not mounted`);
    mkdirSync(group, { recursive: true });
    return group;
  }

  #removeEverywhere(remove: (mount: string) => boolean): boolean {
    const mounts = new Set([...Object.values(this.#mounts), '/sys/fs/cgroup/unified']);
    let gone = true;
    for (const mount of mounts) if (mount !== undefined && !remove(mount)) gone = false;
    return gone;
  }
}
