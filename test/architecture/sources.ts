/** The project's own files, as the tests of its habits read them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const checkout = join(import.meta.dirname, '..', '..');

/** Paths that git tracks or would track, from the checkout's folder: an untracked file is held to the same habits before its commit. */
export function projectFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: checkout,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return [...new Set(listed.split('\0'))].filter(
    (path) => path !== '' && existsSync(join(checkout, path)) && statSync(join(checkout, path)).isFile(),
  );
}

export const read = (path: string): string => readFileSync(join(checkout, path), 'utf8');

/** Tests, contract suites and what only they need: they stand beside what they test, and may use what they need. */
export const isForTests = (path: string): boolean =>
  /(\.(test|contract|testkit)|-under-test)\.ts$|^src\/runtimes\/suite\//.test(path);

/** The program itself. */
export const roomFiles = (): string[] =>
  projectFiles().filter((path) => /^src\/.*\.tsx?$/.test(path) && !isForTests(path));

export interface Import {
  readonly target: string;
  /** Nothing of it is left when the program runs. */
  readonly typeOnly: boolean;
}

/** What a file imports, or exports from elsewhere. */
export function importsOf(source: string): Import[] {
  const found = withoutComments(source).matchAll(
    /(?:^\s*(?:import|export)\s+(type\s)?[^'";]*?\bfrom\s*|^\s*import\s+|\bimport\s*\(\s*)(['"])([^'"\n]+)\2/gm,
  );
  return [...found].map((match) => ({ target: match[3] ?? '', typeOnly: match[1] !== undefined }));
}

/** Code without comments; strings stay. Good enough for this project's formatted sources: a slash in a regular expression never looks like a comment in them. */
export const withoutComments = (source: string): string =>
  source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;{(])\/\/[^\n]*/g, '$1');
