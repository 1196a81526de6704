/** What is refused about imports, exports, backups and restoring; part of the catalogue in `errors.ts`. */
import { type Entry, entry } from './error-entry.ts';

export const movingErrors = {
  'import.file': entry(422, (p) => `${p.file} can't be imported: ${p.why}`),
  'import.nothing': entry(422, (p) => `${p.file} has no jobs that can be imported: ${p.why}`),
  'import.other-job': entry(
    409,
    (p) =>
      `"${p.environment}" has a ${p.type} "${p.job}" already, and the file has another job of that name: rename one of them`,
  ),
} as const satisfies Record<string, Entry>;
