/** The daemon as a systemd unit: installed from packaging/systemd as it is, started, stopped, killed, and waited for. */
import { execFile } from 'node:child_process';
import { copyFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '../../src/cli/client.ts';
import { uptime } from './transcript.ts';
import { until } from './until.ts';

export const checkout = join(import.meta.dirname, '..', '..');
export const unit = 'nightshift.service';
export const dataFolder = '/var/lib/nightshift';
export const nightshift = '/usr/bin/nightshift';
/** On an emulated processor the first start takes two minutes. */
export const readySeconds = 300;

const execute = promisify(execFile);

export const client = new Client(join(dataFolder, 'nightshift.sock'));

/** What a program printed; rejects with what it said when it failed. */
export async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(program, args, { maxBuffer: 256 * 1024 * 1024 });
  return stdout;
}

export const systemctl = (...args: readonly string[]): Promise<string> => run('systemctl', ...args);

export async function installUnit(): Promise<void> {
  await copyFile(join(checkout, 'packaging', 'systemd', unit), join('/etc/systemd/system', unit));
  await rm(nightshift, { force: true });
  await symlink(join(checkout, 'bin', 'nightshift'), nightshift);
  await systemctl('daemon-reload');
}

/** A property of the unit, as `systemctl show` has it. */
export async function property(name: string): Promise<string> {
  return (await systemctl('show', '--property', name, '--value', unit)).trim();
}

/** Pid of the daemon; 0 while there is none. */
export async function daemonPid(): Promise<number> {
  return Number(await property('MainPID'));
}

/** Resolves when the unit's present daemon answers, with its pid. */
export async function daemonReady(): Promise<number> {
  return await until(`the daemon of ${unit} to answer`, readySeconds, async () => {
    const pid = await daemonPid();
    return pid > 0 && (await answeringPid()) === pid ? pid : undefined;
  });
}

/** How long the unit's present daemon took until it answered, asked just when it does. */
export async function startSeconds(): Promise<number> {
  return uptime() - Number(await property('ExecMainStartTimestampMonotonic')) / 1e6;
}

/** Resolves with the pid of a daemon that is not this one, as soon as it is started. */
export async function successorOf(pid: number): Promise<number> {
  return await until('systemd to start the daemon again', 60, async () => {
    const now = await daemonPid();
    return now > 0 && now !== pid ? now : undefined;
  });
}

/** Of the daemon that answers at the socket; undefined when none does. */
export async function answeringPid(): Promise<number | undefined> {
  try {
    return (await client.get<{ readonly pid: number }>('/daemon')).pid;
  } catch {
    return undefined; // not there yet, or no longer
  }
}

/** What the unit's daemons said, the newest last. */
export async function journal(lines: number): Promise<string> {
  return await run('journalctl', '--unit', unit, '--output', 'short-monotonic', '--lines', String(lines));
}
