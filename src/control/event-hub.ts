/**
 * Tells those who follow what changes, in one order for all, and keeps the newest so that who was away for a moment misses
 * nothing. It holds no queue for a reader: each has a place in the ring, and one that is overtaken has to begin anew.
 *
 *     told ──▶ ring of the newest ──▶ reader 1 (its place)
 *                                 ──▶ reader 2 (its place)
 */
import { sees } from '../domain/access.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { environmentOf, type Told } from './changes-told.ts';
import type { Actor } from './control.ts';

/** So many are handed to a reader at once. */
const batchMost = 64;

/** One that was told, and its place. */
export interface ToldEvent {
  readonly id: string;
  readonly told: Told;
}

/** What a reader gets at a time. */
export interface EventBatch {
  /** What happened between the reader's place and this batch is not kept: state has to be read anew, from this place on. */
  readonly reset: boolean;
  /** The place after this batch, also where nothing in it was for this reader. */
  readonly lastId: string;
  readonly events: readonly ToldEvent[];
}

export interface EventQuery {
  /** Only what concerns this environment; absent: all that the actor sees. */
  readonly environment?: string;
  /** The place to go on after; absent: from now on. */
  readonly after?: string;
}

export class EventHub {
  readonly #life: string;
  readonly #size: number;
  readonly #ring: Told[] = [];
  /** How many were told. The newest has this number, the first had 1. */
  #count = 0;
  #wake = new Set<() => void>();
  readonly #followers = new Map<string, number>();

  /**
   * @param life names this daemon's life, so that places of an earlier one are known as such
   * @param size how many are kept
   */
  constructor(life: string, size: number = limits.eventsKept) {
    this.#life = life;
    this.#size = size;
  }

  /** The place of the newest. Who reads state after asking for it, and follows from it, misses nothing. */
  get lastId(): string {
    return this.#idOf(this.#count);
  }

  /** How many follow now. */
  get followers(): number {
    return [...this.#followers.values()].reduce((sum, each) => sum + each, 0);
  }

  tell(told: Told): void {
    this.#count += 1;
    this.#ring[this.#count % this.#size] = told;
    const waking = this.#wake;
    if (waking.size === 0) return;
    this.#wake = new Set();
    for (const wake of waking) wake();
  }

  /**
   * Follows from a place on until `signal` aborts. The first batch comes at once. It ends by itself where the reader is
   * overtaken: what it has not read is gone.
   *
   * @throws Refusal `events.too-many`
   */
  async *follow(actor: Actor, query: EventQuery, signal: AbortSignal): AsyncGenerator<EventBatch> {
    const leave = this.#enter(actor);
    try {
      const found = query.after === undefined ? this.#count : this.#placeOf(query.after);
      let place = found ?? this.#count;
      yield { reset: found === undefined, lastId: this.#idOf(place), events: [] };
      while (!signal.aborted) {
        if (place === this.#count) await this.#told(signal);
        if (place < this.#count - this.#size) return;
        const upTo = Math.min(this.#count, place + batchMost);
        const events: ToldEvent[] = [];
        for (let number = place + 1; number <= upTo; number++) {
          const told = this.#ring[number % this.#size] as Told;
          if (isFor(actor, query, told)) events.push({ id: this.#idOf(number), told });
        }
        place = upTo;
        yield { reset: false, lastId: this.#idOf(place), events };
      }
    } finally {
      leave();
    }
  }

  #idOf(number: number): string {
    return `${this.#life}-${number}`;
  }

  /** Undefined when what came after that place is not kept, or when it is none of this life. */
  #placeOf(id: string): number | undefined {
    const found = /^(.+)-(\d{1,15})$/.exec(id);
    if (found === null || found[1] !== this.#life) return undefined;
    const place = Number(found[2]);
    return place <= this.#count && place >= this.#count - this.#size ? place : undefined;
  }

  #told(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#wake.delete(wake);
        resolve();
      };
      this.#wake.add(wake);
      signal.addEventListener('abort', wake, { once: true });
      if (signal.aborted) wake();
    });
  }

  #enter({ name, via }: Actor): () => void {
    const key = `${via}:${name}`;
    const own = this.#followers.get(key) ?? 0;
    if (this.followers >= limits.eventFollowers)
      throw new Refusal('events.too-many', { limit: limits.eventFollowers });
    if (own >= limits.eventFollowersPerUser)
      throw new Refusal('events.too-many', { limit: limits.eventFollowersPerUser });
    this.#followers.set(key, own + 1);
    return () => {
      const left = (this.#followers.get(key) ?? 1) - 1;
      if (left === 0) this.#followers.delete(key);
      else this.#followers.set(key, left);
    };
  }
}

function isFor(actor: Actor, query: EventQuery, told: Told): boolean {
  const environment = environmentOf(told);
  if (query.environment !== undefined) return environment === query.environment;
  return environment === null ? actor.role === 'operator' : sees(actor, environment);
}
