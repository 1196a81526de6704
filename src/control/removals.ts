import type { ControlParts } from './parts.ts';

/** Where the store keeps the names of the environments that are being removed: a list in JSON. */
const metaKey = 'environments.removing';

/**
 * The environments whose removal has begun. It is written down before anything of them is taken away, and crossed out when
 * nothing is left, so that a removal which a crash has cut short is completed by the next start, or by being asked for again:
 *
 *     mark → platform ends everything → logs → repository → store → metrics → unmark
 *
 * Each step can be repeated, and none needs what a later one takes away.
 */
export class Removals {
  readonly #parts: Pick<ControlParts, 'store' | 'platform' | 'logs' | 'metrics' | 'code'>;
  #names: ReadonlySet<string> = new Set();
  #write: Promise<void> = Promise.resolve();

  constructor(parts: Pick<ControlParts, 'store' | 'platform' | 'logs' | 'metrics' | 'code'>) {
    this.#parts = parts;
  }

  /** Reads what an earlier daemon has left half-done. Called once, before anything else. */
  async load(): Promise<void> {
    const text = await this.#parts.store.meta(metaKey);
    const names: unknown = text === undefined ? [] : JSON.parse(text);
    this.#names = new Set(Array.isArray(names) ? names.filter((each) => typeof each === 'string') : []);
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  names(): readonly string[] {
    return [...this.#names];
  }

  /** Writes down that the removal has begun. */
  async mark(name: string): Promise<void> {
    if (!this.has(name)) await this.#keep((names) => new Set([...names, name]));
  }

  /** Takes everything of a marked environment away, then its mark. */
  async finish(name: string): Promise<void> {
    const { store, platform, logs, metrics, code } = this.#parts;
    await platform.remove(name);
    await logs.removeEnvironment(name);
    await code.remove(name);
    await store.removeEnvironment(name);
    metrics.removeEnvironment(name);
    await this.#keep((names) => new Set([...names].filter((each) => each !== name)));
  }

  /** One writer at a time: the list is one fact of the store, whatever the number of environments removed at once. */
  async #keep(change: (names: ReadonlySet<string>) => ReadonlySet<string>): Promise<void> {
    const write = async (): Promise<void> => {
      const names = change(this.#names);
      await this.#parts.store.setMeta(metaKey, JSON.stringify([...names]));
      this.#names = names;
    };
    const turn = this.#write.then(write, write);
    this.#write = turn;
    await turn;
  }
}
