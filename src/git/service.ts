/**
 * Git's own server programs, for a way in that has found out who somebody is. Which repository it is, the environment
 * decides: the path that a client names is not looked at.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { Actor, CodePlace, Control } from '../control/control.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { formatSize } from '../domain/units.ts';
import { fileBytesVariable } from './hook-scripts.ts';
import { HookTalk } from './hook-talk.ts';
import { PushQueue } from './push-queue.ts';
import { gitEnv, type Repositories } from './repositories.ts';
import type { Wall, WallUser } from './wall.ts';

export type GitServiceName = 'git-receive-pack' | 'git-upload-pack';

export interface GitServiceRequest {
  readonly actor: Actor;
  readonly environment: string;
  readonly service: GitServiceName;
  /** As the client named it; it only stands in the log. */
  readonly path: string;
  /** The version of git's protocol that the client would like, as `version=2`; null when it says nothing. */
  readonly protocol: string | null;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** Resolves with the exit code; what is refused stands on stderr, as one sentence. Never rejects. */
export type GitService = (request: GitServiceRequest) => Promise<number>;

export interface GitServiceOptions {
  readonly control: Pick<Control, 'repository' | 'push'>;
  readonly repositories: Repositories;
  readonly wall: Wall;
  readonly resolveUser: (name: string) => Promise<WallUser>;
  /** The branch leads to the commit, and is the one that a clone checks out. */
  readonly lead: (place: CodePlace, branch: string, commit: string) => Promise<void>;
  readonly log: Logger;
}

/** Git gets so long to move the branch and to say so, once it may. */
const endPatienceMs = 30_000;
/** A client that has gone lets git end by itself, or it is killed. */
const leavePatienceMs = 5_000;

export function createGitService(options: GitServiceOptions): GitService {
  const queue = new PushQueue();
  return async (request) => {
    try {
      if (request.service === 'git-upload-pack') return await fetched(options, request);
      if (request.service !== 'git-receive-pack')
        throw new Refusal('git.service', { service: String(request.service) });
      const { environment, signal, stderr } = request;
      await options.control.repository(request.actor, environment);
      const over = await queue.turn(environment, signal, () =>
        stderr.write(`nightshift: another push to "${environment}" is under way: this one waits for it\n`),
      );
      return await pushed(options, request).finally(over);
    } catch (error) {
      if (!(error instanceof Refusal) && !request.signal.aborted)
        options.log.error({ err: error, environment: request.environment }, 'a git service failed');
      const told = error instanceof Refusal ? error : new Refusal('internal');
      request.stderr.write(`nightshift: ${told.message}\n`);
      return 1;
    }
  };
}

interface Served {
  readonly place: CodePlace;
  readonly user: WallUser;
  readonly folder: string;
  readonly repository: string;
}

async function serve(options: GitServiceOptions, { actor, environment }: GitServiceRequest): Promise<Served> {
  const { control, repositories, wall, resolveUser } = options;
  const place = await control.repository(actor, environment);
  const user = await resolveUser(place.user);
  await repositories.make(environment, user);
  const folder = repositories.folder(environment);
  return { place, user, folder, repository: wall.inside(folder, 'repository.git') };
}

async function fetched(options: GitServiceOptions, request: GitServiceRequest): Promise<number> {
  const { folder, user, repository } = await serve(options, request);
  const config = options.repositories.config(request.environment);
  const { protocol } = request;
  const version = protocol !== null && /^version=[0-9]$/.test(protocol) ? { GIT_PROTOCOL: protocol } : {};
  const child = await options.wall.git(folder, user, [...config, 'upload-pack', '--strict', repository], {
    env: { ...gitEnv, ...version },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return await new Conversation(child, request).ended();
}

async function pushed(options: GitServiceOptions, request: GitServiceRequest): Promise<number> {
  const served = await serve(options, request);
  const { place, user, folder, repository } = served;
  const { environment } = request;
  const { repositories } = options;
  const { pushBytes, fileBytes } = repositories.limits;
  await repositories.clear(environment, user);
  await checkRoom(options, served);
  const config = repositories.config(environment);
  const child = await options.wall.git(folder, user, [...config, 'receive-pack', repository], {
    env: { ...gitEnv, [fileBytesVariable]: String(fileBytes) },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  const conversation = new Conversation(child, request);
  const talk = new HookTalk(child, {
    control: options.control,
    actor: request.actor,
    environment,
    signal: request.signal,
    fileBytes,
    busy: (busy) => conversation.busy(busy),
    decided: () => conversation.endWithin(endPatienceMs),
  });
  const code = await conversation.ended();
  await talk.over();
  if (conversation.tooLarge)
    request.stderr.write(
      `nightshift: ${new Refusal('git.push-too-large', { limit: formatSize(pushBytes) }).message}\n`,
    );
  await repositories.clear(environment, user);
  // Git has moved the branch, or was killed before it could: the code is in the root already.
  const { deployed } = talk;
  if (deployed !== null) await options.lead(place, deployed.branch, deployed.commit);
  if (code === 0) await tidy(options, served);
  return code;
}

/** Bytes of the repository, as it counts itself. */
async function sizeOf({ repositories }: GitServiceOptions, { place, user }: Served): Promise<number> {
  const said = await repositories.run(place.environment, user, 'count-objects', '-v');
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(said)?.[1] ?? 0);
  return (kilobytes('size') + kilobytes('size-pack') + kilobytes('size-garbage')) * 1024;
}

async function checkRoom(options: GitServiceOptions, served: Served): Promise<void> {
  if ((await sizeOf(options, served)) <= limits.repositoryBytes) return;
  const { environment } = served.place;
  await options.repositories.run(environment, served.user, 'gc', '--quiet', '--prune=now');
  const size = await sizeOf(options, served);
  if (size > limits.repositoryBytes)
    throw new Refusal('git.repository-full', {
      environment,
      size: formatSize(size),
      limit: formatSize(limits.repositoryBytes),
    });
}

/** Many small files become few large ones now and then. What fails here is no failure of the push. */
async function tidy({ repositories, log }: GitServiceOptions, { place, user }: Served): Promise<void> {
  try {
    const settings = ['-c', 'gc.auto=2000', '-c', 'gc.autoDetach=false'];
    await repositories.run(place.environment, user, ...settings, 'gc', '--auto', '--quiet');
  } catch (err) {
    log.warn({ err, environment: place.environment }, 'a repository could not be tidied');
  }
}

/** Passes bytes on, and ends what nobody waits for any more. */
class Conversation {
  readonly #child: ChildProcess;
  readonly #request: GitServiceRequest;
  #tooLarge = false;
  #busy = false;
  #idle: NodeJS.Timeout | undefined;
  #killing: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess, request: GitServiceRequest) {
    this.#child = child;
    this.#request = request;
  }

  /** Git's own words for a push above the limit went by. */
  get tooLarge(): boolean {
    return this.#tooLarge;
  }

  /** While a deployment runs, nothing has to be sent. */
  busy(busy: boolean): void {
    this.#busy = busy;
    this.#stirred();
  }

  /** Now it should be over soon. */
  endWithin(ms: number): void {
    clearTimeout(this.#killing);
    this.#killing = setTimeout(() => this.#kill(), ms);
  }

  /** Resolves with the exit code, when all that was said is handed on. */
  async ended(): Promise<number> {
    const { stdin, stdout, stderr } = this.#child;
    if (stdin === null || stdout === null || stderr === null) throw new Error('git has no pipes');
    const { signal } = this.#request;
    const leave = (): void => {
      stdin.destroy();
      if (!this.#busy) this.endWithin(leavePatienceMs);
    };
    stdin.on('error', () => undefined); // git has heard enough
    this.#request.stdin.pipe(stdin);
    this.#request.stdin.on('data', this.#stirred);
    stdout.on('data', this.#heard);
    stdout.pipe(this.#request.stdout, { end: false });
    stderr.pipe(this.#request.stderr, { end: false });
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    this.#stirred();
    try {
      const [code] = (await once(this.#child, 'close')) as [number | null];
      return code ?? 1;
    } catch (error) {
      throw new Refusal('git.missing', { why: error instanceof Error ? error.message : String(error) });
    } finally {
      clearTimeout(this.#idle);
      clearTimeout(this.#killing);
      signal.removeEventListener('abort', leave);
      this.#request.stdin.off('data', this.#stirred);
      this.#request.stdin.unpipe(stdin);
    }
  }

  readonly #heard = (chunk: Buffer): void => {
    if (chunk.includes('pack exceeds maximum allowed size')) this.#tooLarge = true;
    this.#stirred();
  };

  readonly #stirred = (): void => {
    clearTimeout(this.#idle);
    if (!this.#busy) this.#idle = setTimeout(() => this.#kill(), limits.pushIdleSeconds * 1000);
  };

  /** With all that it has started: it leads a group of its own. */
  #kill(): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      this.#child.kill('SIGKILL'); // it leads no group yet
    }
    // A reader that has stopped would keep its output, and with it the next push, waiting for ever.
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.unpipe();
      stream?.resume();
    }
  }
}
