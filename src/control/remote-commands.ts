/**
 * Remote commands and deployments keep apart, environment by environment: a deployment waits for the commands that run, and
 * from the moment it waits new commands wait for its end. So neither waits for ever. Commands end with the daemon, so that
 * memory is the place for them.
 */
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';

/** What whoever asked for a command hears while it has to wait. */
export interface Waiting {
  /** One sentence: why it waits. */
  readonly say: (sentence: string) => void;
  /** Aborts when whoever asked has left. */
  readonly signal: AbortSignal;
}

type After = (ms: number, act: () => void) => () => void;

interface Room {
  commands: number;
  deployments: number;
  /** Told at each change of the two. */
  waiting: Set<() => void>;
}

const waitMs = limits.deployWaitSecondsMax * 1000;

export class RemoteCommands {
  readonly #rooms = new Map<string, Room>();
  readonly #after: After;

  constructor(after: After) {
    this.#after = after;
  }

  running(environment: string): number {
    return this.#rooms.get(environment)?.commands ?? 0;
  }

  /**
   * Resolves when the command may begin; the answer says, once, that it has ended. Rejects with Refusal
   * `command.deployment-runs` when the deployment takes too long, and `command.left` when nobody waits any more.
   */
  async enter(environment: string, waiting?: Waiting): Promise<() => void> {
    const room = this.#room(environment);
    if (room.deployments > 0) {
      waiting?.say(`a deployment of "${environment}" is under way: the command begins when it is done`);
      await this.#until(room, () => room.deployments === 0, {
        late: new Refusal('command.deployment-runs', { environment }),
        signal: waiting?.signal,
      });
    }
    return this.#counted(environment, room, 'commands');
  }

  /** Holds new commands back, and resolves when none runs; the answer lets them go on. Rejects with Refusal `deploy.remote-command-runs`. */
  async holdBack(environment: string): Promise<() => void> {
    const room = this.#room(environment);
    const release = this.#counted(environment, room, 'deployments');
    try {
      const late = new Refusal('deploy.remote-command-runs', { environment });
      await this.#until(room, () => room.commands === 0, { late });
      return release;
    } catch (error) {
      release();
      throw error;
    }
  }

  #room(environment: string): Room {
    const known = this.#rooms.get(environment);
    if (known !== undefined) return known;
    const room: Room = { commands: 0, deployments: 0, waiting: new Set() };
    this.#rooms.set(environment, room);
    return room;
  }

  #counted(environment: string, room: Room, what: 'commands' | 'deployments'): () => void {
    this.#rooms.set(environment, room);
    room[what]++;
    let over = false;
    return () => {
      if (over) return;
      over = true;
      room[what]--;
      for (const tell of [...room.waiting]) tell();
      this.#forget(environment, room);
    };
  }

  #forget(environment: string, room: Room): void {
    if (room.commands + room.deployments + room.waiting.size === 0) this.#rooms.delete(environment);
  }

  async #until(
    room: Room,
    free: () => boolean,
    { late, signal }: { late: Refusal; signal?: AbortSignal | undefined },
  ): Promise<void> {
    if (free()) return;
    await new Promise<void>((resolve, reject) => {
      const settle = (act: () => void): void => {
        cancel();
        signal?.removeEventListener('abort', left);
        room.waiting.delete(tell);
        act();
      };
      const tell = (): void => {
        if (free()) settle(resolve);
      };
      const left = (): void => settle(() => reject(new Refusal('command.left')));
      const cancel = this.#after(waitMs, () => settle(() => reject(late)));
      room.waiting.add(tell);
      signal?.addEventListener('abort', left);
      if (signal?.aborted === true) left();
    });
  }
}
