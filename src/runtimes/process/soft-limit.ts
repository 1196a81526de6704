/**
 * Makes PHP's `memory_limit` follow the plan's soft limit: by an ini file that is read after PHP's own ones, so that
 * `ini_set('memory_limit', …)` in the job overrides it.
 */
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export class SoftLimits {
  readonly #folder: string;
  readonly #written = new Set<number>();

  /** @param forOtherUsers Jobs run as other users, who can't look into the data folder: the files lie in /run then. */
  constructor(dataFolder: string, instance: string, forOtherUsers: boolean) {
    this.#folder =
      forOtherUsers && existsSync('/run')
        ? `/run/nightshift-${instance}`
        : join(dataFolder, 'process', 'php');
  }

  /** The value for `PHP_INI_SCAN_DIR`; in it, an empty entry stands for the folder that PHP was built with. */
  phpScanFolders(bytes: number, own: string | undefined): string {
    const folder = join(this.#folder, String(bytes));
    if (!this.#written.has(bytes)) this.#write(folder, bytes);
    this.#written.add(bytes);
    return `${own ?? ''}:${folder}`;
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    this.#written.clear();
  }

  #write(folder: string, bytes: number): void {
    const file = join(folder, 'nightshift.ini');
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `memory_limit = ${bytes}\n`);
    // Whatever the daemon's umask is, the job's user has to read it.
    for (const [path, mode] of [
      [this.#folder, 0o755],
      [folder, 0o755],
      [file, 0o644],
    ] as const)
      chmodSync(path, mode);
  }
}
