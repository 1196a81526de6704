/** One push at a time into one repository: the next one sees the branches as the one before has left them. */

export class PushQueue {
  readonly #last = new Map<string, Promise<void>>();

  /**
   * Resolves when it is this push's turn; call the answer when it is over.
   * Rejects, and takes no turn, when the signal is aborted before.
   * @param waits called when another push is under way
   */
  async turn(environment: string, signal: AbortSignal, waits: () => void): Promise<() => void> {
    const before = this.#last.get(environment);
    const { promise, resolve } = Promise.withResolvers<void>();
    const own = (before ?? Promise.resolve()).then(() => promise);
    this.#last.set(environment, own);
    const over = (): void => {
      resolve();
      if (this.#last.get(environment) === own) this.#last.delete(environment);
    };
    if (before === undefined) return over;
    waits();
    try {
      await orAborted(before, signal);
      return over;
    } catch (error) {
      resolve();
      throw error;
    }
  }
}

async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let leave = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(new Error('the push was given up'));
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
