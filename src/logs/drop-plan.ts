/**
 * What has to go when there is too much, decided from sizes and times alone. Who floods loses first: an environment's
 * bytes are shared out so that a job which takes less than its share loses nothing, and within a job a run that takes
 * more than half of it loses before the others do.
 */
import { bytesOf, fileBytesOf, type RunFiles, type Segment, wholeRuns } from './layout.ts';
import type { Pack } from './pack-shelf.ts';

/** Segments of one run that go, the oldest first: they are always its first ones. */
export interface Drop {
  readonly run: RunFiles;
  readonly segments: readonly Segment[];
  /** Nothing of the run is left. */
  readonly whole: boolean;
  readonly aged: boolean;
}

export interface Plan {
  readonly runs: readonly Drop[];
  readonly packs: readonly Pack[];
  readonly aged: boolean;
}

/** What there is of a job: runs with files of their own, and packs. */
export interface Droppable {
  readonly runs: readonly RunFiles[];
  readonly packs: readonly Pack[];
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
export function planAged({ runs, packs }: Droppable, live: (run: string) => boolean, before: number): Plan {
  const gone = runs.map((run) => {
    const may = droppable(run, live);
    const kept = may.findIndex((segment) => segment.modified >= before);
    const count = kept < 0 ? may.length : kept;
    // What is packed goes with its pack.
    return { run, count: count > packedOf(may) ? count : 0 };
  });
  const dropped = dropsOf(gone, live, true).filter((drop) => drop.whole || drop.segments.length > 0);
  return {
    // Nothing but a marker is left, and that is needed as long as packs hold what it says.
    runs: dropped.filter(({ run }) => run.segments.length > 0 || run.packedGone !== true),
    packs: packs.filter(({ head }) => head.until < before),
    aged: true,
  };
}

/** What one job loses so that it keeps `budget` bytes, as far as that is possible: what is being written stays. */
export function planExcess({ runs, packs }: Droppable, live: (run: string) => boolean, budget: number): Plan {
  const states = runs.map((run) => {
    const may = droppable(run, live);
    // What is packed goes with its pack, or counts as gone when something after it goes.
    return { run, may, next: packedOf(may), count: 0, bytes: bytesOf(run) };
  });
  let over =
    states.reduce((sum, { bytes }) => sum + bytes, 0) +
    packs.reduce((sum, { fileBytes }) => sum + fileBytes, 0) -
    budget;
  const dropFirst = (state: (typeof states)[number]): void => {
    const segment = state.may[state.next++];
    const bytes = segment === undefined ? 0 : fileBytesOf(segment);
    state.count = state.next;
    state.bytes -= bytes;
    over -= bytes;
  };
  for (const state of [...states].sort((a, b) => b.bytes - a.bytes)) {
    while (over > 0 && state.bytes > budget / 2 && state.next < state.may.length) dropFirst(state);
  }
  const droppedPacks: Pack[] = [];
  const dropPack = (pack: Pack): void => {
    droppedPacks.push(pack);
    over -= pack.fileBytes;
  };
  const rest = [
    ...states.flatMap((state) =>
      state.may.slice(state.next).map(({ modified }) => {
        return { modified, name: state.run.key.run, drop: () => dropFirst(state) };
      }),
    ),
    ...packs.map((pack) => ({ modified: pack.head.until, name: '', drop: () => dropPack(pack) })),
  ].sort((a, b) => a.modified - b.modified || (a.name < b.name ? -1 : 1));
  for (const { drop } of rest) if (over > 0) drop();
  return {
    runs: dropsOf(states, live, false).filter((drop) => drop.segments.length > 0),
    packs: droppedPacks,
    aged: false,
  };
}

/** They stand before those that have files. */
const packedOf = (segments: readonly Segment[]): number =>
  segments.reduce((count, { packed }) => (packed === undefined ? count : count + 1), 0);

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
