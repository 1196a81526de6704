/** Laying over a real repository and a real root: what is there afterwards, and after an interruption between any two steps. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTempFolder, type TempFolder } from '../../../test/testkit/temp-folder.ts';
import { clear, lay, undo } from './laying.ts';
import { type StageAnswer, stage } from './staging.ts';

type Files = Readonly<Record<string, string | { readonly link: string } | { readonly run: string }>>;

const env = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
};
const limits = { entries: 1_000, fileBytes: 1_000, treeBytes: 5_000, pathBytes: 500 };

let folder: TempFolder;
let root: string;
let beside: string;
let work: string;
beforeEach(async () => {
  folder = await makeTempFolder('lay');
  [root, beside, work] = ['root', 'beside', 'work'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [root, beside, work]) mkdirSync(each);
  git('init', '-q', '-b', 'main');
});
afterEach(() => folder.dispose());

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: work, env, encoding: 'utf8' }).trim();

/** A commit of just these files. */
function commit(files: Files): string {
  for (const name of readdirSync(work)) if (name !== '.git') rmSync(join(work, name), { recursive: true });
  write(work, files);
  git('add', '-A');
  git('commit', '-q', '--allow-empty', '-m', 'x');
  return git('rev-parse', 'HEAD');
}

function write(where: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(where, path);
    mkdirSync(dirname(file), { recursive: true });
    if (typeof content === 'string') writeFileSync(file, content);
    else if ('link' in content) symlinkSync(content.link, file);
    else {
      writeFileSync(file, content.run);
      chmodSync(file, 0o755);
    }
  }
}

/** Everything below the folder, as {@link Files} has it; empty folders end in a slash. */
function read(where: string, below = ''): Record<string, unknown> {
  const found = readdirSync(join(where, below), { withFileTypes: true });
  if (found.length === 0 && below !== '') return { [`${below}/`]: null };
  return Object.assign(
    {},
    ...found.map((each) => {
      const path = below === '' ? each.name : `${below}/${each.name}`;
      const file = join(where, path);
      if (each.isDirectory()) return read(where, path);
      if (each.isSymbolicLink()) return { [path]: { link: readlinkSync(file) } };
      const text = readFileSync(file, 'utf8');
      return { [path]: (lstatSync(file).mode & 0o100) === 0 ? text : { run: text } };
    }),
  );
}

const staged = (to: string, from: string | null, fromLaidAt: number | null = null): Promise<StageAnswer> =>
  stage({
    git: { repository: join(work, '.git'), env, config: [] },
    ...{ root, stage: beside, commit: to, from, fromLaidAt, limits },
  });

async function deployed(to: string, from: string | null): Promise<StageAnswer> {
  const answer = await staged(to, from);
  lay(root, beside);
  clear(beside);
  return answer;
}

/** Breaks off before a later change of the root, as kill -9 does. */
function killedAfter(steps: number): () => void {
  let left = steps;
  return () => {
    if (left === 0) throw new Error('killed');
    left -= 1;
  };
}

const before: Files = {
  same: 's',
  changed: 'old',
  'gone/deep/file': 'g',
  'becomes-a-folder': 'f',
  'becomes-a-file/x': 'x',
  tool: 'plain',
  link: { link: 'same' },
};
const after: Files = {
  same: 's',
  changed: 'new',
  'becomes-a-folder/inside': 'i',
  'becomes-a-file': 'now a file',
  tool: { run: 'plain' },
  link: { link: 'changed' },
  'brand/new/file': 'n',
  'brand/new/another': 'a',
  'brand/third': 't',
};

/** Files that differ between the two. */
const changes = 11;

describe('laying', () => {
  it('makes the root what the tree is, and keeps what is not the tree’s', async () => {
    const one = commit(before);
    expect(await deployed(one, null)).toMatchObject({ added: 7, replaced: 0, removed: 0 });
    expect(read(root)).toEqual(before);
    write(root, { untracked: 'u', 'gone/kept': 'k' });
    const two = commit(after);
    expect(await deployed(two, one)).toMatchObject({ added: 5, replaced: 3, removed: 3 });
    expect(read(root)).toEqual({ ...after, untracked: 'u', 'gone/kept': 'k' });
    expect(readdirSync(beside)).toEqual([]);
  });

  it('touches nothing that is as it should be', async () => {
    const one = commit(before);
    await deployed(one, null);
    const inode = lstatSync(join(root, 'same')).ino;
    expect(await deployed(one, one)).toMatchObject({ added: 0, replaced: 0, removed: 0, notes: [] });
    expect(lstatSync(join(root, 'same')).ino).toBe(inode);
  });

  it('replaces files that were there before the first push, and undoing brings them back', async () => {
    write(root, { changed: 'by hand', mine: 'm' });
    expect(await staged(commit(before), null)).toMatchObject({ replaced: 1 });
    lay(root, beside);
    expect(read(root)).toEqual({ ...before, mine: 'm' });
    undo(root, beside);
    expect(read(root)).toEqual({ changed: 'by hand', mine: 'm' });
  });

  it('says what was changed since the last time, what is a submodule, and what is a pointer', async () => {
    const one = commit({ a: 'a' });
    await deployed(one, null);
    writeFileSync(join(root, 'a'), 'by hand');
    write(work, { big: 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' });
    git('add', '-A');
    git('update-index', '--add', '--cacheinfo', `160000,${one},vendor/lib`);
    git('commit', '-q', '-m', 'x');
    const { notes } = await deployed(git('rev-parse', 'HEAD'), one);
    expect(notes).toEqual([
      'submodules are not deployed, put their files into the repository: vendor/lib',
      'these are Git LFS pointers, and not the files themselves: big',
      'changed in the root since the last deployment, and replaced: a',
    ]);
    expect(existsSync(join(root, 'vendor'))).toBe(false);
  });

  it.each(Array.from({ length: changes + 1 }, (_, step) => step))(
    'interrupted after step %i is undone, also when the undoing is interrupted: the root is the old tree',
    async (steps) => {
      const one = commit(before);
      await deployed(one, null);
      const files = read(root);
      await staged(commit(after), one);
      if (steps < changes) expect(() => lay(root, beside, killedAfter(steps))).toThrow('killed');
      else lay(root, beside, killedAfter(steps));
      for (let kill = 0; kill < 3; kill++)
        expect(() => undo(root, beside, killedAfter(kill * 4 + 1))).toThrow('killed');
      undo(root, beside);
      expect(read(root)).toEqual(files);
      clear(beside);
    },
  );
});

describe('a tree is refused', () => {
  it.each([
    ['with an absolute link', { l: { link: '/etc/passwd' } }, 'outside the root'],
    ['with a link upwards', { l: { link: '../x' } }, 'outside the root'],
    ['with a link that turns back', { l: { link: 'a/../../x' } }, 'outside the root'],
    ['with a file that is too large', { f: 'x'.repeat(1_001) }, 'is the limit'],
    ['with a name of ours', { '.nightshift-shop/x': '' }, 'keeps for itself'],
  ] as const)('%s', async (_, files, why) => {
    await expect(staged(commit(files as Files), null)).rejects.toThrow(why);
    expect(readdirSync(root)).toEqual([]);
  });

  it('where the root has a link in place of a folder, or the other way round', async () => {
    const outside = join(folder.path, 'outside');
    mkdirSync(outside);
    symlinkSync(outside, join(root, 'dir'));
    await expect(staged(commit({ 'dir/x': 'x' }), null)).rejects.toThrow('dir is a symbolic link');
    rmSync(join(root, 'dir'));
    write(root, { 'file/mine': 'm' });
    await expect(staged(commit({ file: 'x' }), null)).rejects.toThrow('files that were not deployed');
    rmSync(join(root, 'file'), { recursive: true });
    write(root, { d: 'mine' });
    await expect(staged(commit({ 'd/x': 'x' }), null)).rejects.toThrow('is a file that was not deployed');
    expect(readdirSync(outside)).toEqual([]);
  });

  it('but a link that stays inside is laid', async () => {
    const files = { 'a/b/l': { link: '../../x' }, m: { link: 'a/b' }, x: 'x' };
    await deployed(commit(files), null);
    expect(read(root)).toEqual(files);
  });
});
