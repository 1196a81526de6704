/** What a process has cost so far, as the kernel counts it. */
import { readFileSync } from 'node:fs';

/** User and system time, seconds (proc(5): fields 14 and 15, in hundredths). */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Its memory, shared pages shared out, MB. */
export const pssMegabytes = (pid: number): number =>
  Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024;
