import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchors, exists, links, pages } from './pages.ts';

const isOutside = (target: string): boolean => /^[a-z][a-z0-9+.-]*:/.test(target);

describe.each(pages)('%s', (page) => {
  test('links to what is there', () => {
    const broken = links(page).flatMap(({ where, target }) => {
      if (isOutside(target)) return [];
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : posix.join(posix.dirname(page), path);
      if (!exists(file)) return [`${where}: ${target}: there is no such file`];
      if (anchor === undefined || !file.endsWith('.md') || anchors(file).has(anchor)) return [];
      return [`${where}: ${target}: there is no such heading`];
    });
    expect(broken).toEqual([]);
  });
});

test('every page of the documentation can be reached from its first page', () => {
  const reached = new Set(['docs/README.md']);
  for (const page of reached) {
    for (const { target } of links(page)) {
      const file = posix.join(posix.dirname(page), target.split('#')[0] ?? '');
      if (pages.includes(file)) reached.add(file);
    }
  }
  expect(pages.filter((page) => page.startsWith('docs/') && !reached.has(page))).toEqual([]);
});
