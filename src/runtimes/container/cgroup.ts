/**
 * Control groups: the walls around an environment and the groups of its runs. Two drivers, one for each version of the
 * kernel's interface; a hybrid machine (controllers on v1, an empty v2 tree beside them) is a v1 machine.
 *
 *   BASE/nightshift/INSTANCE/_conmon          the monitors: outside all limits
 *   BASE/nightshift/INSTANCE/ENVIRONMENT      the plan's limits
 *   BASE/nightshift/INSTANCE/ENVIRONMENT/RUN  one run
 */
import { readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import type { EnvironmentLimits, EnvironmentUsage, Usage } from '../runtime.ts';
import { readText } from './processes.ts';

/** What the kernel counted for a run, read when it has ended. */
export interface RunAccount {
  readonly memoryMaxBytes: number | null;
  readonly cpuSeconds: number | null;
  readonly outOfMemoryKills: number;
  readonly limitBytes: number | null;
  readonly othersBytes: number | null;
}

export interface CgroupDriver {
  readonly version: 1 | 2;
  /** Whether each run can have a cgroup namespace (v1 ones show the host's paths all the same). */
  readonly namespaced: boolean;
  /** The folder below which the groups are made, as people find it. */
  readonly base: string;
  missingControllers(): string[];
  countsSwap(): boolean;
  /** Makes the groups of the instance; throws with a sentence when the machine does not allow it. */
  prepare(): void;
  /** The run's group as the OCI configuration names it. */
  runPath(environment: string, runId: string): string;
  /** `linux.resources` of a run. */
  runResources(softLimitBytes: number | null): Record<string, unknown>;
  /** @throws MemoryHeld on v1, when more memory is held than the limit and can't be reclaimed; all other limits hold then */
  limit(limits: EnvironmentLimits): void;
  /** Moves a monitor out of whatever limits the daemon may stand under. */
  placeMonitor(pid: number): Promise<void>;
  monitors(): number[];
  /** Pids of everything in a run's group. */
  processes(environment: string, runId: string): number[];
  /** Sends KILL to everything in a run's group, also when it is frozen. */
  killOnce(environment: string, runId: string): void;
  runExists(environment: string, runId: string): boolean;
  /** Removes a run's group; true when it is gone. */
  removeRun(environment: string, runId: string): boolean;
  removeEnvironment(environment: string): boolean;
  /** Removes the instance's groups when nothing is in them. */
  removeInstance(): void;
  runs(): { readonly environment: string; readonly runId: string }[];
  usage(environment: string, runId: string): Usage | undefined;
  environmentUsage(environment: string): EnvironmentUsage | undefined;
  account(environment: string, runId: string): RunAccount;
}

/** The kernel does not take a memory limit, because the environment holds more and nothing more of it can be reclaimed. */
export class MemoryHeld extends Error {
  constructor(bytes: number, options: { cause: unknown }) {
    super(`the runs of the environment hold more than ${bytes} bytes and can't be brought below it`, options);
    this.name = 'MemoryHeld';
  }
}

export const monitorGroup = '_conmon';

export function readNumber(path: string): number | undefined {
  const text = readText(path)?.trim();
  if (text === undefined || text === '' || text === 'max') return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** One value of a file of `NAME VALUE` lines. */
export const readField = (path: string, name: string): number | undefined => fieldOf(readText(path), name);

/** The same of a text that was read: some files are long, and are wanted for more than one value. */
export function fieldOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const begin = text.startsWith(`${name} `) ? 0 : text.indexOf(`\n${name} `) + 1;
  if (begin === 0 && !text.startsWith(`${name} `)) return undefined;
  const end = text.indexOf('\n', begin);
  const value = Number(text.slice(begin + name.length + 1, end === -1 ? undefined : end));
  return Number.isFinite(value) ? value : undefined;
}

/** Writes where the file is there; false when the kernel refuses the value or has no such file. */
export function tryWrite(path: string, value: string | number): boolean {
  try {
    writeFileSync(path, String(value), { flag: 'r+' });
    return true;
  } catch {
    return false;
  }
}

/** True when the group is gone. */
export function removeGroup(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** Removes a group and the empty ones in it. */
export function removeTree(path: string): boolean {
  for (const child of groupsIn(path)) removeTree(`${path}/${child}`);
  return removeGroup(path);
}

export function groupsIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}
