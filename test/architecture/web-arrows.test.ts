import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { webRooms } from './rooms.ts';
import { importsOf, isForTests, projectFiles, read, withoutComments } from './sources.ts';

const files = projectFiles().filter((path) => /^web\/src\/.*\.tsx?$/.test(path) && !isForTests(path));

/** Sentences for every import of a file of the dashboard that its room does not allow. */
function wrongImports(path: string, source: string): string[] {
  const inside = path.replace(/^web\/src\//, '');
  const room = inside.split('/')[0] ?? '';
  if (path === 'web/src/vite-env.d.ts') return [];
  const allowed = webRooms[room];
  if (allowed === undefined) return [`${path} lies in no room`];
  return importsOf(source).flatMap(({ target }) => {
    if (target.startsWith('.')) {
      const file = posix.normalize(posix.join(posix.dirname(path), target));
      if (!/\.(tsx?|css|json)$/.test(target)) return [`${path} imports ${target} without its ending`];
      if (isForTests(file)) return [`${path} must not import ${file}, which is for tests`];
      if (file.startsWith('src/contract/')) return [];
      if (!file.startsWith('web/src/')) return [`${path} must not import ${file}`];
      const [to = '', folder] = file.slice('web/src/'.length).split('/');
      const own = to === room && (room !== 'features' || folder === inside.split('/')[1]);
      return own || (to !== room && allowed.mayImport.includes(to))
        ? []
        : [`${path} must not import ${file}`];
    }
    const name = target
      .split('/')
      .slice(0, target.startsWith('@') ? 2 : 1)
      .join('/');
    return allowed.packages.includes(name) ? [] : [`${path} must not import the package ${name}`];
  });
}

describe('the arrows between the rooms of the dashboard', () => {
  test('every file imports only what its room may', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((path) => wrongImports(path, read(path)))).toEqual([]);
  });

  test('every file is short enough to be read at one go', () => {
    expect(files.filter((path) => read(path).split('\n').length > 350)).toEqual([]);
  });

  test.each([
    ['web/src/features/jobs/a.tsx', "import { x } from '../component/b.tsx';"],
    ['web/src/features/jobs/a.tsx', "import { x } from '../../shell/b.tsx';"],
    ['web/src/design/a.tsx', "import { x } from '../parts/b.tsx';"],
    ['web/src/data/a.ts', "import { limits } from '../../../src/domain/limits.ts';"],
    ['web/src/data/a.ts', "import { readFileSync } from 'node:fs';"],
    ['web/src/parts/a.tsx', "import fastify from 'fastify';"],
  ])('these tests reject in %s: %s', (path, source) => {
    expect(wrongImports(path, source)).toHaveLength(1);
  });

  test.each([
    ['web/src/features/jobs/a.tsx', "import { x } from './b.tsx';\nimport classes from './a.module.css';"],
    ['web/src/features/jobs/a.tsx', "import type { Job } from '../../../../src/contract/job.ts';"],
    ['web/src/shell/a.tsx', "import('../features/jobs/b.tsx')"],
  ])('these tests accept in %s: %s', (path, source) => {
    expect(wrongImports(path, source)).toEqual([]);
  });

  test('no file writes a style or a script into the page: its policy forbids that', () => {
    const wrong = files.filter((path) =>
      /<style|dangerouslySetInnerHTML|createElement\('style'\)|AppShell|SimpleGrid|\bGrid\b\s*[,}]|\bvisibleFrom=|\bhiddenFrom=/.test(
        withoutComments(read(path)),
      ),
    );
    expect(wrong).toEqual([]);
  });
});
