import { join, resolve } from 'node:path';
import type { CliIo } from './io.ts';

/** The data folder: `--data`, else NIGHTSHIFT_DATA, else the machine's for root and one's own for others. Absolute. */
export function dataFolder(option: string | undefined, io: CliIo): string {
  const named = option ?? io.variables.NIGHTSHIFT_DATA;
  if (named !== undefined && named !== '') return resolve(io.workingFolder, named);
  return io.isRoot ? '/var/lib/nightshift' : join(io.home, '.local/state/nightshift');
}

/** Where the daemon of that folder listens. */
export const socketPath = (folder: string): string => join(folder, 'nightshift.sock');
