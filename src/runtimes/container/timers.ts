import type { Clock } from '../../domain/clock.ts';

/** Timers that all end together. */
export class Timers {
  readonly #clock: Clock;
  readonly #cancels = new Set<() => void>();
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Acts again and again, `ms` after it was done. */
  every(ms: number, act: () => void): void {
    const next = (): void => {
      this.#after(ms, (stopped) => {
        if (stopped) return;
        act();
        next();
      });
    };
    next();
  }

  /** Resolves after `ms`, or at once when the timers are stopped. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#after(ms, () => resolve()));
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of [...this.#cancels]) cancel();
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  #after(ms: number, act: (stopped: boolean) => void): void {
    if (this.#stopped) {
      act(true);
      return;
    }
    const cancel = this.#clock.after(ms, () => {
      this.#cancels.delete(stop);
      act(false);
    });
    const stop = (): void => {
      this.#cancels.delete(stop);
      cancel();
      act(true);
    };
    this.#cancels.add(stop);
  }
}
