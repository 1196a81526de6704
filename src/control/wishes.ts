import type { Environment } from '../domain/environment.ts';
import { Refusal } from '../domain/errors.ts';
import { defaultPlans, type Plan } from '../domain/plan.ts';
import type { EnvironmentWish } from '../platforms/platform.ts';
import { backoffMs } from '../std/backoff.ts';
import type { ControlParts } from './parts.ts';
import type { Serial } from './serial.ts';

/** The plan booked, also when the operator's plans.yml has lost it and it is one of the default plans. Null when nobody knows it. */
export function bookedPlan(plans: readonly Plan[], environment: Environment): Plan | null {
  if (environment.plan === null) return null;
  const named = (plan: Plan): boolean => plan.name === environment.plan;
  return plans.find(named) ?? defaultPlans.find(named) ?? null;
}

/**
 * What the platform is to carry out, told from the store alone. A wish that the platform could not take in stays the wish: it
 * is told again after a while, until it is taken in, and meanwhile a notice says so.
 */
export class Wishes {
  readonly #parts: ControlParts;
  readonly #serial: Serial;
  readonly #taken: (wish: EnvironmentWish) => void;
  readonly #untaken = new Map<string, { why: string; tries: number; cancel: () => void }>();

  /** @param taken told of each wish that the platform has taken in */
  constructor(parts: ControlParts, serial: Serial, taken: (wish: EnvironmentWish) => void) {
    this.#parts = parts;
    this.#serial = serial;
    this.#taken = taken;
  }

  async of(environment: Environment): Promise<EnvironmentWish> {
    const { store, plans } = this.#parts;
    const [variables, jobs, commit] = await Promise.all([
      store.variables(environment.name),
      store.jobs(environment.name),
      store.deployedCommit(environment.name),
    ]);
    return {
      environment,
      plan: bookedPlan(plans, environment),
      variables,
      jobs,
      commit,
    };
  }

  /** Makes what the store holds the platform's wish. Rejects with Refusal `platform.failed`; the wish is kept then. */
  async apply(name: string): Promise<void> {
    try {
      await this.#tell(name);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#later(name, why);
      throw new Refusal('platform.failed', { environment: name, why }, { cause: error });
    }
  }

  /** Why the platform has not taken in the wish yet; null when it has. */
  untaken(name: string): string | null {
    return this.#untaken.get(name)?.why ?? null;
  }

  /** Gives up what waits to be told again: the environment is gone, or the daemon is about to be. */
  forget(name?: string): void {
    for (const [each, { cancel }] of this.#untaken) {
      if (name !== undefined && each !== name) continue;
      cancel();
      this.#untaken.delete(each);
    }
  }

  async #tell(name: string): Promise<void> {
    const environment = await this.#parts.store.environment(name);
    if (environment === undefined) return this.forget(name);
    const wish = await this.of(environment);
    await this.#parts.platform.apply(wish);
    this.#taken(wish);
    this.forget(name);
  }

  async #retell(name: string): Promise<void> {
    if (this.#untaken.has(name)) await this.#tell(name);
  }

  #later(name: string, why: string): void {
    this.#parts.onTrouble(name, `the wish for "${name}" could not be taken in: ${why}`);
    const tries = (this.#untaken.get(name)?.tries ?? 0) + 1;
    this.#untaken.get(name)?.cancel();
    const cancel = this.#parts.clock.after(backoffMs(tries, 0), () => {
      // In its turn, so that it never tells the platform something older than what a change has told meanwhile.
      this.#serial
        .run(name, () => this.#retell(name))
        .catch((error: unknown) => this.#later(name, error instanceof Error ? error.message : String(error)));
    });
    this.#untaken.set(name, { why, tries, cancel });
  }
}
