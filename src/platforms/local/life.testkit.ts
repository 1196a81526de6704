/**
 * One daemon's life as a test lets it end, at any step: each call of a port is two, one before it and one after it. From then
 * on nothing that the daemon called ever answers, and no timer of its own wakes it, as after kill -9.
 */
import type { Clock } from '../../domain/clock.ts';

export class Life {
  /** What it came to, for the message of a test that fails. */
  lastStep = '';
  ended = false;
  readonly died: Promise<void>;
  #steps = 0;
  #underWay = 0;
  #endsAt: number;
  #die: () => void;

  /** @param endsAt the step that is its last; never when left away */
  constructor(endsAt = Number.POSITIVE_INFINITY) {
    this.#endsAt = endsAt;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.died = promise;
    this.#die = resolve;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Calls that were not answered yet. */
  get underWay(): number {
    return this.ended ? 0 : this.#underWay;
  }

  end(): void {
    this.ended = true;
    this.#die();
  }

  /** The port as this daemon calls it. Calls that answer at once are none that it can die in. */
  port<Port extends object>(name: string, port: Port): Port {
    return new Proxy(port, {
      get: (target, key) => {
        const method: unknown = Reflect.get(target, key);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]): unknown => this.#call(`${name}.${String(key)}`, target, method, args);
      },
    });
  }

  clock(clock: Clock): Clock {
    return {
      wall: () => clock.wall(),
      monotonic: () => clock.monotonic(),
      after: (ms, act) =>
        clock.after(ms, () => {
          if (!this.ended) act();
        }),
    };
  }

  #call(name: string, target: object, method: unknown, args: unknown[]): unknown {
    const call = (): unknown => Reflect.apply(method as (...all: unknown[]) => unknown, target, args);
    return asynchronous.test(name) ? this.#answer(name, async () => await call()) : call();
  }

  async #answer(name: string, call: () => Promise<unknown>): Promise<unknown> {
    this.#underWay++;
    try {
      await this.#step(`before ${name}`);
      const answer = await call();
      await this.#step(`after ${name}`);
      return answer;
    } finally {
      this.#underWay--;
    }
  }

  async #step(what: string): Promise<void> {
    if (!this.ended) {
      this.#steps++;
      if (this.#steps >= this.#endsAt) {
        this.lastStep = what;
        this.end();
      }
    }
    if (this.ended) await new Promise<never>(() => undefined);
  }
}

/** All others answer at once. */
const asynchronous = /^(store\..*|runtime\.(limit|start|signal|kill|release|recover)|logs\.prepare)$/;
