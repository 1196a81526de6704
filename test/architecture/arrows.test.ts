import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mayImport, roomOf, rooms } from './rooms.ts';
import { importsOf, isForTests, read, roomFiles, withoutComments } from './sources.ts';

/** What a pure room must not name: clocks, randomness, I/O, and ways to reach them. */
const impure = [
  /\bDate\.now\b/,
  /\bnew Date\(\s*\)/,
  /\bDate\(\s*\)/,
  /\bMath\.random\b/,
  /\bperformance\b\s*[.[]/,
  /\bprocess\b\s*[.[]/,
  /\bglobalThis\b/,
  /\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b|\bqueueMicrotask\b/,
  /\bcrypto\b\s*\./,
  /\bconsole\b\s*\./,
  /\bfetch\s*\(/,
  /\beval\s*\(|\bnew Function\b/,
];

/** Sentences for every import of the file that its room does not allow. */
function wrongImports(path: string, source: string): string[] {
  const inside = path.replace(/^src\//, '');
  const room = roomOf(inside);
  if (room === undefined) return [`${path} lies in no room`];
  const allowed = rooms[room];
  return importsOf(source).flatMap(({ target, typeOnly }) => {
    if (target.startsWith('.')) {
      const file = posix.normalize(posix.join(posix.dirname(inside), target));
      if (!/\.(ts|tsx|json|sql)$/.test(target)) return [`${path} imports ${target} without its ending`];
      if (isForTests(`src/${file}`)) return [`${path} must not import ${file}, which is for tests`];
      return mayImport(room, file, typeOnly) ? [] : [`${path} (${room}) must not import ${file}`];
    }
    if (target.startsWith('node:')) return allowed?.pure ? [`${path} is pure and imports ${target}`] : [];
    const name = target
      .split('/')
      .slice(0, target.startsWith('@') ? 2 : 1)
      .join('/');
    return allowed?.packages.includes(name) ? [] : [`${path} (${room}) must not import the package ${name}`];
  });
}

const impurities = (source: string): string[] =>
  impure.flatMap((pattern) => pattern.exec(withoutComments(source))?.[0] ?? []);

describe('the arrows between rooms', () => {
  test('every file imports only what its room may', () => {
    const files = roomFiles();
    expect(files.length).toBeGreaterThan(15);
    expect(files.flatMap((path) => wrongImports(path, read(path)))).toEqual([]);
  });

  test('pure rooms name no clock, no randomness and no I/O', () => {
    const wrong = roomFiles()
      .filter((path) => rooms[roomOf(path.replace(/^src\//, '')) ?? '']?.pure)
      .flatMap((path) => impurities(read(path)).map((name) => `${path} uses ${name}`));
    expect(wrong).toEqual([]);
  });

  test('no two rooms import each other', () => {
    const pairs = new Set<string>();
    for (const path of roomFiles()) {
      const inside = path.replace(/^src\//, '');
      for (const { target } of importsOf(read(path)).filter((each) => each.target.startsWith('.'))) {
        const file = posix.normalize(posix.join(posix.dirname(inside), target));
        const [from, to] = [roomOf(inside), roomOf(file)];
        if (from !== to) pairs.add(`${from} ${to}`);
      }
    }
    const both = [...pairs].filter((pair) => pairs.has(pair.split(' ').reverse().join(' ')));
    expect(both).toEqual([]);
  });
});

describe('these tests themselves', () => {
  test.each([
    ['src/domain/a.ts', "import { x } from '../store/store.ts';"],
    ['src/domain/a.ts', "import type { X } from '../store/store.ts';"],
    ['src/scheduler/a.ts', "export { x } from '../supervisor/worker.ts';"],
    ['src/supervisor/a.ts', "import 'node:fs';"],
    ['src/supervisor/a.ts', "const fs = await import('node:fs');"],
    ['src/http/a.ts', "import {\n  a,\n  b,\n} from '../store/store.ts';"],
    ['src/http/a.ts', "import type { X } from '../store/rows/tables.ts';"],
    ['src/http/a.ts', "export { x } from '../logs/log-store.ts';"],
    ['src/control/a.ts', "import { storeOver } from '../store/sqlite/sqlite-store.ts';"],
    ['src/contract/a.ts', "import { limits } from '../domain/limits.ts';"],
    ['src/store/a.ts', "import fastify from 'fastify';"],
    ['src/store/rows/a.ts', "import { x } from '../sqlite/open.ts';"],
    ['src/store/rows/a.ts', "import { Client } from 'pg';"],
    ['src/elsewhere/a.ts', ''],
    ['src/domain/a.ts', "import { x } from './b';"],
    ['src/logs/a.ts', "import { x } from './cri-writer.testkit.ts';"],
    ['src/store/a.ts', "import { x } from './store.contract.ts';"],
  ])('reject in %s: %s', (path, source) => {
    expect(wrongImports(path, source)).toHaveLength(1);
  });

  test.each([
    ['src/domain/a.ts', "import { assert } from '../std/assert.ts';"],
    [
      'src/store/sqlite/a.ts',
      "import type { Store } from '../store.ts';\nimport { put } from '../rows/statements.ts';",
    ],
    ['src/domain/a.ts', "// import { x } from '../store/store.ts';"],
    [
      'src/http/a.ts',
      "import type { Run } from '../domain/run.ts';\nimport type {\n  X,\n} from '../store/store.ts';",
    ],
    ['src/main/a.ts', "import { x } from '../store/sqlite/sqlite-store.ts';"],
  ])('accept in %s: %s', (path, source) => {
    expect(wrongImports(path, source)).toEqual([]);
  });

  test.each([
    'Date.now()',
    'new Date()',
    'Math.random()',
    'performance.now()',
    'process.env',
    'setTimeout(f, 1)',
  ])('take %s for impure', (source) => expect(impurities(`const a = ${source};`)).not.toEqual([]));

  test('take a date made from a number for pure', () => {
    expect(impurities('const a = new Date(now); // not Date.now()')).toEqual([]);
  });
});
