/** What system tests look at behind Nightshift's back: processes and groups of the machine. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export const isRoot = process.getuid?.() === 0;

/** A user who may do nothing, on every Debian. */
export function nobody(): { readonly name: string; readonly uid: number; readonly gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith('nobody:'));
  const [name = 'nobody', , uid, gid] = line?.split(':') ?? [];
  return { name, uid: Number(uid), gid: Number(gid) };
}

interface Process {
  readonly pid: number;
  readonly command: string;
  readonly variables: string;
  readonly folder: string;
}

/** A file of /proc; empty when its process has ended meanwhile. */
function procFile(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return ''; // it ended while we looked
  }
}

/** In a container it is the path that the container sees: roots lie at their own. */
function workingFolder(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ''; // it ended while we looked, or belongs to somebody else
  }
}

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => ({
      pid: Number(pid),
      command: procFile(pid, 'cmdline'),
      variables: procFile(pid, 'environ'),
      folder: workingFolder(pid),
    }));
}

/** Pids on the host whose command line begins so, among those of one run (or environment). */
export const pidsOf = (mark: string, command: string): number[] =>
  processes()
    .filter((each) => ` ${each.variables} `.includes(` ${mark} `) && each.command.startsWith(command))
    .map((each) => each.pid);

/** Processes that belong to one of these (a folder, an environment's name) by their command line, working folder or variables. */
export const leftovers = (words: readonly string[]): string[] =>
  processes()
    .filter((each) => each.pid !== process.pid && each.pid !== process.ppid)
    .filter((each) =>
      words.some(
        (word) =>
          each.command.includes(word) ||
          `${each.folder}/`.startsWith(`${word}/`) ||
          ` ${each.variables} `.includes(` NIGHTSHIFT_ENVIRONMENT=${word} `),
      ),
    )
    .map((each) => `${each.pid} ${each.command}`);

/** Groups below /sys/fs/cgroup that carry one of these names. */
export function remnantGroups(names: readonly string[]): string[] {
  const top = '/sys/fs/cgroup';
  if (names.length === 0 || !existsSync(top)) return [];
  // Groups of other tests come and go meanwhile: find then exits 1, and has told of the rest all the same.
  const { stdout } = spawnSync(
    'find',
    [
      top,
      '-maxdepth',
      '8',
      '-type',
      'd',
      '(',
      ...names.flatMap((name, index) => [...(index > 0 ? ['-o'] : []), '-name', `*${name}*`]),
      ')',
    ],
    { encoding: 'utf8' },
  );
  return stdout.split('\n').filter((line) => line !== '');
}

/** Is this command on PATH? */
export const has = (command: string): boolean =>
  (process.env.PATH ?? '').split(':').some((folder) => folder !== '' && existsSync(join(folder, command)));
