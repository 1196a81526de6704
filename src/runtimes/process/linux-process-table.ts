/**
 * The process table from `/proc` (proc(5)). One scan serves all runs. What a process belongs to is found out once in its
 * life: the inode of `/proc/PID` tells a known process from a new one with the same number, at a quarter of the cost of
 * reading its files.
 */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import type { Leader, Member, MemberUsage, ProcessIdentity, ProcessTable } from './process-table.ts';

/** Clock ticks per second as the kernel shows them to programs: 100 on every Linux that Node runs on (USER_HZ). */
const ticksPerSecond = 100;
const pageBytes = 4096;
const commandCharacters = 200;

interface Stat {
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly cpuTicks: number;
  readonly startedAt: string;
  readonly residentPages: number;
}

interface Known {
  readonly inode: number;
  /** Null: belongs to no run of ours, for good. */
  readonly runId: string | null;
}

export class LinuxProcessTable implements ProcessTable {
  readonly #instanceMark: string;
  readonly #leaders = new Map<number, { readonly runId: string; ended: boolean }>();
  /** The last look met a process in the middle of exec(2). */
  #unsure = false;
  #known = new Map<number, Known>();
  #buffer = Buffer.alloc(64 * 1024);

  constructor(instance: string) {
    this.#instanceMark = `NIGHTSHIFT_INSTANCE=${instance}`;
  }

  identify(pid: number): ProcessIdentity | undefined {
    const stat = this.#stat(pid);
    return stat === undefined || isGone(stat) ? undefined : { pid, startedAt: stat.startedAt };
  }

  adopt(leader: Leader): void {
    this.#leaders.set(leader.pid, { runId: leader.runId, ended: false });
  }

  leaderEnded(pid: number): void {
    const leader = this.#leaders.get(pid);
    if (leader !== undefined) leader.ended = true;
  }

  forget(pid: number): void {
    this.#leaders.delete(pid);
  }

  /**
   * When a program has ended, the topmost of what it left has lost its parent, and so was handed to one of our own
   * ancestors: to init or to a subreaper (prctl(2), PR_SET_CHILD_SUBREAPER). Their children are few, however many
   * processes the machine has.
   */
  mayHaveLeft(runId: string): boolean {
    this.#unsure = false;
    const seen = new Map<number, Known>();
    for (const ancestor of this.#ancestors()) {
      const children = this.#children(ancestor);
      if (children === undefined) return true;
      for (const child of children) if (this.#runOf(child, seen) === runId) return true;
    }
    for (const [pid, known] of seen) this.#known.set(pid, known);
    return this.#unsure;
  }

  get unsure(): boolean {
    return this.#unsure;
  }

  scan(): readonly Member[] {
    this.#unsure = false;
    const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
    const seen = new Map<number, Known>();
    const members: Member[] = [];
    for (const pid of pids) {
      const runId = this.#runOf(pid, seen);
      if (runId === null) continue;
      const stat = this.#stat(pid);
      if (stat === undefined || isGone(stat)) continue;
      members.push({ pid, startedAt: stat.startedAt, parent: stat.parent, runId });
    }
    this.#known = seen;
    return members;
  }

  usage(member: Member): MemberUsage | undefined {
    const stat = this.#stat(member.pid);
    if (stat === undefined || isGone(stat) || stat.startedAt !== member.startedAt) return undefined;
    const rollup = this.#read(`/proc/${member.pid}/smaps_rollup`);
    return {
      // Shared pages are shared out (PSS), so that children that were only forked don't count double.
      memoryBytes: kilobytes(rollup, 'Pss') ?? stat.residentPages * pageBytes,
      swapBytes: kilobytes(rollup, 'SwapPss') ?? 0,
      cpuSeconds: stat.cpuTicks / ticksPerSecond,
    };
  }

  command(member: Member): string {
    const words = Buffer.from(this.#read(`/proc/${member.pid}/cmdline`) ?? '', 'latin1').toString();
    const line = words.replaceAll('\0', ' ').trim();
    const name = line === '' ? (this.#read(`/proc/${member.pid}/comm`) ?? '').trim() : line;
    return name.slice(0, commandCharacters) || '(unknown)';
  }

  /** The daemon's parent, its parent, and so on to init. */
  #ancestors(): number[] {
    const found = [1];
    for (let pid = process.ppid; pid > 1; pid = this.#stat(pid)?.parent ?? 1) found.push(pid);
    return found;
  }

  /** The children of all threads of a process; undefined where the kernel was built without that file, or hides it. */
  #children(pid: number): number[] | undefined {
    const threads = threadsOf(pid);
    if (threads === undefined) return undefined;
    const all: number[] = [];
    for (const thread of threads) {
      const text = this.#read(`/proc/${pid}/task/${thread}/children`);
      if (text === undefined) return undefined;
      for (const child of text.split(' ')) if (child !== '') all.push(Number(child));
    }
    return all;
  }

  /** Which run a process belongs to: known already, or by its variables, its session, its group or its parent. */
  #runOf(pid: number, seen: Map<number, Known>): string | null {
    const before = seen.get(pid);
    if (before !== undefined) return before.runId;
    const inode = statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.ino;
    if (inode === undefined) return null;
    const known = this.#known.get(pid);
    if (known?.inode === inode) {
      seen.set(pid, known);
      return known.runId;
    }
    const stat = this.#stat(pid);
    if (stat === undefined) return null;
    const variables = this.#read(`/proc/${pid}/environ`);
    // Held while its parents are looked at, so that a loop (a pid reused meanwhile) ends.
    seen.set(pid, { inode, runId: null });
    const runId =
      this.#runByVariables(variables) ??
      this.#runByLeader(pid, stat.session) ??
      this.#runByLeader(pid, stat.group) ??
      this.#runByParent(stat.parent, seen);
    const isKernelThread = stat.parent === 2 || pid === 2;
    // In the middle of exec(2) a process shows no variables: look again next time.
    if (runId === null && variables === '' && !isKernelThread) {
      seen.delete(pid);
      this.#unsure = true;
    } else seen.set(pid, { inode, runId });
    return runId;
  }

  /** `leader` is the number of a session or group; a new process that got the number of an ended program is not its run's. */
  #runByLeader(pid: number, leader: number): string | undefined {
    const found = this.#leaders.get(leader);
    return found?.ended === true && pid === leader ? undefined : found?.runId;
  }

  #runByParent(parent: number, seen: Map<number, Known>): string | null {
    return parent <= 1 || parent === process.pid ? null : this.#runOf(parent, seen);
  }

  #runByVariables(variables: string | undefined): string | undefined {
    if (variables?.includes(this.#instanceMark) !== true) return undefined;
    const entries = variables.split('\0');
    if (!entries.includes(this.#instanceMark)) return undefined;
    return entries
      .find((entry) => entry.startsWith('NIGHTSHIFT_RUN_ID='))
      ?.slice('NIGHTSHIFT_RUN_ID='.length);
  }

  #stat(pid: number): Stat | undefined {
    const text = this.#read(`/proc/${pid}/stat`);
    return text === undefined || text === '' ? undefined : parseStat(text);
  }

  /** A file's text; undefined when it is gone or not for us to read. */
  #read(path: string): string | undefined {
    let file: number | undefined;
    try {
      file = openSync(path, 'r');
      let length = 0;
      for (;;) {
        if (length === this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer, this.#buffer]);
        const count = readSync(file, this.#buffer, length, this.#buffer.length - length, null);
        if (count === 0) break;
        length += count;
      }
      return this.#buffer.toString('latin1', 0, length);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }
}

/** Reads `/proc/PID/stat`; the name in parentheses may hold anything, so fields are counted from its end. */
export function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (index: number) => Number(fields[index]);
  return {
    state: fields[0] as string,
    parent: number(1),
    group: number(2),
    session: number(3),
    // Of itself and of the children that it has waited for.
    cpuTicks: number(11) + number(12) + number(13) + number(14),
    startedAt: fields[19] as string,
    residentPages: number(21),
  };
}

const isGone = (stat: Stat): boolean => stat.state === 'Z' || stat.state === 'X' || stat.state === 'x';

/** Undefined also where other users' processes are hidden (hidepid). */
function threadsOf(pid: number): readonly string[] | undefined {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

const isAbsent = (error: unknown): boolean =>
  ['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');

function kilobytes(text: string | undefined, name: string): number | undefined {
  const match = text === undefined ? null : new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text);
  return match === null ? undefined : Number(match[1]) * 1024;
}
