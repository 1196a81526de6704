/** What grows is trimmed now and then: old runs, output, due times, activity. And what runs have written is packed. */
import type { Clock } from '../domain/clock.ts';
import { limits } from '../domain/limits.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { Store } from '../store/store.ts';

const everyMs = 3_600_000;
/** Not at once: a start has better things to do. */
const firstMs = 60_000;

const usualPackEveryMs = 5 * 60_000;

/**
 * Trims once an hour, and packs output every five minutes, or as often as is said.
 * @returns stops it
 */
export function keepHouse(
  { store, logs, clock }: { readonly store: Store; readonly logs: LogStore; readonly clock: Clock },
  onTrouble: (sentence: string) => void,
  packEveryMs = usualPackEveryMs,
): () => void {
  const stops = [
    again(clock, everyMs, () => trim(store, logs, clock), onTrouble),
    again(clock, packEveryMs, () => pack(store, logs), onTrouble),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function again(
  clock: Clock,
  pauseMs: number,
  act: () => Promise<void>,
  onTrouble: (sentence: string) => void,
): () => void {
  let cancel = (): void => undefined;
  let stopped = false;
  const later = (ms: number): void => {
    if (stopped) return;
    cancel = clock.after(ms, () => {
      act()
        .catch((error: unknown) =>
          onTrouble(`housekeeping failed: ${error instanceof Error ? error.message : error}`),
        )
        .finally(() => later(pauseMs));
    });
  };
  later(Math.min(firstMs, pauseMs));
  return () => {
    stopped = true;
    cancel();
  };
}

async function trim(store: Store, logs: LogStore, clock: Clock): Promise<void> {
  await store.housekeep(clock.wall());
  // Their output stays as long as its own bounds allow.
  await store.pruneRuns(limits.runsKeptPerJob);
  for (const { name } of await store.environments()) await logs.enforce(name);
}

async function pack(store: Store, logs: LogStore): Promise<void> {
  for (const { name } of await store.environments()) await logs.compact(name);
}
