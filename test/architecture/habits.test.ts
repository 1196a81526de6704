import { basename, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pages } from '../../script/reference.ts';
import { catalogue } from '../../src/domain/errors.ts';
import { projectFiles, read, roomFiles } from './sources.ts';

/** Files made by tools, whose words are not ours. */
const generated = new Set(['package-lock.json']);

const isText = (path: string): boolean => !/\.(png|jpe?g|gif|ico|woff2?|gz|zip|db)$/.test(path);
const textFiles = projectFiles().filter((path) => isText(path) && !generated.has(path));
const code = projectFiles().filter((path) => /^(src|test|bench|script|examples|web)\//.test(path));

/** `path:line` of each line that the pattern finds. */
const linesWith = (paths: readonly string[], pattern: RegExp): string[] =>
  paths.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );

/** A word that these tests look for, written so that they do not find themselves. */
const word = (...parts: string[]): string => parts.join('');

describe('names of files', () => {
  const sources = code.filter((path) => /\.[cm]?tsx?$/.test(path));

  test('are kebab-case', () => {
    const wrong = sources.filter(
      (path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.[cm]?tsx?$/.test(basename(path)),
    );
    expect(wrong).toEqual([]);
  });

  test('say what a file holds', () => {
    const grabBags = /^(utils?|lib|libs|helpers?|types?|common|misc|shared|index|constants|interfaces)\b/;
    const wrong = code.filter(
      // Vite begins there, and so does every web server.
      (path) =>
        !['web/index.html', 'examples/images/public/index.php'].includes(path) &&
        path
          .split('/')
          .slice(1)
          .some((part) => grabBags.test(part)),
    );
    expect(wrong).toEqual([]);
  });
});

describe('what a file says', () => {
  test('leaves no reminder behind: what is to be done is an issue', () => {
    expect(
      linesWith(textFiles, new RegExp(`\\b(${word('TO', 'DO')}|${word('FIX', 'ME')}|${word('X', 'XX')})\\b`)),
    ).toEqual([]);
  });

  test('names no place of the machine that it was written on, and no registry', () => {
    const places = [
      word('/wo', 'rk/'),
      word('(?<!\\w)/ro', 'ot/[a-z.]'),
      word('/ho', 'me/[a-z]'),
      word('registry\\.', 'npmjs'),
      word('deb\\.', 'debian\\.org'),
      word('packages\\.', 'debian'),
    ];
    const everything = [...textFiles, ...generated];
    expect(linesWith(everything, new RegExp(places.join('|')))).toEqual([]);
  });

  test('ends in one newline and holds no tab that sets it in', () => {
    const wrong = textFiles.filter((path) => {
      const text = read(path);
      return text !== '' && (!text.endsWith('\n') || text.endsWith('\n\n'));
    });
    expect(wrong).toEqual([]);
    expect(
      linesWith(
        textFiles.filter((path) => /\.(ts|tsx|json|yml|sh|md)$/.test(path)),
        /^\t/,
      ),
    ).toEqual([]);
  });

  test('of the program is short enough to be read at one go', () => {
    const long = roomFiles().filter((path) => read(path).split('\n').length > 450);
    expect(long).toEqual([]);
  });

  test('swallows no error: an empty catch says why it may be empty', () => {
    const wrong = code.filter(
      (path) => /\.tsx?$/.test(path) && /catch\s*(\([^)]*\))?\s*\{\s*\}/.test(read(path)),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the pages that are made from the code', () => {
  test.each(Object.entries(pages))('%s is up to date: script/reference writes it', (path, page) => {
    expect(read(path)).toBe(page());
  });

  test('errors.md lists every code of the catalogue', () => {
    const page = read('docs/reference/errors.md');
    expect(Object.keys(catalogue).filter((each) => !page.includes(`| \`${each}\` |`))).toEqual([]);
  });

  test('every sentence of the catalogue stands on one line, after a colon or alone', () => {
    const parameters = new Proxy({} as Record<string, string>, { get: () => 'x' });
    const wrong = Object.entries(catalogue).filter(([, entry]) => {
      const sentence = entry.sentence(parameters);
      return sentence.includes('\n') || /\.$/.test(sentence) || /^[A-Z]/.test(sentence);
    });
    expect(wrong.map(([key]) => key)).toEqual([]);
  });
});

describe('the documents of the repository', () => {
  interface Manifest {
    readonly dependencies: Readonly<Record<string, string>>;
    readonly devDependencies: Readonly<Record<string, string>>;
  }

  test('ARCHITECTURE.md gives the reason for every dependency', () => {
    const manifest = JSON.parse(read('package.json')) as Manifest;
    const page = read('ARCHITECTURE.md');
    const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(names.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });

  test('ARCHITECTURE.md names only files that are there', () => {
    const files = new Set(projectFiles());
    const named = read('ARCHITECTURE.md').matchAll(/`((?:src|test|script|bin|bench|docs)\/[\w./-]+\.\w+)`/g);
    const missing = [...named].map(([, path = '']) => path).filter((path) => !files.has(path));
    expect(missing).toEqual([]);
  });

  test('ARCHITECTURE.md names every room', () => {
    const page = read('ARCHITECTURE.md');
    const rooms = new Set(roomFiles().map((path) => path.split('/').slice(0, 2).join('/')));
    expect([...rooms].filter((room) => !page.includes(`\`${room}\``))).toEqual([]);
  });

  test('README.md says how to test, and CI runs just that', () => {
    expect(read('README.md')).toContain('\nscript/test\n');
    expect(read('.ci/run')).toContain('script/test');
  });

  test('decisions are numbered without gap or double', () => {
    const numbers = projectFiles()
      .flatMap((path) => /^docs\/decisions\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  test('links between documents lead somewhere', () => {
    const files = projectFiles();
    const broken = files
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) => {
        return [...read(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].flatMap(([, link = '']) => {
          const target = posix.join(posix.dirname(path), link);
          const there = files.some(
            (file) => file === target || file.startsWith(`${target.replace(/\/$/, '')}/`),
          );
          return there ? [] : [`${path} -> ${link}`];
        });
      });
    expect(broken).toEqual([]);
  });

  test('the changelog has a place for what is not released yet', () => {
    expect(read('CHANGELOG.md')).toMatch(/^## \[?Unreleased\]?/m);
  });
});
