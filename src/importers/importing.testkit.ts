/** Imports a text as a test has it: into the environment "shop", whose root is /srv/shop and whose user is www-data. */
import type { Destination, Imported, ImportFormat, SourceFile } from './import-files.ts';
import { importFiles } from './import-files.ts';

export const shop: Destination = {
  environment: 'shop',
  root: '/srv/shop',
  user: 'www-data',
  timezone: 'Europe/Berlin',
};

/** Lines of a text that is indented as the test is. */
export function text(strings: TemplateStringsArray, ...values: readonly string[]): string {
  const whole = String.raw(strings, ...values).replace(/^\n/, '');
  const indent = /^ */.exec(whole)?.[0].length ?? 0;
  return whole
    .replaceAll(new RegExp(`^ {1,${indent}}`, 'gm'), '')
    .trimEnd()
    .concat('\n');
}

export const imported = (
  format: ImportFormat,
  file: string,
  to: Partial<Destination> = {},
  name = `/srv/from/${format}`,
  more: readonly SourceFile[] = [],
): Imported => importFiles(format, [{ name, text: file }, ...more], { ...shop, ...to });

/** `6 user = forge: left out`, in the order of the file. */
export const notesOf = ({ notes }: Imported): string[] =>
  notes.map(({ line, directive, fate }) => `${line} ${directive}: ${fate}`);

/** The jobs without where they stand. */
export const jobsOf = ({ jobs }: Imported): object[] => jobs.map(({ file: _, line: __, ...job }) => job);
