/** What grows is trimmed now and then: old runs with their output, due times, activity. */
import type { Clock } from '../domain/clock.ts';
import { limits } from '../domain/limits.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { Store } from '../store/store.ts';

const everyMs = 3_600_000;
/** Not at once: a start has better things to do. */
const firstMs = 60_000;

/**
 * Trims once an hour.
 * @returns stops it
 */
export function keepHouse(
  { store, logs, clock }: { readonly store: Store; readonly logs: LogStore; readonly clock: Clock },
  onTrouble: (sentence: string) => void,
): () => void {
  let cancel = (): void => undefined;
  let stopped = false;
  const later = (ms: number): void => {
    if (stopped) return;
    cancel = clock.after(ms, () => {
      trim(store, logs, clock)
        .catch((error: unknown) =>
          onTrouble(`housekeeping failed: ${error instanceof Error ? error.message : error}`),
        )
        .finally(() => later(everyMs));
    });
  };
  later(firstMs);
  return () => {
    stopped = true;
    cancel();
  };
}

async function trim(store: Store, logs: LogStore, clock: Clock): Promise<void> {
  await store.housekeep(clock.wall());
  const gone = await store.pruneRuns(limits.runsKeptPerJob);
  for (const { name } of await store.environments()) {
    if (gone.length > 0) await logs.removeRuns(name, gone);
    await logs.enforce(name);
  }
}
