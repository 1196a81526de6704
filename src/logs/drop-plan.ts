/**
 * What has to go when there is too much, decided from sizes and times alone. Who floods loses first: an environment's
 * bytes are shared out so that a job which takes less than its share loses nothing, and within a job a run that takes
 * more than half of it loses before the others do.
 */
import { bytesOf, type RunFiles, type Segment, wholeRuns } from './layout.ts';

/** Segments of one run that go, the oldest first: they are always its first ones. */
export interface Drop {
  readonly run: RunFiles;
  readonly segments: readonly Segment[];
  /** Nothing of the run is left. */
  readonly whole: boolean;
  readonly aged: boolean;
}

/** How much each job may keep so that all together keep no more than `limit`: as much as it has, or else an equal share of the rest. */
export function shareOut(sizes: ReadonlyMap<string, number>, limit: number): Map<string, number> {
  const shares = new Map<string, number>();
  let left = limit;
  const rising = [...sizes].sort(([, a], [, b]) => a - b);
  rising.forEach(([job, bytes], index) => {
    const share = Math.min(bytes, Math.floor(left / (rising.length - index)));
    shares.set(job, share);
    left -= share;
  });
  return shares;
}

/** Everything that was last written before `before` (wall, ms). */
export function planAged(runs: readonly RunFiles[], live: (run: string) => boolean, before: number): Drop[] {
  const gone = runs.map((run) => {
    const may = droppable(run, live);
    const kept = may.findIndex((segment) => segment.modified >= before);
    return { run, count: kept < 0 ? may.length : kept };
  });
  return dropsOf(gone, live, true).filter((drop) => drop.whole || drop.segments.length > 0);
}

/** What one job loses so that it keeps `budget` bytes, as far as that is possible: what is being written stays. */
export function planExcess(
  runs: readonly RunFiles[],
  live: (run: string) => boolean,
  budget: number,
): Drop[] {
  const states = runs.map((run) => ({ run, may: droppable(run, live), count: 0, bytes: bytesOf(run) }));
  let over = states.reduce((sum, { bytes }) => sum + bytes, 0) - budget;
  const dropFirst = (state: (typeof states)[number]): void => {
    const bytes = state.may[state.count++]?.bytes ?? 0;
    state.bytes -= bytes;
    over -= bytes;
  };
  for (const state of [...states].sort((a, b) => b.bytes - a.bytes)) {
    while (over > 0 && state.bytes > budget / 2 && state.count < state.may.length) dropFirst(state);
  }
  const rest = states
    .flatMap((state) => state.may.slice(state.count).map(({ modified }) => ({ state, modified })))
    .sort((a, b) => a.modified - b.modified || (a.state.run.key.run < b.state.run.key.run ? -1 : 1));
  for (const { state } of rest) if (over > 0) dropFirst(state);
  return dropsOf(states, live, false).filter((drop) => drop.segments.length > 0);
}

/** Of a run that is being written, all but the last file: its writer may still hold that one. */
const droppable = (run: RunFiles, live: (run: string) => boolean): readonly Segment[] =>
  live(run.key.run) ? run.segments.slice(0, -1) : run.segments;

const dropsOf = (
  gone: readonly { readonly run: RunFiles; readonly count: number }[],
  live: (run: string) => boolean,
  aged: boolean,
): Drop[] =>
  gone.map(({ run, count }) => ({
    run,
    segments: run.segments.slice(0, count),
    whole: count === run.segments.length && run.key.run !== wholeRuns && !live(run.key.run),
    aged,
  }));
