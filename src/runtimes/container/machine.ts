/** What of the machine the container runtime stands on, found without changing anything. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { commandEnvironment } from './command.ts';

/** In the order in which they are tried: crun makes a container in a third of runc's time. */
export const ociRuntimes = ['crun', 'runc'] as const;

export const howToInstall = 'apt-get install conmon runc (or what your distribution calls them)';

/** Absolute path of a program in the usual folders. */
export function findProgramFile(name: string): string | undefined {
  return commandEnvironment.PATH.split(':')
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export function isRoot(): boolean {
  return process.platform === 'linux' && process.geteuid?.() === 0;
}
