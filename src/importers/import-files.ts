/** The room's port: files of other programs in, jobs and sentences out. Pure, so that what it says can be looked at before anything is done. */
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { importCrontab } from './crontab.ts';
import type { Destination, Imported, Note, SourceFile } from './imported.ts';
import { pathsOutside } from './outside.ts';
import { importProcfile } from './procfile.ts';
import { importSupervisor } from './supervisor.ts';
import { importSystemd } from './systemd.ts';
import { importUpsun } from './upsun.ts';

export type { Destination, Fate, Imported, ImportedJob, Note, SourceFile } from './imported.ts';

const importers = {
  supervisor: importSupervisor,
  crontab: importCrontab,
  procfile: importProcfile,
  systemd: importSystemd,
  upsun: importUpsun,
} as const satisfies Record<string, (files: readonly SourceFile[], to: Destination) => Imported>;

export type ImportFormat = keyof typeof importers;
export const importFormats = Object.keys(importers) as readonly ImportFormat[];

/**
 * Whatever the files hold, it becomes a job, a variable or a note.
 * @param files the first is the one that was named; the others belong to it
 * @throws Refusal `import.file` where there is nothing that could be read
 */
export function importFiles(format: ImportFormat, files: readonly SourceFile[], to: Destination): Imported {
  const bytes = files.reduce((sum, { text }) => sum + text.length, 0);
  const name = files[0]?.name ?? format;
  if (bytes > limits.importedCharacters)
    throw new Refusal('import.file', {
      file: name,
      why: `it is longer than ${limits.importedCharacters / 1024} KB`,
    });
  const long = files.find(({ text }) =>
    text.split('\n').some((line) => line.length > limits.importedLineCharacters),
  );
  if (long !== undefined)
    throw new Refusal('import.file', {
      file: long.name,
      why: `it has a line of more than ${limits.importedLineCharacters} characters`,
    });
  if (files.some(({ text }) => text.includes('\0')))
    throw new Refusal('import.file', { file: name, why: 'it is no text: it holds NUL characters' });
  const imported = importers[format](files, to);
  if (imported.jobs.length > limits.importedJobs)
    throw new Refusal('import.file', {
      file: name,
      why: `it has more than ${limits.importedJobs} jobs: import it in parts`,
    });
  return { ...imported, notes: withPathsOutside(imported, files, to) };
}

/** Each beside what else is told of its line. */
function withPathsOutside(
  { jobs, notes }: Imported,
  files: readonly SourceFile[],
  to: Destination,
): readonly Note[] {
  const outside = jobs.flatMap((job) => pathsOutside(job, to));
  // Several jobs may come from one line.
  const more = [
    ...new Map(outside.map((each) => [`${each.file}:${each.line} ${each.directive}`, each])).values(),
  ];
  if (more.length === 0) return notes;
  const fileOf = ({ file }: Note): number => files.findIndex(({ name }) => name === file);
  return [...notes, ...more].sort((one, other) => fileOf(one) - fileOf(other) || one.line - other.line);
}
