import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { EnvironmentLimits, EnvironmentUsage, Usage } from '../runtime.ts';
import {
  type CgroupDriver,
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
/** Where the daemon itself stands below its unit's group, so that the unit's group may hand controllers down. */
const daemonGroup = 'daemon';

/**
 * The group below which everything is made. Under systemd that is the unit's own group, which `Delegate=yes` hands to
 * us: with `DelegateSubgroup=daemon` we stand one below it already, else we stand in it alone. Where others stand
 * beside us (a session, a unit that was not handed over) it is the root of the tree, as without systemd.
 */
export function delegatedGroup(ownCgroup: string, standsAlone: (group: string) => boolean): string {
  const own = /^0::(\/.*)$/m.exec(ownCgroup)?.[1] ?? '/';
  if (own.endsWith(`/${daemonGroup}`)) return own.slice(0, -daemonGroup.length - 1);
  return own.endsWith('.service') && standsAlone(own) ? own : '';
}

export class CgroupV2 implements CgroupDriver {
  readonly version = 2;
  readonly namespaced = true;
  readonly #mount: string;
  readonly #base: string;
  readonly #instance: string;
  readonly #swap: boolean;

  constructor(mount: string, instance: string) {
    this.#mount = mount;
    this.#base = delegatedGroup(readText('/proc/self/cgroup') ?? '', (group) => {
      const pids = numbers(readText(`${mount}${group}/cgroup.procs`) ?? '');
      return pids.length === 1 && pids[0] === process.pid;
    });
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
    // A group that hands controllers down may hold no processes itself (cgroup-v2.rst, "No Internal Process Constraint").
    if (this.#base !== '') {
      mkdirSync(`${this.#mount}${this.#base}/${daemonGroup}`, { recursive: true });
      writeFileSync(`${this.#mount}${this.#base}/${daemonGroup}/cgroup.procs`, String(process.pid));
    }
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
    return usageOf(this.#group(environment, runId));
  }

  environmentUsage(environment: string): EnvironmentUsage | undefined {
    const group = this.#group(environment);
    const usage = usageOf(group);
    if (usage === undefined) return undefined;
    const throttled = readField(`${group}/cpu.stat`, 'throttled_usec');
    return {
      ...usage,
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

  #group(...path: readonly string[]): string {
    return [this.#mount + this.#instance, ...path].join('/');
  }
}

/** Page cache that nobody uses just now is not counted: the kernel gives it back before anything is killed. */
function usageOf(group: string): Usage | undefined {
  const used = readNumber(`${group}/memory.current`);
  if (used === undefined) return undefined;
  const idle = readField(`${group}/memory.stat`, 'inactive_file') ?? 0;
  return {
    memoryBytes: Math.max(0, used - idle),
    cpuSeconds: (readField(`${group}/cpu.stat`, 'usage_usec') ?? 0) / 1e6,
    processes: readNumber(`${group}/pids.current`) ?? 0,
  };
}
