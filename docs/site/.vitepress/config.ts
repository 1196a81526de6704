/** The documentation as a site: `script/docs` lays its pages out beside this folder's packages and builds it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';

const pages = join(import.meta.dirname, '../pages');

const titleOf = (path: string): string =>
  /^# (.+)$/m.exec(readFileSync(join(pages, path), 'utf8'))?.[1] ?? path;

/** The pages of a folder, by their titles. */
const pagesOf = (folder: string): { text: string; link: string }[] =>
  readdirSync(join(pages, folder))
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => ({ text: titleOf(`${folder}/${name}`), link: `/${folder}/${name.replace('.md', '')}` }))
    .sort((a, b) =>
      folder.endsWith('decisions') ? a.link.localeCompare(b.link) : a.text.localeCompare(b.text),
    );

export default defineConfig({
  title: 'Nightshift',
  description: 'The jobs component for web applications',
  srcDir: 'pages',
  outDir: 'dist',
  cleanUrls: true,
  // The project's front page is the site's, and the index of the documentation that of its folder.
  rewrites: (path) => path.replace(/README\.md$/, 'index.md'),
  // Files of the repository that are no pages.
  ignoreDeadLinks: [/LICENSE$/, /\.json$/, /\.yml$/],
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'Start', link: '/docs/guides/start' },
      { text: 'Documentation', link: '/docs/' },
      { text: 'Changes', link: '/CHANGELOG' },
    ],
    sidebar: [
      {
        text: 'Begin',
        items: [
          { text: 'Start in five minutes', link: '/docs/guides/start' },
          ...pagesOf('docs'),
          { text: 'Architecture', link: '/ARCHITECTURE' },
        ],
      },
      { text: 'Guides', items: pagesOf('docs/guides') },
      { text: 'Reference', items: pagesOf('docs/reference') },
      { text: 'Decisions', collapsed: true, items: pagesOf('docs/decisions') },
    ],
  },
});
