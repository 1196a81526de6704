import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { within } from '../../../test/testkit/deadline.ts';
import { LinuxProcessTable, parseStat } from './linux-process-table.ts';
import { killProcess } from './process-table.ts';

const onLinux = process.platform === 'linux';
const started: ChildProcess[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    // The whole group: each child leads one.
    process.kill(-(child.pid as number), 'SIGKILL');
    await once(child, 'exit');
  }
});

/** A program that says something and waits, in a session of its own. */
async function run(script: string, env: Record<string, string>): Promise<number> {
  const child = spawn('/bin/sh', ['-c', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env,
  });
  started.push(child);
  await within('a word of the program', once(child.stdout, 'data'));
  return child.pid as number;
}

const marked = (runId: string, instance = 'here') => ({
  PATH: '/usr/bin:/bin',
  NIGHTSHIFT_RUN_ID: runId,
  NIGHTSHIFT_INSTANCE: instance,
});
const bare = { PATH: '/usr/bin:/bin' };
const pidsOf = (table: LinuxProcessTable, runId: string) =>
  table
    .scan()
    .filter((member) => member.runId === runId)
    .map((member) => member.pid);

describe.runIf(onLinux)('the process table of Linux', () => {
  it('finds a process by its variables, and not those of another instance', async () => {
    const pid = await run('echo up; sleep 1000', marked('run-a'));
    await run('echo up; sleep 1000', marked('run-b', 'elsewhere'));
    const table = new LinuxProcessTable('here');
    expect(pidsOf(table, 'run-a')).toContain(pid);
    expect(pidsOf(table, 'run-b')).toEqual([]);
    // A longer name that begins the same is another instance.
    expect(pidsOf(new LinuxProcessTable('her'), 'run-a')).toEqual([]);
  });

  it('finds a child that cleaned its variables by its session', async () => {
    const table = new LinuxProcessTable('here');
    const pid = await run('env -i /bin/sh -c "echo up; exec sleep 1000" & wait', bare);
    expect(pidsOf(table, 'run-c')).toEqual([]);
    const knowing = new LinuxProcessTable('here');
    knowing.adopt({ pid, runId: 'run-c' });
    expect(pidsOf(knowing, 'run-c')).toHaveLength(2);
  });

  it('finds a child in a session of its own by its parent, and remembers it when the parent is gone', async () => {
    const table = new LinuxProcessTable('here');
    const pid = await run('env -i setsid /bin/sh -c "echo up; exec sleep 1000" & wait', bare);
    table.adopt({ pid, runId: 'run-d' });
    const before = pidsOf(table, 'run-d');
    expect(before).toHaveLength(2);
    process.kill(pid, 'SIGKILL');
    await once(started[0] as ChildProcess, 'exit');
    table.leaderEnded(pid);
    expect(table.mayHaveLeft('run-d')).toBe(true);
    const [left] = table.scan().filter((member) => member.runId === 'run-d');
    expect(before).toContain(left?.pid);
    expect(left === undefined ? '' : table.command(left)).toMatch(/sleep 1000$/);
    expect(left !== undefined && killProcess(table, left)).toBe(true);
  });

  it('is certain that nothing is left of a program that had no children', async () => {
    const table = new LinuxProcessTable('here');
    const pid = await run('echo up; exec sleep 1000', marked('run-e'));
    table.adopt({ pid, runId: 'run-e' });
    process.kill(pid, 'SIGKILL');
    await once(started[0] as ChildProcess, 'exit');
    table.leaderEnded(pid);
    expect(table.mayHaveLeft('run-e')).toBe(false);
    expect(pidsOf(table, 'run-e')).toEqual([]);
  });

  it('does not signal a process that is another one than was meant', async () => {
    const table = new LinuxProcessTable('here');
    const pid = await run('echo up; exec sleep 1000', bare);
    const now = table.identify(pid);
    expect(now).toBeDefined();
    expect(killProcess(table, { pid, startedAt: '1' })).toBe(false);
    expect(table.identify(pid)).toEqual(now);
  });

  it('says what a process uses', async () => {
    const table = new LinuxProcessTable('here');
    await run('echo up; sleep 1000', marked('run-f'));
    const [member] = table.scan().filter((each) => each.runId === 'run-f');
    const usage = member === undefined ? undefined : table.usage(member);
    expect(usage?.memoryBytes).toBeGreaterThan(10_000);
    expect(usage?.memoryBytes).toBeLessThan(50_000_000);
    expect(usage?.cpuSeconds).toBeLessThan(10);
    expect(usage?.swapBytes).toBeGreaterThanOrEqual(0);
  });
});

describe('the line of /proc/PID/stat', () => {
  it.runIf(onLinux)('is read as the kernel writes it', () => {
    const stat = parseStat(readFileSync('/proc/self/stat', 'latin1'));
    expect(stat).toMatchObject({ state: 'R', parent: process.ppid });
    expect(stat.residentPages).toBeGreaterThan(100);
  });

  it('is read also when the name of the program is made to confuse', () => {
    const fields = 'S 11 12 13 0 -1 0 1 2 3 4 50 60 7 8 20 0 1 0 4711 100 99';
    expect(parseStat(`10 (evil) R 1 1 (x) ${fields}`)).toEqual({
      state: 'S',
      parent: 11,
      group: 12,
      session: 13,
      cpuTicks: 125,
      startedAt: '4711',
      residentPages: 99,
    });
  });
});
