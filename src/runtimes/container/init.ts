/**
 * PID 1 of a run: a few lines of shell (see docs/decisions/0002-init-of-a-run.md). It runs the program in the foreground, reaps what is
 * orphaned, and when the program ends it notes what is left of the run and ends itself with the program's code:
 * with PID 1 the kernel ends everything else in the namespace.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Leftover } from '../../domain/run.ts';
import { printable } from './processes.ts';

/** Where the note of what was left is inside the container. */
export const notePath = '/.nightshift/leftovers';

/**
 * Stderr is set aside as 3 and handed to the program only, so that the shell's own words ("Terminated") go nowhere.
 * The subshell's `exec` keeps builtins out: the program is what PATH says, with its input and signals untouched.
 * Ctrl-C on a terminal reaches the shell too, and is the program's business alone: the subshell has the signal's default again.
 * What is left is read with builtins alone, which work when no process can be made any more; one grep, a second at
 * most, adds the command lines (each argument on a line, NUL at its end). At most 100 processes and 64 KB.
 */
const script = (foreign: string): string => `
trap 'echo "nightshift: the program was not started: the limit on processes is reached" >&3; exit 126' 0
exec 3>&2 2>/dev/null
trap : INT
(unset ${foreign}; exec "$@" 2>&3 3>&-)
trap "exit $?" 0
exec 3>&-
ulimit -f 128
ns_count=0
for ns_folder in /proc/[0-9]*; do
  [ "$ns_folder" = /proc/1 ] && continue
  read -r ns_line <"$ns_folder/stat" || continue
  case "\${ns_line##*) }" in [ZX]*) continue ;; esac
  [ "$ns_count" = 0 ] && exec 4>>${notePath}
  echo "$ns_line" >&4
  ns_count=$((ns_count + 1))
  [ "$ns_count" = 100 ] && break
done
[ "$ns_count" = 0 ] || PATH=/usr/bin:/bin timeout -s KILL 1 grep -asz . /proc/[0-9]*/cmdline >&4
exit
`;

/** Variables that shells add of their own accord. */
const shellVariables = ['OLDPWD', 'PWD', 'SHLVL', '_'];

/** The words that PID 1 is exec'ed with. The program gets the given variables and no other. */
export function initArguments(
  argv: readonly string[],
  variables: Readonly<Record<string, string>>,
): string[] {
  const foreign = shellVariables.filter((name) => !(name in variables)).join(' ');
  return ['/bin/sh', '-c', script(foreign), 'nightshift', ...argv];
}

const noteBytesMax = 65_536;
const leftoversMax = 100;

/** Reads a run's note. It was written by the run's own user: nothing in it is trusted to be small or well-formed. */
export function readLeftovers(path: string): Leftover[] {
  const buffer = Buffer.alloc(noteBytesMax);
  let length = 0;
  try {
    const file = openSync(path, 'r');
    try {
      length = readSync(file, buffer, 0, noteBytesMax, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    return [];
  }
  return parseLeftovers(buffer.toString('utf8', 0, length));
}

/** Lines of /proc/PID/stat, then records `/proc/PID/cmdline:ARGUMENT\\0`. Pids are those inside the run. */
export function parseLeftovers(note: string): Leftover[] {
  const names = new Map<number, string>();
  const lines = new Map<number, string[]>();
  const end = note.indexOf('/proc/');
  const [stats, records] = end < 0 ? [note, ''] : [note.slice(0, end), note.slice(end)];
  for (const line of stats.split('\n')) {
    const match = /^(\d{1,10}) \((.*)\) \S/s.exec(line);
    if (match !== null && names.size < leftoversMax) names.set(Number(match[1]), match[2] ?? '');
  }
  for (const record of records.split('\0')) {
    const match = /^\/proc\/(\d{1,10})\/cmdline:(.*)$/s.exec(record);
    if (match === null) continue;
    const words = lines.get(Number(match[1])) ?? [];
    words.push(match[2] ?? '');
    lines.set(Number(match[1]), words);
  }
  return [...names].map(([pid, name]) => ({ pid, command: printable(lines.get(pid)?.join(' ') ?? name) }));
}
