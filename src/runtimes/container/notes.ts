/**
 * The folder in which the inits of runs note what was left. Runs write to it as their own users, so it is a file system of
 * its own with a few MB at most: whoever fills it takes notes from others, and nothing from the machine.
 */
import { chownSync, closeSync, openSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import { runCommand } from './command.ts';
import { complaint } from './oci-runtime.ts';
import { isMounted } from './state-folder.ts';

const options = 'size=16m,nr_inodes=16k,mode=0700,nosuid,nodev,noexec';
const noteBytesMax = 128 * 1024;

/** Throws with a sentence when the machine does not let us mount. */
export async function mountNotes(clock: Clock, folder: string): Promise<void> {
  if (isMounted(folder)) return;
  const result = await runCommand(
    clock,
    'mount',
    ['-t', 'tmpfs', '-o', options, 'nightshift', folder],
    10_000,
  );
  if (result.code !== 0) throw new Error(`can't mount a file system at ${folder}: ${complaint(result)}`);
}

export async function unmountNotes(clock: Clock, folder: string): Promise<void> {
  if (isMounted(folder)) await runCommand(clock, 'umount', ['-l', folder], 10_000);
}

/** Makes the empty note of a run, for its user to write. */
export function makeNote(folder: string, runId: string, uid: number, gid: number): string {
  const path = join(folder, runId);
  closeSync(openSync(path, 'w', 0o600));
  chownSync(path, uid, gid);
  return path;
}

/** Cuts a note that no init of ours would have made so long. */
export function boundNote(folder: string, runId: string): void {
  const path = join(folder, runId);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > noteBytesMax) truncateSync(path, 0);
}
