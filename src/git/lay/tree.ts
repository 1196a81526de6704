/** The tree of a commit as a list of files, and the rules that it must keep before any of it is laid into a root. Pure. */

export interface TreeEntry {
  /** Relative to the root, with `/` between its parts. */
  readonly path: string;
  readonly kind: 'file' | 'executable' | 'link' | 'submodule';
  readonly id: string;
  readonly bytes: number;
}

export interface TreeLimits {
  readonly entries: number;
  readonly fileBytes: number;
  readonly treeBytes: number;
  /** Of a path below the root. */
  readonly pathBytes: number;
}

const kinds: Readonly<Record<string, TreeEntry['kind']>> = {
  '100644': 'file',
  '100664': 'file',
  '100755': 'executable',
  '120000': 'link',
  '160000': 'submodule',
};

/** What is wrong with a tree, in a sentence that ends another one. */
export class WrongTree extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'WrongTree';
  }
}

/** Reads `git ls-tree -r -z -l`: `MODE TYPE ID SIZE\tPATH\0`. Throws WrongTree. */
export function parseTree(output: Uint8Array, limits: TreeLimits): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let treeBytes = 0;
  for (let start = 0; start < output.length; ) {
    const end = output.indexOf(0, start);
    const line = output.subarray(start, end < 0 ? output.length : end);
    start = end < 0 ? output.length : end + 1;
    const tab = line.indexOf(9);
    const [mode = '', , id = '', size = ''] = latin1.decode(line.subarray(0, tab)).split(/ +/);
    const path = pathOf(line.subarray(tab + 1));
    const kind = kinds[mode];
    if (kind === undefined) throw new WrongTree(`"${path}" has the mode ${mode}, which no file has`);
    const bytes = size === '-' ? 0 : Number(size);
    treeBytes += bytes;
    if (entries.length === limits.entries)
      throw new WrongTree(`it holds more than ${limits.entries} files: keep generated ones out of it`);
    if (bytes > limits.fileBytes)
      throw new WrongTree(
        `"${path}" has ${megabytes(bytes)}, and ${megabytes(limits.fileBytes)} is the limit`,
      );
    if (treeBytes > limits.treeBytes)
      throw new WrongTree(`its files have more than ${megabytes(limits.treeBytes)} together`);
    checkPath(path, limits.pathBytes);
    entries.push({ path, kind, id, bytes });
  }
  return entries;
}

const latin1 = new TextDecoder('latin1');
const utf8 = new TextDecoder('utf-8', { fatal: true });
const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MB`;

function pathOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new WrongTree(`a file's name is not UTF-8: "${latin1.decode(bytes)}"`);
  }
}

/** Characters that HFS+ leaves out when it compares names, so that `.g‌it` is `.git` there. */
const ignorable = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** Any spelling under which some file system finds the folder `.git`. */
const isGitFolder = (name: string): boolean =>
  /^(\.git|git~\d+)[ .]*(:.*)?$/i.test(name.replace(ignorable, ''));

function checkPath(path: string, pathBytes: number): void {
  const names = path.split('/');
  for (const name of names) {
    if (name === '' || name === '.' || name === '..')
      throw new WrongTree(`"${path}" is a path that would leave its folder`);
    if (isGitFolder(name)) throw new WrongTree(`"${path}" would be taken for a part of git itself`);
    if (Buffer.byteLength(name) > 255) throw new WrongTree(`the name "${name}" is longer than 255 bytes`);
  }
  if (names[0]?.toLowerCase().startsWith('.nightshift-') || path.toLowerCase() === '.nightshift')
    throw new WrongTree(`"${path}" begins with a name that Nightshift keeps for itself`);
  if (Buffer.byteLength(path) > pathBytes)
    throw new WrongTree(`the path "${path.slice(0, 100)}…" is longer than ${pathBytes} bytes`);
}

/**
 * Whether a symbolic link stays inside the root, wherever it is followed from: relative, and only upwards before it goes
 * downwards, because what `..` means after the name of another link nobody can tell.
 */
export function linkLeaves(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/')) return true;
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const ups = parts.findIndex((part) => part !== '..');
  const climbs = ups < 0 ? parts.length : ups;
  if (parts.slice(climbs).includes('..')) return true;
  return climbs > path.split('/').length - 1;
}

/** Paths that are one on a file system that does not tell upper and lower case apart. */
export function caseTwins(paths: readonly string[]): readonly [string, string] | null {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const folded = path.toLowerCase();
    const twin = seen.get(folded);
    if (twin !== undefined) return [twin, path];
    seen.set(folded, path);
  }
  return null;
}

/** What stands in for a large file: the file itself is on a server that only its authors know. */
export const isLargeFilePointer = (content: Uint8Array): boolean =>
  content.length < 1024 &&
  latin1.decode(content.subarray(0, 60)).startsWith('version https://git-lfs.github.com/spec/');
