/** Work, done at once: SQLite answers every question in the same turn. */
import type { Work } from '../rows/work.ts';
import type { DatabaseFile } from './database-file.ts';

export function perform<T>(work: Work<T>, core: DatabaseFile, history: DatabaseFile): T {
  let step = work.next();
  while (step.done !== true) {
    const file = step.value.of === history.database ? history : core;
    step = work.next(file.answer(step.value));
  }
  return step.value;
}
