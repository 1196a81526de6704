import { join, resolve } from 'node:path';
import type { CliIo } from './io.ts';
import type { StoreAddress } from './local.ts';

/** The data folder: `--data`, else NIGHTSHIFT_DATA, else the machine's for root and one's own for others. Absolute. */
export function dataFolder(option: string | undefined, io: CliIo): string {
  const named = option ?? io.variables.NIGHTSHIFT_DATA;
  if (named !== undefined && named !== '') return resolve(io.workingFolder, named);
  return io.isRoot ? '/var/lib/nightshift' : join(io.home, '.local/state/nightshift');
}

/** Where what is kept is kept: `--store`, else NIGHTSHIFT_STORE; null: in files of the data folder. */
export function storeAddress(option: string | undefined, io: CliIo): StoreAddress | null {
  if (option !== undefined) return { address: option, from: 'option' };
  const named = io.variables.NIGHTSHIFT_STORE;
  return named === undefined || named === '' ? null : { address: named, from: 'environment' };
}

/** Where the daemon of that folder listens. */
export const socketPath = (folder: string): string => join(folder, 'nightshift.sock');
