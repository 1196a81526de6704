/** One process at a time works on a root: the one of a daemon that was killed may still be there when the next daemon begins. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const fileName = 'lock';
const lookMs = 20;
/** It ends by itself as soon as its daemon is gone, unless a disk hangs. */
const patienceMs = 30_000;

/** Waits for the end of whoever holds it; a holder is known by its pid and the time of its start. */
export async function takeLock(stage: string): Promise<void> {
  const file = join(stage, fileName);
  const until = performance.now() + patienceMs;
  for (let holder = read(file); holder !== null && lives(holder); holder = read(file)) {
    if (performance.now() > until) throw new Error(`process ${holder.pid} still works on the root`);
    await pause(lookMs);
  }
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, startTime: startTimeOf(process.pid) }));
  renameSync(own, file);
}

interface Holder {
  readonly pid: number;
  readonly startTime: string | null;
}

function read(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return null; // nobody has held it yet
  }
}

const lives = ({ pid, startTime }: Holder): boolean =>
  startTime !== null && pid !== process.pid && startTimeOf(pid) === startTime;

/** Ticks since the boot, the 22nd field of /proc/PID/stat; null where nothing like that is known. */
function startTimeOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // A zombie does nothing any more.
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null; // it ended
  }
}
