/** One bare repository for each environment, made when it is first asked for. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Refusal } from '../domain/errors.ts';
import { checkEnvironmentName } from '../domain/names.ts';
import { hookScripts } from './hook-scripts.ts';
import type { PushLimits } from './push-limits.ts';
import type { Wall, WallOptions, WallUser } from './wall.ts';

/** Nothing of the caller's, of the machine's or of anybody's home reaches git. */
export const gitEnv: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/nonexistent',
  LANG: 'C.UTF-8',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
};

/** Stated with every call, so that the repository's own file has no say. */
const settings: Readonly<Record<string, string | number>> = {
  'core.bare': 'true',
  'core.fsync': 'committed',
  'core.logAllRefUpdates': 'false',
  'core.bigFileThreshold': '16m',
  'core.packedGitLimit': '256m',
  'core.packedGitWindowSize': '32m',
  'core.fsmonitor': 'false',
  'gc.auto': 0,
  'pack.threads': 1,
  'pack.windowMemory': '128m',
  'protocol.allow': 'never',
  'receive.autogc': 'false',
  'receive.denyCurrentBranch': 'ignore',
  'receive.denyDeleteCurrent': 'ignore',
  'receive.denyNonFastForwards': 'false',
  'receive.advertisePushOptions': 'false',
  // Kept as the pack that was sent: unpacked, small differences to one large file would be as many large files.
  'receive.unpackLimit': 1,
  'receive.fsckObjects': 'true',
  // Harmless, and in many an old history.
  'receive.fsck.missingSpaceBeforeDate': 'ignore',
  'receive.fsck.zeroPaddedFilemode': 'ignore',
  'receive.fsck.badTimezone': 'ignore',
  'safe.directory': '*',
  'transfer.hideRefs': 'refs/nightshift',
  'uploadpack.packObjectsHook': '',
};

const unledFile = 'unled.json';

const quiet: WallOptions = { env: gitEnv, stdio: ['ignore', 'pipe', 'pipe'] };

export class Repositories {
  readonly #folder: string;
  readonly #wall: Wall;
  readonly limits: PushLimits;

  /** @param folder below the data folder; it is made when it is needed */
  constructor(folder: string, wall: Wall, limits: PushLimits) {
    this.#folder = folder;
    this.#wall = wall;
    this.limits = limits;
  }

  /** The folder of an environment: its repository, and the hooks, which are not the environment's. */
  folder(environment: string): string {
    return join(this.#folder, checkEnvironmentName(environment));
  }

  /** `-c` for every setting. */
  config(environment: string): string[] {
    const hooks = this.#wall.inside(this.folder(environment), 'hooks');
    const all = {
      ...settings,
      'core.hooksPath': hooks,
      'receive.maxInputSize': this.limits.pushBytes,
    };
    return Object.entries(all)
      .filter(([, value]) => value !== '')
      .flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  }

  /** Makes the repository if it is not there. Complete once its name is: a crash in between leaves nothing that is used. */
  async make(environment: string, user: WallUser): Promise<void> {
    const folder = this.folder(environment);
    await mkdir(this.#folder, { recursive: true, mode: 0o711 });
    if ((await stat(join(folder, 'complete')).catch(() => undefined)) === undefined)
      await this.#begin(environment, folder, user);
    await this.#writeHooks(folder);
  }

  async remove(environment: string): Promise<void> {
    await rm(this.folder(environment), { recursive: true, force: true });
  }

  /** Takes away what programs that were killed had received so far. Nothing may be pushed meanwhile. */
  async clear(environment: string, user: WallUser): Promise<void> {
    const objects = join(this.#wall.repository(this.folder(environment)), 'objects');
    // Only a look: what is there belongs to the environment's user, who might put anything in its place.
    const names = [objects, join(objects, 'pack')].map((each) => readdir(each).catch(() => []));
    if (!(await Promise.all(names)).flat().some((name) => /^\.?tmp[-_]/.test(name))) return;
    const remains = ['objects/tmp_*', 'objects/pack/tmp_*', 'objects/pack/.tmp-*'];
    await this.#ended(
      'rm',
      this.#wall.program(
        this.folder(environment),
        user,
        ['/bin/sh', '-c', `rm -rf ${remains.join(' ')}`],
        quiet,
      ),
    );
  }

  /** Runs a git command to its end. Rejects with what it said on standard error. */
  async run(environment: string, user: WallUser, ...args: string[]): Promise<string> {
    const words = [...this.config(environment), '--git-dir=.', ...args];
    return await this.#ended(`git ${args[0]}`, this.#wall.git(this.folder(environment), user, words, quiet));
  }

  async #ended(what: string, starting: Promise<ChildProcess>): Promise<string> {
    const child = await starting;
    const { stdout, stderr } = child;
    if (stdout === null || stderr === null) throw new Error('git has no pipes');
    const closed = once(child, 'close').catch((error: unknown) => {
      throw new Refusal('git.missing', { why: error instanceof Error ? error.message : String(error) });
    });
    const [said, wrong, [code]] = await Promise.all([text(stdout), text(stderr), closed]);
    if (code !== 0) throw new Error(`${what}: ${wrong.trim() || `exit code ${code}`}`);
    return said;
  }

  /** Notes a commit whose branch has yet to move. Out of reach of the environment's user. */
  async writeUnled(environment: string, unled: { branch: string; commit: string }): Promise<void> {
    const file = join(this.folder(environment), unledFile);
    const handle = await open(`${file}.new`, 'w', 0o600);
    try {
      await handle.writeFile(JSON.stringify(unled));
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(`${file}.new`, file);
  }

  async forgetUnled(environment: string): Promise<void> {
    await rm(join(this.folder(environment), unledFile), { force: true });
  }

  async unled(): Promise<{ environment: string; branch: string; commit: string }[]> {
    const environments = await readdir(this.#folder).catch(() => []);
    const found = await Promise.all(
      environments.map(async (environment) => {
        const text = await readFile(join(this.#folder, environment, unledFile), 'utf8').catch(() => null);
        return text === null
          ? []
          : [{ ...(JSON.parse(text) as { branch: string; commit: string }), environment }];
      }),
    );
    return found.flat();
  }

  async #begin(environment: string, folder: string, user: WallUser): Promise<void> {
    await rm(folder, { recursive: true, force: true });
    const repository = join(folder, 'repository.git');
    await mkdir(repository, { recursive: true, mode: 0o755 });
    const owner = this.#wall.owner(user);
    if (owner !== null) await chown(repository, owner.uid, owner.gid);
    await chmod(repository, 0o700);
    await this.run(environment, user, 'init', '--quiet', '--bare', '--template=', '--initial-branch=main');
    await writeFile(join(folder, 'complete'), '');
  }

  async #writeHooks(folder: string): Promise<void> {
    const hooks = join(folder, 'hooks');
    await mkdir(hooks, { recursive: true, mode: 0o755 });
    for (const [name, script] of Object.entries(hookScripts)) {
      const file = join(hooks, name);
      if ((await readFile(file, 'utf8').catch(() => undefined)) === script) continue;
      await writeFile(`${file}.new`, script, { mode: 0o755 });
      await rename(`${file}.new`, file);
    }
  }
}
