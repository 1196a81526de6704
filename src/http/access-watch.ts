/** Answers that last longer than the right to them: a log that is followed, events, a remote command. */
import type { Actor } from '../control/control.ts';

/** So long after a right was taken what it had opened is closed, ms. */
export const accessCheckMs = 15_000;

/** Whether who asks is still the same, with the same rights. Rejects, or answers false, when not. */
export async function stillTheSame(before: Actor, actorOf: () => Actor | Promise<Actor>): Promise<boolean> {
  const now = await actorOf();
  const rights = ({ role, environments = [], scope }: Actor): string =>
    JSON.stringify([role, scope, ...environments]);
  return rights(now) === rights(before);
}

/** Looks now and then, and calls `leave` once when it is so no more. The answer ends the looking. */
export function watchAccess(
  before: Actor,
  actorOf: () => Actor | Promise<Actor>,
  leave: () => void,
): () => void {
  const timer = setInterval(() => {
    stillTheSame(before, actorOf).then((same) => {
      if (!same) gone();
    }, gone);
  }, accessCheckMs);
  timer.unref();
  const stop = (): void => clearInterval(timer);
  function gone(): void {
    stop();
    leave();
  }
  return stop;
}
