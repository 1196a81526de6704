/** What the documentation says that a program can check: its links, and the commands in its blocks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFiles, read } from '../architecture/sources.ts';

export const checkout = join(import.meta.dirname, '../..');

export const pages: readonly string[] = projectFiles().filter(
  (path) => path.endsWith('.md') && path !== 'CHANGELOG.md',
);

export interface Line {
  /** `path:line`. */
  readonly where: string;
  readonly text: string;
}

/** A fenced block: its language, and its lines. */
interface Block {
  readonly language: string;
  /** What stands behind the language: `no-run` where a test can't run it. */
  readonly mark: string;
  readonly lines: readonly Line[];
}

function split(path: string): { readonly prose: readonly Line[]; readonly blocks: readonly Block[] } {
  const prose: Line[] = [];
  const blocks: (Block & { lines: Line[] })[] = [];
  let fence: string | null = null;
  for (const [index, text] of read(path).split('\n').entries()) {
    const line = { where: `${path}:${index + 1}`, text };
    const opening = /^\s*(`{3,})\s*(\S*)\s*(\S*)/.exec(text);
    if (fence === null && opening !== null) {
      fence = opening[1] as string;
      blocks.push({ language: opening[2] ?? '', mark: opening[3] ?? '', lines: [] });
    } else if (fence !== null && text.trim() === fence) fence = null;
    else if (fence === null) prose.push(line);
    else blocks.at(-1)?.lines.push(line);
  }
  return { prose, blocks };
}

export const blocks = (path: string): readonly Block[] => split(path).blocks;

/** Lines of shell: a line that ends with a backslash goes on in the next. */
export function shellLines(path: string, marked: (mark: string) => boolean = () => true): Line[] {
  const found: Line[] = [];
  for (const { language, mark, lines } of blocks(path)) {
    if (language !== 'sh' || !marked(mark)) continue;
    let begun: Line | null = null;
    for (const line of lines) {
      const whole: Line = begun === null ? line : { ...begun, text: `${begun.text}${line.text.trimStart()}` };
      begun = whole.text.endsWith('\\') ? { ...whole, text: whole.text.slice(0, -1) } : null;
      if (begun === null) found.push(whole);
    }
  }
  return found;
}

/** What stands between backticks in the prose. */
export const inlineCode = (path: string): Line[] =>
  split(path).prose.flatMap(({ where, text }) =>
    [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => ({ where, text: code as string })),
  );

export interface Link {
  readonly where: string;
  readonly target: string;
}

export const links = (path: string): Link[] =>
  split(path).prose.flatMap(({ where, text }) =>
    [...text.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => ({
      where,
      target: target as string,
    })),
  );

/** The anchors of a page's headings, made as GitHub and the site make them: lower case, words joined by hyphens. */
export function anchors(path: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { text } of split(path).prose) {
    const heading = /^#{1,6} (.+)$/.exec(text)?.[1];
    if (heading === undefined) continue;
    const plain = heading.replaceAll(/\]\([^)]*\)|[`*[\]]/g, '').toLowerCase();
    found.add(plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-'));
  }
  return found;
}

export const exists = (path: string): boolean => {
  try {
    readFileSync(join(checkout, path));
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EISDIR';
  }
};
