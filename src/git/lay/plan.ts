/**
 * What laying a tree changes in the root: a list of operations, kept beside the root before the first of them, so that it can
 * be gone on with, or undone, whoever comes back after a crash.
 */
import { closeSync, fdatasyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export type Operation =
  | {
      readonly kind: 'put';
      readonly path: string;
      /** Its file below `new/`; and, where something stands there already, that thing's second name below `old/`. */
      readonly number: number;
      readonly replaces: boolean;
    }
  | { readonly kind: 'remove'; readonly path: string; readonly number: number };

export interface LayPlan {
  readonly commit: string;
  /** In the order in which they are done: first what goes, then what comes. */
  readonly operations: readonly Operation[];
  /** Folders that have to be made, outer ones first. */
  readonly folders: readonly string[];
}

const fileName = 'plan.json';

/** On the disk when this returns. */
export function writePlan(stage: string, plan: LayPlan): void {
  const fresh = join(stage, `${fileName}.new`);
  const file = openSync(fresh, 'w', 0o600);
  try {
    writeSync(file, JSON.stringify(plan));
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, join(stage, fileName));
}

/** Undefined where none was finished: then nothing in the root was changed. */
export function readPlan(stage: string): LayPlan | undefined {
  try {
    return JSON.parse(readFileSync(join(stage, fileName), 'utf8')) as LayPlan;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export const newName = (stage: string, number: number): string => join(stage, 'new', String(number));
export const oldName = (stage: string, number: number): string => join(stage, 'old', String(number));
