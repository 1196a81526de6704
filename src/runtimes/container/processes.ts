/**
 * What /proc says about processes. A bare pid names nobody: after its end the kernel gives the number to another
 * program. Pid and start time (field 22 of /proc/PID/stat, in ticks since boot) together, within one boot, name one.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { type SignalName, signalNumbers } from '../../domain/signals.ts';

export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: number;
}

/** A small file's text; undefined when it is not there (any more) or can't be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The random name that the kernel gave to this boot. */
export function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown';
}

/** Wall time of this boot in ms (btime of /proc/stat); undefined when the kernel does not say. */
export function bootedAt(): number | undefined {
  const seconds = /^btime (\d+)$/m.exec(readText('/proc/stat') ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** Start time of a living process; undefined when it is gone or only waits to be reaped. */
export function startTimeOf(pid: number): number | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name in parentheses may hold anything, parentheses and blanks too: count from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  if (state === 'Z' || state === 'X') return undefined;
  const startTime = Number(fields[19]);
  return Number.isFinite(startTime) ? startTime : undefined;
}

/** The program that a process runs; undefined when it is gone. */
export function executableOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

/** The process that has this pid now. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

export function isAlive(process: ProcessIdentity): boolean {
  return startTimeOf(process.pid) === process.startTime;
}

/** Sends a signal to this very process; false when it has ended. */
export function sendSignal(target: ProcessIdentity, signal: SignalName): boolean {
  if (!isAlive(target)) return false;
  return signalPid(target.pid, signal);
}

/** Only for pids that were read from a run's own group a moment ago. */
export function signalPid(pid: number, signal: SignalName): boolean {
  try {
    process.kill(pid, signalNumbers[signal]);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** The pid that a process has in its innermost PID namespace. */
export function innerPid(pid: number): number | undefined {
  const line = /^NSpid:\s*(.*)$/m.exec(readText(`/proc/${pid}/status`) ?? '')?.[1];
  const inner = line?.trim().split(/\s+/).at(-1);
  return inner === undefined ? undefined : Number(inner);
}

/** Whether a process has a handler of its own for a signal (SigCgt of /proc/PID/status). */
export function handlesSignal(pid: number, signal: SignalName): boolean {
  const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readText(`/proc/${pid}/status`) ?? '')?.[1] ?? '0';
  return ((BigInt(`0x${mask}`) >> BigInt(signalNumbers[signal] - 1)) & 1n) === 1n;
}

/** Pids of a process's children, orphans that it took over included. */
export function childrenOf(pid: number): number[] {
  return numbers(readText(`/proc/${pid}/task/${pid}/children`) ?? '');
}

/** Whitespace-separated numbers. */
export function numbers(text: string): number[] {
  return text.split(/\s+/).filter(Boolean).map(Number);
}

/** Whether a process stands in the control group with this path (in any hierarchy). */
export function isInGroup(pid: number, groupPath: string): boolean {
  return (readText(`/proc/${pid}/cgroup`) ?? '').split('\n').some((line) => line.endsWith(groupPath));
}

/** A process's command line for people, at most 200 characters; its bare name where it has none. */
export function commandOf(pid: number): string {
  const line = (readText(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
  return printable(line === '' ? (readText(`/proc/${pid}/comm`)?.trim() ?? '?') : line);
}

/** Without control characters and not longer than 200: what a stranger's program calls itself is no text to trust. */
export function printable(text: string): string {
  const cleaned = text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return cleaned.length > 200 ? `${cleaned.slice(0, 199)}…` : cleaned;
}
