import { within } from './deadline.ts';

interface Waiter<T> {
  readonly accepts: (event: T) => boolean;
  readonly resolve: (event: T) => void;
}

/** Everything that was told so far, and a way to wait for what is told next. */
export class EventLog<T> {
  readonly all: T[] = [];
  readonly #waiters = new Set<Waiter<T>>();

  /** Takes an event in; a property, so that it can be handed out as a callback. */
  readonly push = (event: T): void => {
    this.all.push(event);
    for (const waiter of [...this.#waiters]) {
      if (!waiter.accepts(event)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(event);
    }
  };

  /** The first event that `accepts` takes, told already or still to come. */
  first(what: string, accepts: (event: T) => boolean, ms?: number): Promise<T> {
    const told = this.all.find(accepts);
    if (told !== undefined) return Promise.resolve(told);
    let waiter: Waiter<T> | undefined;
    const coming = new Promise<T>((resolve) => {
      waiter = { accepts, resolve };
      this.#waiters.add(waiter);
    });
    return within(what, coming, ms).finally(() => {
      if (waiter !== undefined) this.#waiters.delete(waiter);
    });
  }
}
