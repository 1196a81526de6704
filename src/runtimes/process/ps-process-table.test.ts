import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { within } from '../../../test/testkit/deadline.ts';
import { killProcess } from './process-table.ts';
import { PsProcessTable, parseRow, parseTime } from './ps-process-table.ts';

const hasPs = spawnSync('ps', ['-A']).status === 0;

describe.runIf(hasPs)('the process table from ps', () => {
  it('finds a run by its variables, its group and its parents, and ends what it left', async () => {
    const table = new PsProcessTable('here');
    const program = spawn('/bin/sh', ['-c', 'env -i sh -c "echo up; sleep 1000" & wait'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: '/usr/bin:/bin', NIGHTSHIFT_RUN_ID: 'run-1', NIGHTSHIFT_INSTANCE: 'here' },
    });
    const pid = program.pid as number;
    await within('a word of the program', once(program.stdout, 'data'));
    table.adopt({ pid, runId: 'run-1' });
    const members = table.scan().filter((member) => member.runId === 'run-1');
    expect(members.map((member) => member.pid)).toContain(pid);
    expect(members.length).toBeGreaterThanOrEqual(2);
    const own = members.find((member) => member.pid === pid);
    expect(own === undefined ? 0 : table.usage(own)?.memoryBytes).toBeGreaterThan(100_000);
    expect(own === undefined ? '' : table.command(own)).toContain('sh -c');

    program.kill('SIGKILL');
    await once(program, 'exit');
    table.leaderEnded(pid);
    expect(table.mayHaveLeft('run-1')).toBe(true);
    for (const member of table.scan()) expect(killProcess(table, member)).toBe(true);
    table.forget(pid);
    expect(table.identify(pid)).toBeUndefined();
  });

  it('does not find the runs of another instance', async () => {
    const program = spawn('/bin/sh', ['-c', 'echo up; exec sleep 1000'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: '/usr/bin:/bin', NIGHTSHIFT_RUN_ID: 'run-2', NIGHTSHIFT_INSTANCE: 'elsewhere' },
    });
    await within('a word of the program', once(program.stdout, 'data'));
    expect(new PsProcessTable('else').scan()).toEqual([]);
    program.kill('SIGKILL');
    await once(program, 'exit');
  });
});

describe('a line of ps', () => {
  it('is read as Linux and macOS write it', () => {
    expect(parseRow('  12     1    12 S     2048 00:01:02 Mon Nov 23 15:21:15 2026 sleep 1000 A=b')).toEqual({
      pid: 12,
      parent: 1,
      group: 12,
      state: 'S',
      residentKilobytes: 2048,
      cpuSeconds: 62,
      startedAt: 'Mon Nov 23 15:21:15 2026',
      command: 'sleep 1000 A=b',
    });
    expect(
      parseRow('  12     1    12 Ss    2048   0:00.42 Mon Nov  3 15:21:15 2026     /bin/sh')?.cpuSeconds,
    ).toBe(0.42);
    expect(parseRow('')).toBeUndefined();
  });

  it('has times with and without days and hours', () => {
    expect(['1-00:00:01', '02:00:00', '3:04.5'].map(parseTime)).toEqual([86_401, 7_200, 184.5]);
  });
});
