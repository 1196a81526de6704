/**
 * Exits 0 when node_modules holds what package-lock.json asks for, 1 when `npm ci` is due.
 * npm writes node_modules/.package-lock.json last, so an interrupted install is never taken for a whole one. Versions are
 * compared, not times or checksums: after `npm install` in a working checkout there is nothing to do.
 */
import { readFileSync } from 'node:fs';

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>;
}

function readLock(path: string): Lock | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Lock;
  } catch {
    return undefined; // missing or broken: either way an install puts it right
  }
}

const wanted = readLock('package-lock.json');
const installed = readLock('node_modules/.package-lock.json');

/** Optional packages are other systems' builds of native code: absent here with good reason. */
const isThere = ([path, wish]: [string, Lock['packages'][string]]): boolean => {
  const found = installed?.packages[path];
  return found === undefined ? wish.optional === true : found.version === wish.version;
};

const upToDate =
  wanted !== undefined &&
  installed !== undefined &&
  Object.entries(wanted.packages).every((each) => each[0] === '' || isThere(each));
process.exitCode = upToDate ? 0 : 1;
