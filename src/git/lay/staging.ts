/** Everything that a deployment will rename into place, made ready beside the root; in the root nothing is changed. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fdatasyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Git, gitOutput, hasCommit, readBlobs } from './blobs.ts';
import { clear, syncFolder } from './laying.ts';
import { type LayPlan, newName, type Operation, oldName, writePlan } from './plan.ts';
import {
  caseTwins,
  isLargeFilePointer,
  linkLeaves,
  parseTree,
  type TreeEntry,
  type TreeLimits,
  WrongTree,
} from './tree.ts';

/** What is wrong with the root, in a sentence that ends another one. */
export class WrongRoot extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'WrongRoot';
  }
}

export interface StageRequest {
  readonly git: Git;
  readonly root: string;
  readonly stage: string;
  readonly commit: string;
  readonly from: string | null;
  /** When `from` was laid, by the file system's clock: what was changed since is looked into. Null: everything is. */
  readonly fromLaidAt: number | null;
  readonly limits: TreeLimits;
}

export interface StageAnswer {
  readonly added: number;
  readonly replaced: number;
  readonly removed: number;
  readonly notes: readonly string[];
}

const namesTold = 5;
/** More of them are brought to the disk together, with all else that waits there. */
const filesSyncedOneByOne = 300;

/** Throws WrongTree and WrongRoot. */
export async function stage(request: StageRequest): Promise<StageAnswer> {
  const { root, stage } = request;
  clear(stage);
  mkdirSync(join(stage, 'new'), { mode: 0o700 });
  mkdirSync(join(stage, 'old'), { mode: 0o700 });
  const tree = treeOf(request, request.commit);
  const before = beforeOf(request);
  if (ignoresCase(stage)) refuseTwins(tree);
  const comparison = compare(request, tree, before);
  const folders = foldersToMake(root, comparison);
  const puts = comparison.puts;
  const pointers = await writeNew(request, puts);
  const operations: Operation[] = [
    ...comparison.removes.map((path, index) => ({
      kind: 'remove' as const,
      path,
      number: puts.length + index,
    })),
    ...puts.map(({ entry, replaces }, number) => ({
      kind: 'put' as const,
      path: entry.path,
      number,
      replaces,
    })),
  ];
  for (const operation of operations) keepOld(root, stage, operation);
  for (const folder of ['new', 'old']) syncFolder(join(stage, folder));
  const plan: LayPlan = { commit: request.commit, operations, folders };
  writePlan(stage, plan);
  syncFolder(stage);
  return {
    added: puts.filter((each) => !each.replaces).length,
    replaced: puts.filter((each) => each.replaces).length,
    removed: comparison.removes.length,
    notes: notesOf(tree, comparison, pointers),
  };
}

function treeOf({ git, limits }: StageRequest, commit: string): TreeEntry[] {
  return parseTree(gitOutput(git, 'ls-tree', '-r', '-z', '-l', '--full-tree', commit), limits);
}

function beforeOf(request: StageRequest): ReadonlyMap<string, TreeEntry> {
  const { git, from } = request;
  if (from === null || !hasCommit(git, from)) return new Map();
  return new Map(treeOf(request, from).map((entry) => [entry.path, entry]));
}

const isFile = (entry: TreeEntry): boolean => entry.kind !== 'submodule';

interface Comparison {
  readonly puts: readonly { readonly entry: TreeEntry; readonly replaces: boolean }[];
  readonly removes: readonly string[];
  /** Deployed files that are not as they were deployed. */
  readonly changedSince: readonly string[];
}

function compare(
  request: StageRequest,
  tree: readonly TreeEntry[],
  before: ReadonlyMap<string, TreeEntry>,
): Comparison {
  const { root, fromLaidAt } = request;
  const stated = new Set(tree.map((entry) => entry.path));
  const looker = new Looker(root);
  const removes = [...before.values()]
    .filter((entry) => isFile(entry) && !stated.has(entry.path))
    .filter(({ path }) => {
      const found = looker.look(path);
      return found !== undefined && !found.isDirectory();
    })
    .map((entry) => entry.path);
  const going = new Set(removes);
  const puts: Comparison['puts'][number][] = [];
  const changedSince: string[] = [];
  for (const entry of tree.filter(isFile)) {
    looker.checkFolders(entry.path, going);
    const found = looker.look(entry.path);
    if (found?.isDirectory() === true && !emptiedBy(root, entry.path, going))
      throw new WrongRoot(`${entry.path} is a folder with files that were not deployed: move it away`);
    const was = before.get(entry.path);
    const same = was?.id === entry.id && was.kind === entry.kind;
    if (found !== undefined && !found.isDirectory()) {
      const untouched = same && fromLaidAt !== null && found.ctimeMs < fromLaidAt;
      if (untouched || isAsIn(join(root, entry.path), found, entry)) continue;
    }
    if (same) changedSince.push(entry.path);
    puts.push({ entry, replaces: found !== undefined && !found.isDirectory() });
  }
  return { puts, removes, changedSince };
}

/** Looks at paths below the root without following any symbolic link. */
class Looker {
  readonly #root: string;
  readonly #folders = new Map<string, Stats | undefined>();

  constructor(root: string) {
    this.#root = root;
  }

  look(path: string): Stats | undefined {
    const folder = dirname(path);
    if (folder !== '.' && this.#folder(folder)?.isDirectory() !== true) return undefined;
    return lstatSync(join(this.#root, path), { throwIfNoEntry: false });
  }

  /** Where the tree has a folder there must be one, or nothing, or something that goes. */
  checkFolders(path: string, going: ReadonlySet<string>): void {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
      const found = this.#folder(folder);
      if (found === undefined || found.isDirectory() || going.has(folder)) continue;
      throw new WrongRoot(
        found.isSymbolicLink()
          ? `${folder} is a symbolic link where the tree has a folder, and links are not followed: remove one of the two`
          : `${folder} is a file that was not deployed where the tree has a folder: move it away`,
      );
    }
  }

  #folder(folder: string): Stats | undefined {
    if (this.#folders.has(folder)) return this.#folders.get(folder);
    const outer = dirname(folder);
    const reachable = outer === '.' || this.#folder(outer)?.isDirectory() === true;
    const found = reachable ? lstatSync(join(this.#root, folder), { throwIfNoEntry: false }) : undefined;
    this.#folders.set(folder, found);
    return found;
  }
}

/** Whether nothing is left in the folder once the removals are done. */
function emptiedBy(root: string, folder: string, going: ReadonlySet<string>): boolean {
  return readdirSync(join(root, folder), { withFileTypes: true }).every((each) => {
    const path = `${folder}/${each.name}`;
    return each.isDirectory() ? emptiedBy(root, path, going) : going.has(path);
  });
}

function isAsIn(path: string, found: Stats, entry: TreeEntry): boolean {
  if (entry.kind === 'link') {
    return found.isSymbolicLink() && blobId(Buffer.from(readlinkSync(path))) === entry.id;
  }
  if (!found.isFile() || found.size !== entry.bytes) return false;
  if (((found.mode & 0o100) !== 0) !== (entry.kind === 'executable')) return false;
  try {
    return blobId(readFileSync(path)) === entry.id;
  } catch {
    return false; // what can't be read is replaced
  }
}

const blobId = (content: Uint8Array): string =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');

/** Folders that are not there yet, outer ones first: an undoing takes them away again. */
function foldersToMake(root: string, { puts, removes }: Comparison): string[] {
  const folders = new Set<string>();
  const looked = new Set<string>();
  for (const path of [...puts.map((each) => each.entry.path), ...removes]) {
    const missing: string[] = [];
    let folder = dirname(path);
    for (; folder !== '.' && !looked.has(folder); folder = dirname(folder)) {
      looked.add(folder);
      if (lstatSync(join(root, folder), { throwIfNoEntry: false })?.isDirectory() === true) break;
      missing.unshift(folder);
    }
    if (!folders.has(folder)) checkWritable(root, folder);
    for (const each of missing) folders.add(each);
  }
  return [...folders];
}

function checkWritable(root: string, folder: string): void {
  try {
    accessSync(join(root, folder), constants.W_OK | constants.X_OK);
  } catch {
    const what = folder === '.' ? 'the root' : `its folder ${folder}`;
    throw new WrongRoot(`${what} can't be written by the environment's user: hand it over with chown`);
  }
}

/** Writes the new files. @returns those that are pointers to large files */
async function writeNew({ git, stage }: StageRequest, puts: Comparison['puts']): Promise<string[]> {
  const pointers: string[] = [];
  let file: number | null = null;
  let number = 0;
  let head: Buffer[] = [];
  let bytes = 0;
  const many = puts.length > filesSyncedOneByOne;
  const entryOf = (): TreeEntry => (puts[number] as Comparison['puts'][number]).entry;
  await readBlobs(
    git,
    puts.map((each) => each.entry.id),
    {
      begin: (index, size) => {
        number = index;
        head = [];
        bytes = size;
        if (entryOf().kind !== 'link') file = openSync(newName(stage, index), 'wx', 0o600);
      },
      write: (chunk) => {
        if (bytes < 4096) head.push(Buffer.from(chunk));
        if (file !== null) writeAll(file, chunk);
        else if (bytes >= 4096) throw new WrongTree(`"${entryOf().path}" is a link longer than 4096 bytes`);
      },
      end: () => {
        const { path, kind } = entryOf();
        const content = Buffer.concat(head);
        if (file === null) return makeLink(newName(stage, number), path, content);
        if (isLargeFilePointer(content)) pointers.push(path);
        fchmodSync(file, kind === 'executable' ? 0o755 : 0o644);
        if (!many) fdatasyncSync(file);
        closeSync(file);
        file = null;
      },
    },
  );
  if (many) syncFileSystem(stage);
  return pointers;
}

function syncFileSystem(folder: string): void {
  const { error, status } = spawnSync('sync', ['-f', folder], { stdio: 'ignore' });
  if (error !== undefined || status !== 0) throw error ?? new Error('sync failed');
}

function writeAll(file: number, chunk: Uint8Array): void {
  for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
}

function makeLink(name: string, path: string, content: Buffer): void {
  const target = content.toString();
  if (linkLeaves(path, target) || target.includes('\0'))
    throw new WrongTree(
      `the symbolic link "${path}" leads to "${target}", outside the root: make it relative, and let it stay inside`,
    );
  symlinkSync(target, name);
}

/** A second name for what will be replaced or removed; a copy where the system allows no second name. */
function keepOld(root: string, stage: string, operation: Operation): void {
  if (operation.kind === 'put' && !operation.replaces) return;
  const target = join(root, operation.path);
  const old = oldName(stage, operation.number);
  try {
    linkSync(target, old);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!['EPERM', 'EXDEV', 'EMLINK', 'EACCES'].includes(String(code))) throw error;
    copyOld(target, old, operation.path);
  }
}

function copyOld(target: string, old: string, path: string): void {
  const found = lstatSync(target);
  try {
    if (found.isSymbolicLink()) symlinkSync(readlinkSync(target), old);
    else if (found.isFile()) copyFileSync(target, old, constants.COPYFILE_EXCL);
    else throw new Error('it is no file');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new WrongRoot(
      `${path} can't be kept for an undoing (${code ?? message}): hand it to the environment's user, or remove it`,
    );
  }
}

/** The file system of the root, asked by a name that is surely there. */
const ignoresCase = (stage: string): boolean =>
  lstatSync(join(stage, 'NEW'), { throwIfNoEntry: false }) !== undefined;

function refuseTwins(tree: readonly TreeEntry[]): void {
  const twins = caseTwins(tree.map((entry) => entry.path));
  if (twins !== null)
    throw new WrongTree(
      `"${twins[0]}" and "${twins[1]}" are the same file where upper and lower case are not told apart`,
    );
}

function notesOf(tree: readonly TreeEntry[], comparison: Comparison, pointers: readonly string[]): string[] {
  const submodules = tree.filter((entry) => !isFile(entry)).map((entry) => entry.path);
  const notes: string[] = [];
  if (submodules.length > 0)
    notes.push(`submodules are not deployed, put their files into the repository: ${some(submodules)}`);
  if (pointers.length > 0)
    notes.push(`these are Git LFS pointers, and not the files themselves: ${some(pointers)}`);
  if (comparison.changedSince.length > 0)
    notes.push(
      `changed in the root since the last deployment, and replaced: ${some(comparison.changedSince)}`,
    );
  return notes;
}

const some = (paths: readonly string[]): string => {
  const more = paths.length - namesTold;
  return paths.slice(0, namesTold).join(', ') + (more > 0 ? ` and ${more} more` : '');
};
