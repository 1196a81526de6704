/** Patience with what tells nobody when it happens: systemd, control groups, processes of others. */
import { setTimeout as pause } from 'node:timers/promises';

const pauseMs = 200;

/** Resolves with what `probe` answers once that is not undefined; rejects with a sentence after so many seconds. */
export async function until<T>(
  what: string,
  seconds: number,
  probe: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s in vain for ${what}`);
    await pause(pauseMs);
  }
}

/** For measurements over a stretch of time. */
export const elapse = (seconds: number): Promise<void> => pause(seconds * 1000);

/** Throws with the sentence when it does not hold. */
export function must(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Error(sentence);
}
