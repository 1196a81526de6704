/**
 * Writes the pages of docs/reference that are made from the code: the error catalogue, the limits and the commands.
 * `script/reference` writes them; a test fails while they are out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliPage } from '../src/cli/reference.ts';
import { fileSchema } from '../src/control/file-schema.ts';
import { catalogue } from '../src/domain/errors.ts';
import { limits } from '../src/domain/limits.ts';
import { formatDuration, formatSize } from '../src/domain/units.ts';
import { isolationPage } from '../test/system/escapes.ts';
import { apiPage } from './api-page.ts';
import { fieldNotesModule } from './field-notes.ts';
import { importingPage } from './importing-page.ts';

const checkout = join(import.meta.dirname, '..');

const note = (source: string): string =>
  `<!-- Made from ${source} by script/reference: change it there. -->\n`;

/** A `|` would end a cell, a `<` begin a tag. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

/** The sentence with its parameters' names in place of their values. */
function sentenceOf(code: keyof typeof catalogue): string {
  const names = new Proxy({} as Record<string, string>, { get: (_, name) => `‹${String(name)}›` });
  return catalogue[code].sentence(names);
}

export function errorsPage(): string {
  const rows = Object.keys(catalogue).map((key) => {
    const code = key as keyof typeof catalogue;
    return `| \`${code}\` | ${catalogue[code].status} | ${cell(sentenceOf(code))} |`;
  });
  return `${note('src/domain/errors.ts')}
# Errors

Every request that Nightshift refuses is refused with one of these codes, an HTTP status and a sentence that says what
to do; nothing was changed then. Codes are stable: programs may rely on them, sentences may be reworded. On the command
line the sentence stands on standard error and the exit code is 1. ‹Names› stand for what was asked.

| code | status | sentence |
| --- | --- | --- |
${rows.join('\n')}
`;
}

/** The comments above the limits, by name, as the source has them. */
function limitComments(): ReadonlyMap<string, string> {
  const source = readFileSync(join(checkout, 'src/domain/limits.ts'), 'utf8');
  const found = source.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(\w+):/g);
  return new Map(
    [...found].map(([, comment = '', name = '']) => [name, comment.replace(/\s*\n\s*\*\s*/g, ' ').trim()]),
  );
}

/** A limit's number in the unit that its name carries. */
function limitValue(name: string, value: number): string {
  if (/bytes/i.test(name)) return formatSize(value).replace(/\.0 /, ' ');
  if (/seconds/i.test(name)) return formatDuration(value);
  return new Intl.NumberFormat('en').format(value);
}

export function limitsPage(): string {
  const comments = limitComments();
  const rows = Object.entries(limits).map(
    ([name, value]) => `| \`${name}\` | ${limitValue(name, value)} | ${cell(comments.get(name) ?? '')} |`,
  );
  return `${note('src/domain/limits.ts')}
# Limits

Everything that could grow has a bound. These hold for every installation; what a plan allows is in \`nightshift plan list\`.
1 MB is 1024 × 1024 bytes.

| limit | value | |
| --- | --- | --- |
${rows.join('\n')}
`;
}

export const pages: Readonly<Record<string, () => string>> = {
  'docs/reference/errors.md': errorsPage,
  'docs/reference/limits.md': limitsPage,
  'docs/reference/cli.md': cliPage,
  'docs/reference/nightshift.schema.json': () => `${JSON.stringify(fileSchema, null, 2)}\n`,
  'docs/reference/api.md': apiPage,
  'docs/reference/importing.md': importingPage,
  'docs/reference/isolation.md': isolationPage,
  'src/http/field-notes.ts': () => fieldNotesModule(checkout),
};

if (import.meta.main) {
  for (const [path, page] of Object.entries(pages)) writeFileSync(join(checkout, path), page());
}
