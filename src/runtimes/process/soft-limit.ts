import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes PHP's `memory_limit` follow the plan's soft limit: by an ini file that is read after PHP's own ones, so that
 * `ini_set('memory_limit', …)` in the job overrides it. Answers the value for `PHP_INI_SCAN_DIR`; in it, an empty entry
 * stands for the folder that PHP was built with.
 */
export function phpScanFolders(dataFolder: string, softLimitBytes: number, own: string | undefined): string {
  const folder = join(dataFolder, 'php', String(softLimitBytes));
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  writeFileSync(join(folder, 'nightshift.ini'), `memory_limit = ${softLimitBytes}\n`, { mode: 0o644 });
  return `${own ?? ''}:${folder}`;
}
