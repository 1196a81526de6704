/** What the kernel says of the runs of one daemon: their groups, who is in them, and what is left of anything. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Program {
  readonly run: string;
  readonly environment: string;
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: with the pid it names one process. */
  readonly startTime: number;
  readonly command: string;
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it ended while we looked
  }
};

const foldersIn = (path: string): string[] => {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  } catch {
    return []; // it was removed while we looked
  }
};

/** The folder of a daemon's groups: v1's memory hierarchy, or the unified one. */
export function groupsFolder(instance: string): string {
  const v1 = join('/sys/fs/cgroup/memory/nightshift', instance);
  return existsSync('/sys/fs/cgroup/cgroup.controllers') ? findUnified(instance) : v1;
}

/** On v2 the groups stand below the daemon's own. */
function findUnified(instance: string): string {
  const own = /^0::(.*)$/m.exec(read('/proc/self/cgroup'))?.[1] ?? '/';
  const places = [own, join(own, '..'), '/'].map((place) =>
    join('/sys/fs/cgroup', place, 'nightshift', instance),
  );
  return places.find(existsSync) ?? join('/sys/fs/cgroup/nightshift', instance);
}

const pidsIn = (group: string): number[] =>
  read(join(group, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);

const stateAndStart = (pid: number): { state: string; startTime: number } => {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTime: Number(fields[19]) };
};

/** A process that lives, and not only waits to be reaped. */
export const lives = (pid: number, startTime: number): boolean => {
  const { state, startTime: now } = stateAndStart(pid);
  return state !== '' && state !== 'Z' && state !== 'X' && now === startTime;
};

export const startTimeOf = (pid: number): number => stateAndStart(pid).startTime;

/** The campaign's own programs that run now: inits and shells above them are left out. */
export function programs(instance: string): Program[] {
  const folder = groupsFolder(instance);
  return foldersIn(folder)
    .filter((environment) => environment !== '_conmon')
    .flatMap((environment) =>
      foldersIn(join(folder, environment)).flatMap((run) =>
        pidsIn(join(folder, environment, run)).flatMap((pid) => {
          const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
          const { state, startTime } = stateAndStart(pid);
          const ours = command.startsWith('/usr/bin/perl ./talk') && state !== 'Z';
          return ours ? [{ run, environment, pid, startTime, command }] : [];
        }),
      ),
    );
}

/** Everything in the groups of runs, inits too. */
export function pidsOfRuns(instance: string): number[] {
  const folder = groupsFolder(instance);
  return foldersIn(folder)
    .filter((environment) => environment !== '_conmon')
    .flatMap((environment) =>
      foldersIn(join(folder, environment)).flatMap((run) => pidsIn(join(folder, environment, run))),
    )
    .filter((pid) => stateAndStart(pid).state !== 'Z');
}

/** Groups of runs in which something lives. */
export function populatedRuns(instance: string): string[] {
  const folder = groupsFolder(instance);
  return foldersIn(folder)
    .filter((environment) => environment !== '_conmon')
    .flatMap((environment) =>
      foldersIn(join(folder, environment)).filter((run) =>
        pidsIn(join(folder, environment, run)).some((pid) => stateAndStart(pid).state !== 'Z'),
      ),
    );
}

/** Pids of the conmon that holds a run. */
export const conmonsOf = (instance: string, run: string): number[] =>
  pidsIn(join(groupsFolder(instance), '_conmon')).filter((pid) =>
    read(`/proc/${pid}/cmdline`).split('\0').includes(`ns-${run}`),
  );

export const monitors = (instance: string): number[] =>
  pidsIn(join(groupsFolder(instance), '_conmon')).filter((pid) => stateAndStart(pid).state !== 'Z');

/** What the runtime keeps on /run: bundles and their like, by kind. */
export function stateOnRun(instance: string): Record<string, string[]> {
  const folder = join('/run/nightshift', instance);
  const kinds = ['bundles', 'oci', 'exits', 'persist', 'notes'];
  return Object.fromEntries(
    kinds.map((kind) => [kind, existsSync(join(folder, kind)) ? readdirSync(join(folder, kind)) : []]),
  );
}

/** Mount points that carry one of these words. */
export const mountsWith = (words: readonly string[]): string[] =>
  read('/proc/self/mounts')
    .split('\n')
    .filter((line) => words.some((word) => line.includes(word)));

export interface DaemonFigures {
  readonly fds: number;
  readonly zombies: number;
  readonly rssKilobytes: number;
  readonly threads: number;
}

/** What one process holds; zombies are its children that nobody reaped. */
export function figuresOf(pid: number): DaemonFigures {
  const status = read(`/proc/${pid}/status`);
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  const zombies = readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    const stat = read(`/proc/${entry}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' && Number(fields[1]) === pid;
  });
  return {
    fds: readdirSync(`/proc/${pid}/fd`).length,
    zombies: zombies.length,
    rssKilobytes: field('VmRSS'),
    threads: field('Threads'),
  };
}
