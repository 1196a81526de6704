/**
 * Programs that work on an environment's repository run as the environment's user, in a mount namespace in which the
 * repository is all of the daemon's data folder that can be reached: what a crafted pack could do to git, it could do as
 * that user only. Where the daemon is not root there is no wall, and nothing to keep behind one.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface WallUser {
  readonly uid: number;
  readonly gid: number;
}

export interface WallOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly stdio: StdioOptions;
}

/** Where the folder of the repository stands behind the wall. */
const mountPoint = '/run/nightshift-git';

/** Address space of a git command, KB: a pack that unpacks to more than the machine has ends here. */
const addressSpaceKb = 4 * 1024 * 1024;
/** And its time on a processor, seconds: one that unpacks to far more than can be used ends here. */
const processorSeconds = 900;
const limited = `ulimit -v ${addressSpaceKb}; ulimit -t ${processorSeconds}; exec "$@"`;

export class Wall {
  readonly #isRoot = process.getuid?.() === 0;
  #ready: Promise<unknown> | undefined;

  /** Where a program behind the wall finds what lies in the folder. */
  inside(folder: string, name: string): string {
    return join(this.#isRoot ? mountPoint : folder, name);
  }

  /** The user that has to own the repository; null: whoever the daemon is. */
  owner(user: WallUser): WallUser | null {
    return this.#isRoot ? user : null;
  }

  /** Runs git behind the wall; `folder` is that of the environment, the repository below it the working folder. */
  async git(
    folder: string,
    user: WallUser,
    args: readonly string[],
    options: WallOptions,
  ): Promise<ChildProcess> {
    return await this.program(folder, user, ['git', ...args], options);
  }

  /** The same for another program. */
  async program(
    folder: string,
    user: WallUser,
    argv: readonly string[],
    options: WallOptions,
  ): Promise<ChildProcess> {
    if (!this.#isRoot)
      return spawn('/bin/sh', ['-c', limited, 'sh', ...argv], {
        ...options,
        cwd: this.repository(folder),
        detached: true,
      });
    const become = [
      ...['setpriv', '--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'],
      ...['--no-new-privs', '--bounding-set', '-all', '--inh-caps', '-all', '--'],
    ];
    return await this.#unshared(folder, limited, [...become, ...argv], options);
  }

  /** Runs a program of our own, which becomes the user by itself. */
  async own(folder: string, argv: readonly string[], options: WallOptions): Promise<ChildProcess> {
    const [program = '', ...args] = argv;
    if (!this.#isRoot) return spawn(program, args, options);
    return await this.#unshared(folder, 'exec "$@"', argv, options);
  }

  repository(folder: string): string {
    return join(folder, 'repository.git');
  }

  async #unshared(
    folder: string,
    then: string,
    argv: readonly string[],
    options: WallOptions,
  ): Promise<ChildProcess> {
    this.#ready ??= mkdir(mountPoint, { recursive: true, mode: 0o755 });
    await this.#ready;
    const script = `mount --bind "$1" ${mountPoint} && cd ${mountPoint}/repository.git && shift && ${then}`;
    const args = [
      '--mount',
      '--propagation',
      'private',
      '--',
      '/bin/sh',
      '-c',
      script,
      'sh',
      folder,
      ...argv,
    ];
    return spawn('unshare', args, { ...options, cwd: '/', detached: true });
  }
}
