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
  'backup.foreign': entry(
    422,
    () =>
      'that is no backup of Nightshift, or its beginning is damaged: name a file that "nightshift backup" made',
  ),
  'backup.newer': entry(
    422,
    (p) => `the backup was made by a newer Nightshift (${p.version}): upgrade this one, and restore again`,
  ),
  'backup.damaged': entry(422, (p) => `the backup is damaged (${p.why}): take another one`),
  'backup.elsewhere': entry(
    409,
    () =>
      'what is kept is in PostgreSQL: make the backup there, with "pg_dump --schema=nightshift", and keep a copy of secret.key of the data folder',
  ),
  'backup.unreadable': entry(422, (p) => `${p.file} can't be read (${p.why})`),
  'backup.passphrase': entry(
    422,
    () => 'that is not the passphrase of this backup, or its secrets are damaged: nothing was restored',
  ),
  'backup.passphrase-short': entry(
    422,
    (p) =>
      `the passphrase has to have ${p.limit} characters at least: whoever gets the file may guess without end`,
  ),
  'backup.passphrase-missing': entry(
    422,
    () => 'the secrets of this backup are sealed: give its passphrase with --passphrase-file',
  ),
  'backup.no-secrets': entry(
    422,
    () => 'this backup was made without secrets: name secret.key of the old data folder with --key-file',
  ),
  'restore.not-empty': entry(
    409,
    (p) => `${p.folder} holds data already: name an empty folder with --data, or move it away first`,
  ),
  'restore.cut-short': entry(
    409,
    (p) => `a restore into ${p.folder} was cut short: run "nightshift restore" again, or empty the folder`,
  ),
} as const satisfies Record<string, Entry>;
