/**
 * The process table from ps(1), for systems without `/proc` (macOS). Slower than reading files, and with less to see: resident
 * memory counts shared pages for each process again, and the start of a process is known to the second.
 */
import { spawnSync } from 'node:child_process';
import type { Leader, Member, MemberUsage, ProcessIdentity, ProcessTable } from './process-table.ts';

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly state: string;
  readonly residentKilobytes: number;
  readonly cpuSeconds: number;
  readonly startedAt: string;
  /** The command line, and the variables after it where they were asked for and may be seen. */
  readonly command: string;
}

const columns = ['pid', 'ppid', 'pgid', 'state', 'rss', 'time', 'lstart', 'command'];
const outputBytesMax = 64 * 1024 * 1024;
const commandCharacters = 200;

/** How ps is asked to show variables after the command: the one thing in which the two families differ. */
const withVariables = process.platform === 'darwin' ? ['-A', '-E', '-ww'] : ['axeww'];

export class PsProcessTable implements ProcessTable {
  readonly #instanceMark: string;
  readonly #leaders = new Map<number, { readonly runId: string; ended: boolean }>();
  /** What was found out by variables, group or parent stays true when the parent is gone. */
  #known = new Map<string, string>();
  #rows = new Map<number, Row>();

  constructor(instance: string) {
    this.#instanceMark = `NIGHTSHIFT_INSTANCE=${instance}`;
  }

  identify(pid: number): ProcessIdentity | undefined {
    const row = list(['-p', String(pid)])[0];
    return row === undefined || isGone(row) ? undefined : { pid, startedAt: row.startedAt };
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

  /** ps does not say who shows no variables only for a moment. */
  readonly unsure = false;

  mayHaveLeft(runId: string): boolean {
    return this.scan().some((member) => member.runId === runId);
  }

  scan(): readonly Member[] {
    const rows = new Map(list(withVariables).map((row) => [row.pid, row]));
    const known = new Map<string, string>();
    const members: Member[] = [];
    for (const row of rows.values()) {
      const runId = isGone(row) ? undefined : this.#runOf(row, rows, 0);
      if (runId === undefined) continue;
      known.set(key(row), runId);
      members.push({ pid: row.pid, startedAt: row.startedAt, parent: row.parent, runId });
    }
    this.#known = known;
    this.#rows = rows;
    return members;
  }

  /** As of the last scan. */
  usage(member: Member): MemberUsage | undefined {
    const row = this.#rows.get(member.pid);
    if (row === undefined || row.startedAt !== member.startedAt) return undefined;
    return { memoryBytes: row.residentKilobytes * 1024, swapBytes: 0, cpuSeconds: row.cpuSeconds };
  }

  command(member: Member): string {
    const row = list(['-p', String(member.pid)])[0];
    return row?.command.slice(0, commandCharacters) ?? '(unknown)';
  }

  #runOf(row: Row, rows: ReadonlyMap<number, Row>, depth: number): string | undefined {
    const leader = this.#leaders.get(row.group);
    const isNamesake = leader?.ended === true && row.pid === row.group;
    return (
      this.#known.get(key(row)) ??
      this.#runByVariables(row.command) ??
      (isNamesake ? undefined : leader?.runId) ??
      this.#runByParent(row, rows, depth)
    );
  }

  #runByParent(row: Row, rows: ReadonlyMap<number, Row>, depth: number): string | undefined {
    const parent = rows.get(row.parent);
    // No tree is deeper than it has processes: a loop, by a number used again, ends.
    if (parent === undefined || parent.pid <= 1 || parent.pid === process.pid || depth > rows.size)
      return undefined;
    return this.#runOf(parent, rows, depth + 1);
  }

  #runByVariables(command: string): string | undefined {
    const words = command.split(' ');
    if (!words.includes(this.#instanceMark)) return undefined;
    return words.find((word) => word.startsWith('NIGHTSHIFT_RUN_ID='))?.slice('NIGHTSHIFT_RUN_ID='.length);
  }
}

function list(selection: readonly string[]): Row[] {
  const format = columns.flatMap((column) => ['-o', `${column}=`]);
  const { stdout, error } = spawnSync('ps', [...selection, ...format], {
    encoding: 'latin1',
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: outputBytesMax,
  });
  if (error !== undefined) throw error;
  return stdout.split('\n').flatMap((line) => parseRow(line) ?? []);
}

const rowPattern =
  /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+) ?(.*)$/;

/** One line of ps; undefined when it is none. */
export function parseRow(line: string): Row | undefined {
  const match = rowPattern.exec(line);
  if (match === null) return undefined;
  const [, pid, parent, group, state, resident, time, startedAt, command] = match as unknown as string[];
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    state: state as string,
    residentKilobytes: Number(resident),
    cpuSeconds: parseTime(time as string),
    startedAt: startedAt as string,
    command: command as string,
  };
}

/** Reads `1-02:03:04`, `02:03:04` or `3:04.56`, in seconds. */
export function parseTime(text: string): number {
  const [days, clock] = text.includes('-') ? (text.split('-') as [string, string]) : ['0', text];
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Number(days) * 86_400 + seconds;
}

const isGone = (row: Row): boolean => row.state.startsWith('Z');
const key = (row: Row): string => `${row.pid} ${row.startedAt}`;
