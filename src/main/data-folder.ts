/** The data folder: where it is by default, and that it is there and ours. */
import { createHash } from 'node:crypto';
import { access, constants, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../domain/errors.ts';

export interface DataFolder {
  /** Real path. */
  readonly path: string;
  /** Tells this daemon's cgroups, containers and processes from those of another data folder. */
  readonly instance: string;
  readonly socket: string;
  readonly logs: string;
  /** A file that may be lost. */
  readonly metrics: string;
}

/**
 * Makes the folder where it is missing; only its owner sees into it.
 * @throws Refusal `data.not-writable`
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    const real = await realpath(path);
    await mkdir(join(real, 'logs'), { recursive: true, mode: 0o700 });
    const instance = createHash('sha256').update(real).digest('hex').slice(0, 8);
    return {
      path: real,
      instance,
      socket: join(real, 'nightshift.sock'),
      logs: join(real, 'logs'),
      metrics: join(real, 'metrics.db'),
    };
  } catch (error) {
    const why =
      error instanceof Error ? error.message.replace(/,.*$/, '').replace(/^E[A-Z]+: /, '') : String(error);
    throw new Refusal('data.not-writable', { folder: path, why }, { cause: error });
  }
}
