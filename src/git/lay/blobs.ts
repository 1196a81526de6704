/** Contents of files from the repository, through one `git cat-file --batch` for all of them. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Git as it is called here: the folder of the repository is the working folder, and no configuration but ours is read. */
export interface Git {
  readonly repository: string;
  readonly env: NodeJS.ProcessEnv;
  readonly config: readonly string[];
}

const listBytesMax = 256 * 1024 * 1024;

export function gitOutput(git: Git, ...args: string[]): Buffer {
  const done = spawnSync('git', [...git.config, '--git-dir=.', ...args], {
    cwd: git.repository,
    env: git.env,
    maxBuffer: listBytesMax,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (done.error !== undefined) throw done.error;
  if (done.status !== 0) throw new Error(`git ${args[0]}: ${done.stderr.toString().trim()}`);
  return done.stdout;
}

/** Whether the repository holds it. */
export function hasCommit(git: Git, commit: string): boolean {
  try {
    return gitOutput(git, 'cat-file', '-t', commit).toString().trim() === 'commit';
  } catch {
    return false; // git says no by failing
  }
}

export interface BlobSink {
  begin(index: number, bytes: number): void;
  /** A piece of the blob that was begun. */
  write(chunk: Uint8Array): void;
  end(): void;
}

/** Hands the contents of these blobs on, in their order, piece by piece. */
export async function readBlobs(git: Git, ids: readonly string[], sink: BlobSink): Promise<void> {
  if (ids.length === 0) return;
  const child = spawn('git', [...git.config, '--git-dir=.', 'cat-file', '--batch', '--buffer'], {
    cwd: git.repository,
    env: git.env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(child, 'close');
  child.stdin.on('error', () => undefined); // its end tells what went wrong
  child.stdin.end(ids.map((id) => `${id}\n`).join(''));
  const reader = new BatchReader(ids.length, sink);
  try {
    for await (const chunk of child.stdout) reader.read(chunk as Buffer);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  await exit;
  if (!reader.done) throw new Error('git cat-file ended early');
}

/** `ID TYPE BYTES\n`, the content, and a newline; over and over. */
class BatchReader {
  readonly #count: number;
  readonly #sink: BlobSink;
  #index = -1;
  #header = '';
  /** Bytes of the content that are still to come, and its newline; null while a header is read. */
  #left: number | null = null;

  constructor(count: number, sink: BlobSink) {
    this.#count = count;
    this.#sink = sink;
  }

  get done(): boolean {
    return this.#index === this.#count - 1 && this.#left === null;
  }

  read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length)
      at = this.#left === null ? this.#readHeader(chunk, at) : this.#readContent(chunk, at);
  }

  #readHeader(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(10, at);
    this.#header += chunk.subarray(at, end < 0 ? chunk.length : end).toString();
    if (end < 0) return chunk.length;
    const [id, type, bytes] = this.#header.split(' ');
    this.#header = '';
    if (type !== 'blob') throw new Error(`object ${id} is no file but ${type}`);
    this.#index += 1;
    this.#left = Number(bytes) + 1;
    this.#sink.begin(this.#index, Number(bytes));
    return end + 1;
  }

  #readContent(chunk: Buffer, at: number): number {
    const left = this.#left ?? 0;
    const end = Math.min(chunk.length, at + left);
    const isLast = end - at === left;
    const content = chunk.subarray(at, isLast ? end - 1 : end);
    if (content.length > 0) this.#sink.write(content);
    this.#left = isLast ? null : left - (end - at);
    if (isLast) this.#sink.end();
    return end;
  }
}
