/** Control groups and processes, looked at behind Nightshift's back. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { property } from './unit.ts';
import { must } from './until.ts';

export const cgroupRoot = '/sys/fs/cgroup';

export interface Process {
  readonly pid: number;
  /** In ticks since boot (proc(5), field 22 of stat): with the pid it names one process for ever. */
  readonly startTime: number;
  readonly command: string;
}

/** Empty when there is no such file, or no longer. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export const readGroup = (group: string, file: string): string => read(join(group, file)).trim();

/** One value of a file of `NAME VALUE` lines; 0 where it is missing. */
export function readCounter(group: string, file: string, name: string): number {
  const line = readGroup(group, file)
    .split('\n')
    .find((each) => each.startsWith(`${name} `));
  return Number(line?.split(' ')[1] ?? 0);
}

export function childGroups(group: string): string[] {
  try {
    return readdirSync(group, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

/** The processes in this group, not in those below it. */
export function processesIn(group: string): Process[] {
  return readGroup(group, 'cgroup.procs')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => processOf(Number(line)) ?? []);
}

export function processOf(pid: number): Process | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === '') return undefined;
  const startTime = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  return { pid, startTime, command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() };
}

/** All processes in this group and in those below it. */
export const processesBelow = (group: string): Process[] => [
  ...processesIn(group),
  ...childGroups(group).flatMap((name) => processesBelow(join(group, name))),
];

/** The group of the unit, from the root of the file system. */
export async function unitGroup(): Promise<string> {
  const path = await property('ControlGroup');
  must(path !== '' && path !== '/', 'the unit has no control group');
  return join(cgroupRoot, path);
}

/** Where the groups of environments and monitors are: of the one daemon of the unit. */
export async function instanceGroup(): Promise<string> {
  const group = join(await unitGroup(), 'nightshift');
  const [instance, ...others] = childGroups(group);
  must(
    instance !== undefined && others.length === 0,
    `below ${group} one group was expected, not [${childGroups(group)}]`,
  );
  return join(group, instance);
}

export const environmentGroup = async (environment: string): Promise<string> =>
  join(await instanceGroup(), environment);

/** What a program forks looks like itself until it becomes something else: the program is the oldest that looks so. */
export function oldest(processes: readonly Process[], command: string): Process | undefined {
  const found = processes.filter((each) => each.command === command);
  return found.sort((a, b) => a.startTime - b.startTime || a.pid - b.pid)[0];
}

/**
 * The program of a job, by its command line. Undefined while it does not run; rejects when two runs of the environment
 * have such a program.
 */
export async function programOf(environment: string, command: string): Promise<Process | undefined> {
  const group = await environmentGroup(environment);
  const programs = childGroups(group).flatMap((run) => oldest(processesIn(join(group, run)), command) ?? []);
  must(
    programs.length < 2,
    `"${command}" runs twice: ${programs.map(({ pid }) => `pid ${pid}`).join(' and ')}`,
  );
  return programs[0];
}
