/** The port `code` over a bare repository for each environment and a process of the environment's user for each deployment. */
import type { Code, CodePlace, Commit, Staged } from '../control/code.ts';
import { deployFileName } from '../control/deploy-file.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { LayAnswer, LayRequest } from './lay/messages.ts';
import { LayWorker } from './lay-worker.ts';
import { gitEnv, type Repositories } from './repositories.ts';
import { makeStageFolder } from './stage-folder.ts';
import type { Wall, WallUser } from './wall.ts';

export interface GitCodeOptions {
  readonly repositories: Repositories;
  readonly wall: Wall;
  /** Tells this daemon's folders from those of another data folder. */
  readonly instance: string;
  /** Rejects when there is no such user. */
  readonly resolveUser: (name: string) => Promise<WallUser>;
}

export class GitCode implements Code {
  readonly #options: GitCodeOptions;
  /** One for each environment that is being deployed. */
  readonly #workers = new Map<string, Promise<LayWorker>>();

  constructor(options: GitCodeOptions) {
    this.#options = options;
  }

  async commit(place: CodePlace, id: string): Promise<Commit> {
    const { repositories, resolveUser } = this.#options;
    const { environment } = place;
    const user = await resolveUser(place.user);
    await repositories.make(environment, user);
    const run = (...args: string[]): Promise<string> => repositories.run(environment, user, ...args);
    const unknown = (): never => {
      throw new Refusal('deploy.commit-unknown', { commit: id, environment });
    };
    if (!/^[0-9a-f]{40,64}$/.test(id)) unknown();
    const [subject, listed] = await Promise.all([
      run('show', '--no-patch', '--no-show-signature', '--format=%s', id).catch(unknown),
      run('ls-tree', '-l', '-z', '--full-tree', id, '--', deployFileName).catch(unknown),
    ]);
    return {
      id,
      subject: subject.trim(),
      file: await fileOf(listed, (blob) => run('cat-file', 'blob', blob)),
    };
  }

  async stage(place: CodePlace, commit: string, from: string | null): Promise<Staged> {
    const answer = await this.#ask(place, {
      act: 'stage',
      commit,
      from,
      limits: {
        entries: limits.pushedTreeEntries,
        fileBytes: this.#options.repositories.limits.fileBytes,
        treeBytes: limits.pushedTreeBytes,
        pathBytes: pathBytesMax - Buffer.byteLength(place.root),
      },
    });
    if (answer.staged === undefined) throw new Error('the lay process did not say what it staged');
    return answer.staged;
  }

  async lay(place: CodePlace): Promise<void> {
    await this.#ask(place, { act: 'lay' });
  }

  async undo(place: CodePlace): Promise<void> {
    await this.#ask(place, { act: 'undo' });
    await this.#end(place.environment);
  }

  async keep(place: CodePlace, commit: string, branch: string): Promise<void> {
    await this.#options.repositories.writeUnled(place.environment, { branch, commit });
    await this.#ask(place, { act: 'keep', commit });
    await this.#end(place.environment);
  }

  async lead(place: CodePlace, branch: string, commit: string): Promise<void> {
    const { repositories, resolveUser } = this.#options;
    const user = await resolveUser(place.user);
    const ref = `refs/heads/${branch}`;
    await repositories.run(place.environment, user, 'update-ref', ref, commit);
    await repositories.run(place.environment, user, 'symbolic-ref', 'HEAD', ref);
    await repositories.forgetUnled(place.environment);
  }

  unled(): Promise<{ environment: string; branch: string; commit: string }[]> {
    return this.#options.repositories.unled();
  }

  async remove(environment: string): Promise<void> {
    await this.#end(environment);
    await this.#options.repositories.remove(environment);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers.keys()].map((environment) => this.#end(environment)));
  }

  async #ask(place: CodePlace, request: LayRequest): Promise<Extract<LayAnswer, { ok: true }>> {
    const worker = await this.#worker(place);
    const answer = await worker.ask(request).catch(async (error: unknown) => {
      await this.#end(place.environment);
      throw error;
    });
    if (answer.ok) return answer;
    const { about, why } = answer;
    throw about === 'tree'
      ? new Refusal('deploy.tree', { why })
      : new Refusal('deploy.root', { root: place.root, why });
  }

  async #worker(place: CodePlace): Promise<LayWorker> {
    const { environment } = place;
    const known = this.#workers.get(environment);
    if (known !== undefined) return await known;
    const starting = this.#start(place);
    this.#workers.set(environment, starting);
    starting.catch(() => this.#workers.delete(environment));
    return await starting;
  }

  async #start({ environment, root, user: name }: CodePlace): Promise<LayWorker> {
    const { repositories, wall, instance, resolveUser } = this.#options;
    const user = await resolveUser(name);
    await repositories.make(environment, user);
    const owner = wall.owner(user);
    const stage = await makeStageFolder(root, environment, instance, owner);
    const folder = repositories.folder(environment);
    return await LayWorker.start(wall, folder, {
      root,
      stage,
      repository: wall.inside(folder, 'repository.git'),
      user: owner === null ? null : { uid: owner.uid, gid: owner.gid },
      env: gitEnv,
      config: repositories.config(environment),
    });
  }

  async #end(environment: string): Promise<void> {
    const worker = this.#workers.get(environment);
    this.#workers.delete(environment);
    await worker?.then(
      (each) => each.end(),
      () => undefined, // it never began
    );
  }
}

/** What the kernel takes as a path (PATH_MAX), with room for what is put before it. */
const pathBytesMax = 4_000;

/** @param listed the line of `git ls-tree -l -z` for the file; empty where there is none */
async function fileOf(listed: string, read: (blob: string) => Promise<string>): Promise<string | null> {
  if (listed === '') return null;
  const [mode = '', , blob = '', bytes = ''] = listed.split(/[\t\0]/)[0]?.split(/ +/) ?? [];
  if (!mode.startsWith('100')) throw new Refusal('deploy.file', { why: 'it is not a file' });
  if (Number(bytes) > limits.deployFileBytes)
    throw new Refusal('deploy.file', { why: `it is longer than ${limits.deployFileBytes / 1024} KB` });
  return await read(blob);
}
