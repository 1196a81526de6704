/**
 * Which segments of a job are packed next, and together with what, decided from what is there. Packs hold one day (UTC)
 * each, so that age can drop them whole, and are joined until they are large: a day of a cron that runs every minute ends
 * up in one file.
 */
import type { JobFiles, RunFiles, Segment } from './layout.ts';
import { wholeRuns } from './layout.ts';
import type { Pack } from './pack-shelf.ts';

export interface PackingBounds {
  /** So much content is taken in one go, so that nobody waits long. */
  readonly bytesPerStep: number;
  /** A pack with more content, or more entries, gets no more. */
  readonly packBytes: number;
  readonly packEntries: number;
}

const packingBounds: PackingBounds = {
  bytesPerStep: 24 * 1024 * 1024,
  packBytes: 8 * 1024 * 1024,
  packEntries: 2_048,
};

export interface Chosen {
  readonly run: RunFiles;
  readonly segment: Segment;
  /** Its run has ended, and has no later one. */
  readonly final: boolean;
}

export interface PackingStep {
  readonly chosen: readonly Chosen[];
  /** Files without a byte: they only go. */
  readonly empty: readonly Chosen[];
  /** A pack of the same day that they are joined with. */
  readonly joined: Pack | null;
  /** There is more to be done. */
  readonly more: boolean;
}

const dayMs = 86_400_000;
const dayOf = (wall: number): number => Math.floor(wall / dayMs);

/** Undefined when nothing is to be packed: what was written at `before` (wall, ms) or later stays as it is. */
export function planPacking(
  { runs, packs }: JobFiles,
  live: (run: string) => boolean,
  before: number,
  bounds: PackingBounds = packingBounds,
): PackingStep | undefined {
  const may = runs.flatMap((run) => packable(run, live, before));
  const empty = may.filter(({ segment, final }) => segment.bytes === 0 && final);
  const full = may
    .filter((each) => !empty.includes(each))
    .sort((a, b) => a.segment.modified - b.segment.modified || compareText(a, b));
  const day = full[0] === undefined ? null : dayOf(full[0].segment.modified);
  const chosen: Chosen[] = [];
  let bytes = 0;
  for (const each of full) {
    if (dayOf(each.segment.modified) !== day || chosen.length >= bounds.packEntries) break;
    if (chosen.length > 0 && bytes + each.segment.bytes > bounds.bytesPerStep) break;
    chosen.push(each);
    bytes += each.segment.bytes;
  }
  if (chosen.length === 0 && empty.length === 0) return undefined;
  const joined = packs.findLast(
    ({ head, broken, settled }) =>
      broken === null &&
      settled &&
      dayOf(head.until) === day &&
      head.contentBytes < bounds.packBytes &&
      head.entries + chosen.length <= bounds.packEntries,
  );
  return { chosen, empty, joined: joined ?? null, more: chosen.length < full.length };
}

/** The first segments of a run that can go: never past one that stays, and never what its writer may hold. */
function packable(run: RunFiles, live: (run: string) => boolean, before: number): Chosen[] {
  const { key, segments } = run;
  if (key.run === wholeRuns) return [];
  const isLive = live(key.run);
  const chosen: Chosen[] = [];
  for (const segment of segments) {
    if (segment.packed !== undefined) continue;
    const isLast = segment === segments.at(-1);
    if (segment.modified >= before || (isLast && isLive)) break;
    chosen.push({ run, segment, final: isLast && !isLive });
  }
  return chosen;
}

const compareText = (a: Chosen, b: Chosen): number =>
  a.run.key.run === b.run.key.run
    ? a.segment.number - b.segment.number
    : a.run.key.run < b.run.key.run
      ? -1
      : 1;
