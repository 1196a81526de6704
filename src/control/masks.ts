/** The masks of environments, made of their variables when they are needed and anew when these have changed. */
import type { Store } from '../store/store.ts';
import { type Mask, maskOf } from './log-mask.ts';

interface Known {
  /** The environment asks for it. */
  readonly always: boolean;
  readonly mask: Mask | undefined;
}

export class Masks {
  readonly #store: Pick<Store, 'environment' | 'variables'>;
  readonly #known = new Map<string, Promise<Known>>();
  #changes = 0;

  constructor(store: Pick<Store, 'environment' | 'variables'>) {
    this.#store = store;
  }

  /** Grows when a mask may have become another one: who goes on for long asks again then. */
  get changes(): number {
    return this.#changes;
  }

  /**
   * What is to hide, when the environment wants it hidden or who reads asks for it (`wanted`); undefined when nothing is.
   * Rejects where that can't be found out: nothing is shown by mistake.
   */
  async of(environment: string, wanted: boolean): Promise<Mask | undefined> {
    let known = this.#known.get(environment);
    if (known === undefined) {
      known = this.#read(environment);
      this.#known.set(environment, known);
      const forget = (): void => {
        if (this.#known.get(environment) === known) this.#known.delete(environment);
      };
      known.catch(forget);
    }
    const { always, mask } = await known;
    return always || wanted ? mask : undefined;
  }

  /** Something about the environment has changed. */
  forget(environment: string): void {
    this.#changes += 1;
    this.#known.delete(environment);
  }

  async #read(environment: string): Promise<Known> {
    const kept = await this.#store.environment(environment);
    if (kept === undefined) return { always: false, mask: undefined };
    return { always: kept.maskSecrets, mask: maskOf(await this.#store.variables(environment)) };
  }
}
