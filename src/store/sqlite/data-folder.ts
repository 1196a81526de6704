/** The folder that holds the store's files: made with its parents where missing, for its owner's eyes only. */
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
} from 'node:fs';
import { Refusal } from '../../domain/errors.ts';

/** Files that were not there before: an opening that fails takes them away again. */
export class DataFolder {
  readonly path: string;
  readonly #madeFolder: string | undefined;
  readonly #madeFiles: string[] = [];

  /** Rejects with Refusal `data.not-writable`. */
  constructor(path: string) {
    this.path = path;
    try {
      this.#madeFolder = mkdirSync(path, { recursive: true, mode: 0o700 });
      accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      throw notWritable(path, error);
    }
  }

  /** The file, made empty and private where it was missing; SQLite gives the files beside it the same mode. */
  privateFile(path: string): void {
    if (existsSync(path)) {
      if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
      return;
    }
    this.willMake(path);
    closeSync(openSync(path, 'wx', 0o600));
  }

  /** Remembers a file that is about to be made, to take it away if opening fails. */
  willMake(path: string): void {
    if (!existsSync(path)) this.#madeFiles.push(path);
  }

  /** Leaves nothing behind that was not there. */
  undo(): void {
    for (const file of this.#madeFiles)
      for (const ending of ['', '-wal', '-shm', '.new'])
        if (statSync(`${file}${ending}`, { throwIfNoEntry: false })?.isFile()) rmSync(`${file}${ending}`);
    if (this.#madeFolder !== undefined) rmSync(this.#madeFolder, { recursive: true, force: true });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of its path is not a folder',
  EEXIST: 'it is not a folder',
  EISDIR: 'a folder is where a file should be',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk reports an error',
};

/** Why a call to the file system failed, in plain words; undefined for everything that is no such failure. */
export function whyOfFileSystem(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  return reasons[String(error.code)] ?? String(error.code);
}

export const notWritable = (folder: string, error: unknown): unknown => {
  const why = whyOfFileSystem(error);
  return why === undefined ? error : new Refusal('data.not-writable', { folder, why }, { cause: error });
};
