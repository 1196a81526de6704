import { checkSees } from '../domain/access.ts';
import type { Environment } from '../domain/environment.ts';
import { Refusal } from '../domain/errors.ts';
import type { Actor, Expected } from './control.ts';
import { checkEnvironmentFresh } from './stale.ts';
import type { Tools } from './tools.ts';

/** What a change has done, for the activity log; never a secret. */
export interface Done<Result> {
  readonly act: string;
  readonly detail: string;
  readonly result: Result;
}

/** Whose act it was, and how it was asked for. */
export interface Author {
  readonly name: string;
  readonly via: string;
  readonly address?: string | null;
}

type ChangeTools = Pick<Tools, 'parts' | 'serial' | 'wishes' | 'removals' | 'summaries'>;

/**
 * How every change to an environment goes: in its turn, after authorisation and its rules, ONE write to the store, which decides;
 * then the activity log and the platform are told. A change whose write stands is never taken back: what the
 * platform could not take in is tried again (see `wishes.ts`).
 */
export class Changes {
  readonly #tools: ChangeTools;

  constructor(tools: ChangeTools) {
    this.#tools = tools;
  }

  /** The environment, if there is one and the actor sees it. The only way in for use cases about one environment. */
  async known(actor: Actor, name: string): Promise<Environment> {
    checkSees(actor, name);
    const environment = await this.#tools.parts.store.environment(name);
    if (environment === undefined) throw new Refusal('environment.unknown', { environment: name });
    return environment;
  }

  /** The same, for what would change or use it: refused while it is being removed. */
  async usable(actor: Actor, name: string): Promise<Environment> {
    const environment = await this.known(actor, name);
    if (this.#tools.removals.has(name)) throw new Refusal('environment.busy', { environment: name });
    return environment;
  }

  /** Makes a change of the wish. `decide` checks its rules and writes once. `expected` is about the environment itself. */
  async make<Result>(
    actor: Actor,
    name: string,
    decide: (environment: Environment) => Promise<Done<Result>>,
    expected: Expected = {},
  ): Promise<Result> {
    checkSees(actor, name);
    return await this.#tools.serial.run(name, async () => {
      const environment = await this.usable(actor, name);
      await checkEnvironmentFresh(this.#tools.parts, environment, expected);
      const done = await decide(environment).finally(() => this.#tools.summaries.forget(name));
      await this.note(actor, name, done.act, done.detail);
      await this.#tools.wishes.apply(name);
      return done.result;
    });
  }

  /** Writes an act into the activity log. The act stands already, so that a log that can't be written is trouble, not a refusal. */
  async note(actor: Author, environment: string | null, act: string, detail: string): Promise<void> {
    try {
      await this.#tools.parts.store.addActivity({
        at: this.#tools.parts.clock.wall(),
        actor: actor.name,
        environment,
        act,
        detail,
        via: actor.via,
        address: actor.address ?? null,
      });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#tools.parts.onTrouble(
        environment,
        `"${act}" by ${actor.name} is not in the activity log: ${why}`,
      );
    }
  }
}
