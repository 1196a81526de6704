import type { Clock } from '../../src/domain/clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

/**
 * A clock that stands still until it is told to go on. Timers fall due in the order of their moments, and in the
 * order in which they were set where the moments are equal: the same test always sees the same sequence.
 */
export class FakeClock implements Clock {
  #wall: number;
  #monotonic = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  /** @param wall The wall time to begin at, ms since 1970. */
  constructor(wall = Date.UTC(2026, 0, 14, 12, 0, 0)) {
    this.#wall = wall;
  }

  wall(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, act: () => void): () => void {
    const timer = { at: this.#monotonic + Math.max(0, ms), order: this.#order++, act };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer is due; undefined when none waits. */
  get nextIn(): number | undefined {
    const next = this.#next(Number.POSITIVE_INFINITY);
    return next === undefined ? undefined : next.at - this.#monotonic;
  }

  /** Lets `ms` pass: each timer acts at its own moment, also those set meanwhile. Promises are not waited for. */
  advance(ms: number): void {
    const end = this.#monotonic + ms;
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#pass(timer.at - this.#monotonic);
      this.#timers.delete(timer);
      timer.act();
    }
    this.#pass(end - this.#monotonic);
  }

  /** As `advance`, and lets promises settle before and after each timer, for code that awaits between them. */
  async advanceAsync(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settle();
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#pass(timer.at - this.#monotonic);
      this.#timers.delete(timer);
      timer.act();
      await settle();
    }
    this.#pass(end - this.#monotonic);
    await settle();
  }

  /** Sets the wall clock, forward or back; monotonic time and timers don't notice. */
  setWall(wall: number): void {
    this.#wall = wall;
  }

  #pass(ms: number): void {
    this.#monotonic += ms;
    this.#wall += ms;
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > end) continue;
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order))
        next = timer;
    }
    return next;
  }
}

/** One turn of the event loop: every promise that could settle without outside help has settled. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
