import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { EnvironmentLimits, EnvironmentUsage, Usage } from '../runtime.ts';
import {
  type CgroupDriver,
  fieldOf,
  groupsIn,
  monitorGroup,
  type RunAccount,
  readField,
  readNumber,
  removeGroup,
  removeTree,
  tryWrite,
} from './cgroup.ts';
import { numbers, readText } from './processes.ts';

const cpuPeriodMicroseconds = 100_000;
const controllers = '+memory +cpu +pids';
/** The leaf in which a unit with `DelegateSubgroup=daemon` lets us start, beside the groups that we make. */
const daemonGroup = 'daemon';

/**
 * The group below which everything is made: the group of our systemd unit where `Delegate=yes` hands it to us **and**
 * `DelegateSubgroup=daemon` starts us in a leaf below it, else the root of the tree, as without systemd. A group that hands
 * controllers down may hold no processes itself (cgroup-v2.rst, "No Internal Process Constraint"): had we moved from the
 * unit's group to a leaf of our own, systemd could not start us there again while jobs run.
 */
export function delegatedGroup(ownCgroup: string): string {
  const own = /^0::(\/.*)$/m.exec(ownCgroup)?.[1] ?? '/';
  const unit = own.endsWith(`/${daemonGroup}`) ? own.slice(0, -daemonGroup.length - 1) : '';
  return unit.endsWith('.service') ? unit : '';
}

/**
 * Where runs of the instance stand already: those of a daemon that was started another way, by hand or as another unit.
 * As long as there are any, new ones join them: a group can't be moved, and what is out of sight would be started twice.
 */
export function groupWithRuns(mount: string, instance: string): string | undefined {
  return basesBelow(mount).find((base) => {
    const group = instanceGroup(mount, base, instance);
    return groupsIn(group).some((name) => name !== monitorGroup && groupsIn(`${group}/${name}`).length > 0);
  });
}

/** Every group below which a daemon may have made its own. */
function basesBelow(mount: string): string[] {
  const units = groupsIn(`${mount}/system.slice`).filter((name) => name.endsWith('.service'));
  return ['', ...units.map((unit) => `/system.slice/${unit}`)];
}

const instanceGroup = (mount: string, base: string, instance: string): string =>
  `${mount}${base}/nightshift/${instance}`;

export class CgroupV2 implements CgroupDriver {
  readonly version = 2;
  readonly namespaced = true;
  readonly #mount: string;
  readonly #base: string;
  readonly #name: string;
  readonly #instance: string;
  readonly #swap: boolean;

  constructor(mount: string, instance: string) {
    this.#mount = mount;
    this.#name = instance;
    this.#base = groupWithRuns(mount, instance) ?? delegatedGroup(readText('/proc/self/cgroup') ?? '');
    this.#instance = `${this.#base}/nightshift/${instance}`;
    this.#swap = (readText('/proc/swaps')?.trim().split('\n').length ?? 1) > 1;
  }

  get base(): string {
    return `${this.#mount}${this.#base}`;
  }

  missingControllers(): string[] {
    const present = readText(`${this.base}/cgroup.controllers`)?.trim().split(' ') ?? [];
    return ['memory', 'cpu', 'pids'].filter((controller) => !present.includes(controller));
  }

  countsSwap(): boolean {
    // The root of the tree has no such file, every group below it has.
    return groupsIn(this.base).some((group) => existsSync(`${this.base}/${group}/memory.swap.max`));
  }

  prepare(): void {
    this.#removeAbandoned();
    mkdirSync(this.#group(monitorGroup), { recursive: true });
    let path = `${this.#mount}${this.#base}`;
    const names = this.#instance.slice(this.#base.length).split('/').slice(1);
    for (const name of ['', ...names]) {
      path = name === '' ? path : `${path}/${name}`;
      writeFileSync(`${path}/cgroup.subtree_control`, controllers);
    }
  }

  runPath(environment: string, runId: string): string {
    return `${this.#instance}/${environment}/${runId}`;
  }

  /**
   * The soft limit slows a run down above it, so that its memory is swapped out. Where there is no swap nothing but the
   * slowing is left, and a job that lifted its limit on purpose would only crawl: then it is not set.
   */
  runResources(softLimitBytes: number | null): Record<string, unknown> {
    const high =
      softLimitBytes !== null && this.#swap ? { 'memory.high': String(softLimitBytes) } : undefined;
    return {
      devices: [{ allow: false, access: 'rwm' }],
      ...(high === undefined ? {} : { unified: high }),
    };
  }

  limit(limits: EnvironmentLimits): void {
    const group = this.#group(limits.environment);
    mkdirSync(group, { recursive: true });
    tryWrite(`${group}/cgroup.subtree_control`, controllers);
    writeFileSync(`${group}/memory.max`, String(limits.memoryBytes));
    tryWrite(`${group}/memory.swap.max`, limits.memoryBytes);
    writeFileSync(`${group}/pids.max`, String(Math.ceil(limits.processes)));
    const quota = Math.max(1000, Math.round(limits.cpu * cpuPeriodMicroseconds));
    // The burst may not exceed the quota at any moment: first none, then the new quota, then the new burst.
    tryWrite(`${group}/cpu.max.burst`, 0);
    writeFileSync(`${group}/cpu.max`, `${quota} ${cpuPeriodMicroseconds}`);
    // What was not used in one period may be used in the next: a start is not held up, the average stays.
    tryWrite(`${group}/cpu.max.burst`, quota);
    tryWrite(`${group}/cpu.weight`, Math.min(10_000, Math.max(1, Math.round(limits.cpu * 200))));
  }

  async placeMonitor(pid: number): Promise<void> {
    await writeFile(`${this.#group(monitorGroup)}/cgroup.procs`, String(pid));
  }

  monitors(): number[] {
    return numbers(readText(`${this.#group(monitorGroup)}/cgroup.procs`) ?? '');
  }

  processes(environment: string, runId: string): number[] {
    return numbers(readText(`${this.#group(environment, runId)}/cgroup.procs`) ?? '');
  }

  killOnce(environment: string, runId: string): void {
    tryWrite(`${this.#group(environment, runId)}/cgroup.kill`, 1);
  }

  runExists(environment: string, runId: string): boolean {
    return existsSync(this.#group(environment, runId));
  }

  removeRun(environment: string, runId: string): boolean {
    return removeTree(this.#group(environment, runId));
  }

  removeEnvironment(environment: string): boolean {
    return removeTree(this.#group(environment));
  }

  removeInstance(): void {
    removeTree(this.#group());
    removeGroup(`${this.#mount}${this.#base}/nightshift`);
  }

  runs(): { environment: string; runId: string }[] {
    return groupsIn(this.#group())
      .filter((name) => name !== monitorGroup)
      .flatMap((environment) => groupsIn(this.#group(environment)).map((runId) => ({ environment, runId })));
  }

  usage(environment: string, runId: string): Usage | undefined {
    const usage = usageOf(this.#group(environment, runId));
    if (usage === undefined) return undefined;
    const { memoryBytes, cpuSeconds, processes } = usage;
    return { memoryBytes, cpuSeconds, processes };
  }

  environmentUsage(environment: string): EnvironmentUsage | undefined {
    const group = this.#group(environment);
    const usage = usageOf(group);
    if (usage === undefined) return undefined;
    const throttled = fieldOf(usage.cpuStat, 'throttled_usec');
    const { cpuStat: _, ...counted } = usage;
    return {
      ...counted,
      swapBytes: readNumber(`${group}/memory.swap.current`) ?? 0,
      memoryMaxBytes: readNumber(`${group}/memory.peak`) ?? null,
      throttledSeconds: throttled === undefined ? null : throttled / 1e6,
      outOfMemoryKills: readField(`${group}/memory.events`, 'oom_kill') ?? null,
    };
  }

  account(environment: string, runId: string): RunAccount {
    const group = this.#group(environment, runId);
    const parent = this.#group(environment);
    const cpu = readField(`${group}/cpu.stat`, 'usage_usec');
    const all = readNumber(`${parent}/memory.current`);
    const own = readNumber(`${group}/memory.current`);
    return {
      memoryMaxBytes: readNumber(`${group}/memory.peak`) ?? null,
      cpuSeconds: cpu === undefined ? null : cpu / 1e6,
      outOfMemoryKills: readField(`${group}/memory.events`, 'oom_kill') ?? 0,
      limitBytes: readNumber(`${parent}/memory.max`) ?? null,
      othersBytes: all === undefined || own === undefined ? null : Math.max(0, all - own),
    };
  }

  /** Empty groups of a daemon that was started another way. */
  #removeAbandoned(): void {
    for (const base of basesBelow(this.#mount).filter((each) => each !== this.#base)) {
      const group = instanceGroup(this.#mount, base, this.#name);
      if (existsSync(group) && removeTree(group)) removeGroup(`${this.#mount}${base}/nightshift`);
    }
  }

  #group(...path: readonly string[]): string {
    return [this.#mount + this.#instance, ...path].join('/');
  }
}

/** Page cache that nobody uses just now is not counted: the kernel gives it back before anything is killed. */
function usageOf(group: string): (Usage & { cacheBytes: number; cpuStat: string }) | undefined {
  const used = readNumber(`${group}/memory.current`);
  if (used === undefined) return undefined;
  const cacheBytes = Math.min(used, readField(`${group}/memory.stat`, 'inactive_file') ?? 0);
  const cpuStat = readText(`${group}/cpu.stat`) ?? '';
  return {
    memoryBytes: used - cacheBytes,
    cacheBytes,
    cpuStat,
    cpuSeconds: (fieldOf(cpuStat, 'usage_usec') ?? 0) / 1e6,
    processes: readNumber(`${group}/pids.current`) ?? 0,
  };
}
