/** The root is changed here and nowhere else: rename by rename, so that every single file is the old one or the new one. */
import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { newName, type Operation, oldName, readPlan } from './plan.ts';

const hasCode = (error: unknown, ...codes: string[]): boolean =>
  codes.includes(String((error as NodeJS.ErrnoException).code));

/** Called before each change of the root: tests break off there. */
type Step = () => void;

/** Does what was planned, once: one that was interrupted is undone. Synchronous on purpose: nothing comes in between. */
export function lay(root: string, stage: string, step: Step = () => undefined): void {
  const plan = readPlan(stage);
  if (plan === undefined) throw new Error('nothing is staged');
  const touched = new Set<string>();
  for (const operation of plan.operations) {
    if (operation.kind !== 'remove') continue;
    step();
    remove(root, operation.path);
    touched.add(dirname(join(root, operation.path)));
  }
  const made = new Set<string>();
  for (const operation of plan.operations) {
    if (operation.kind !== 'put') continue;
    step();
    makeFolders(root, dirname(operation.path), made);
    put(root, stage, operation);
    touched.add(dirname(join(root, operation.path)));
  }
  for (const folder of plan.folders) touched.add(join(root, folder));
  for (const folder of touched) syncFolder(folder);
  // The clock of the file system itself: files that are changed later carry a later time.
  const mark = join(stage, 'laid');
  writeFileSync(mark, '');
  writeFileSync(mark, String(lstatSync(mark).ctimeMs));
}

/** The time on the file system's clock when laying ended; undefined when it has not. */
export function laidAt(stage: string): number | undefined {
  try {
    return Number(readFileSync(join(stage, 'laid'), 'utf8')) || undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function put(root: string, stage: string, { path, number }: Operation): void {
  renameSync(newName(stage, number), join(root, path));
}

/** With the folders that are empty then: git knows none. */
function remove(root: string, path: string): void {
  try {
    unlinkSync(join(root, path));
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
  }
  removeEmpty(root, dirname(path));
}

function removeEmpty(root: string, folder: string): void {
  for (let each = folder; each !== '.' && each !== ''; each = dirname(each)) {
    try {
      rmdirSync(join(root, each));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) continue;
      if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EBUSY', 'EACCES', 'EPERM')) return;
      throw error;
    }
  }
}

/** Each part is a folder, and no link to one: what stands in the way was not there when it was looked at. */
function makeFolders(root: string, folder: string, made: Set<string>): void {
  if (folder === '.' || made.has(folder)) return;
  makeFolders(root, dirname(folder), made);
  try {
    mkdirSync(join(root, folder), { mode: 0o755 });
  } catch (error) {
    if (!hasCode(error, 'EEXIST') || !lstatSync(join(root, folder)).isDirectory()) throw error;
  }
  made.add(folder);
}

/** Brings everything back, last things first; it can be interrupted and done again. */
export function undo(root: string, stage: string, step: Step = () => undefined): void {
  const plan = readPlan(stage);
  if (plan === undefined) return;
  const touched = new Set<string>();
  for (const operation of plan.operations.toReversed()) {
    step();
    if (operation.kind === 'put') takeBack(root, stage, operation);
  }
  for (const folder of plan.folders.toReversed()) {
    try {
      rmdirSync(join(root, folder));
    } catch (error) {
      // What the app has put there meanwhile is kept.
      if (!hasCode(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) throw error;
    }
  }
  for (const operation of plan.operations.toReversed()) {
    step();
    if (operation.kind === 'remove' || operation.replaces) restore(root, stage, operation);
    touched.add(dirname(join(root, operation.path)));
  }
  for (const folder of touched) syncFolder(folder);
}

/** What was put where nothing stood before goes again; what was never put is still below `new/`. */
function takeBack(root: string, stage: string, operation: Extract<Operation, { kind: 'put' }>): void {
  if (operation.replaces || isThere(newName(stage, operation.number))) return;
  try {
    unlinkSync(join(root, operation.path));
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) throw error;
  }
}

function restore(root: string, stage: string, { path, number }: Operation): void {
  const old = oldName(stage, number);
  const target = join(root, path);
  if (!isThere(old)) return; // it is back already
  if (isSameFile(old, target)) {
    // It was never replaced: both names are the same file, and rename(2) would leave both.
    unlinkSync(old);
    return;
  }
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  renameSync(old, target);
}

/** Lets go of everything beside the root. */
export const clear = (stage: string): void => {
  for (const name of ['plan.json', 'plan.json.new', 'laid', 'new', 'old'])
    rmSync(join(stage, name), { recursive: true, force: true });
};

export const isThere = (path: string): boolean => {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
};

function isSameFile(one: string, other: string): boolean {
  if (!isThere(other)) return false;
  const [a, b] = [lstatSync(one), lstatSync(other)];
  return a.ino === b.ino && a.dev === b.dev;
}

/** The names in it are on the disk when this returns. */
export function syncFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  const open = openSync(folder, 'r');
  try {
    fsyncSync(open);
  } finally {
    closeSync(open);
  }
}
