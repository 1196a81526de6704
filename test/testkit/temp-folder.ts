import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempFolder {
  /** Absolute and real, so that it equals what a program's `pwd` says. */
  readonly path: string;
  dispose(): Promise<void>;
}

/** Makes a folder of its own that other users can enter: the programs of a test may run as another user. */
export async function makeTempFolder(name = 'test'): Promise<TempFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), `nightshift-${name}-`)));
  await chmod(path, 0o755);
  return { path, dispose: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}
