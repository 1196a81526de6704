/** How long which resolution is kept, and which of them answers a question. */
import { limits } from '../../domain/limits.ts';

export interface Level {
  readonly stepSeconds: number;
  readonly keptSeconds: number;
  /** Buckets are kept in chunks of so many. */
  readonly chunkBuckets: number;
}

const day = 86_400;

/** Finest first; each step divides the next. */
export const levels: readonly Level[] = [
  { stepSeconds: 10, keptSeconds: day, chunkBuckets: 360 },
  { stepSeconds: 60, keptSeconds: 7 * day, chunkBuckets: 720 },
  { stepSeconds: 600, keptSeconds: 92 * day, chunkBuckets: 576 },
  { stepSeconds: 3_600, keptSeconds: 396 * day, chunkBuckets: 576 },
];

export const finest = levels[0] as Level;
export const coarsest = levels[levels.length - 1] as Level;

export const chunkSecondsOf = (level: Level): number => level.stepSeconds * level.chunkBuckets;

/**
 * Chunks kept of one subject and level: what holds `keptSeconds`, and the one that is being filled. Counted, not dated: a clock
 * that is wrong for an hour takes the place of one chunk and no more.
 */
export const chunksKept = (level: Level): number => Math.ceil(level.keptSeconds / chunkSecondsOf(level)) + 1;

/** Steps that divide hours and days, so that neighbouring answers have the same buckets. */
const steps = [10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];

export interface Reading {
  readonly level: Level;
  readonly stepSeconds: number;
  /** Numbers of buckets of `stepSeconds`: from this one up to, not with, that one. */
  readonly from: number;
  readonly until: number;
}

/**
 * How a question is answered: the finest step that is not finer than asked, gives no more than the bound of points, and is
 * still kept for the beginning of the range.
 * @param from wall time, ms; so are the others
 * @param askedSeconds null: as fine as can be
 */
export function planReading(from: number, until: number, now: number, askedSeconds: number | null): Reading {
  const span = Math.max(1, (until - from) / 1_000);
  const wanted = Math.max(askedSeconds ?? 0, span / (limits.metricsPointsMax - 1));
  const kept = levels.find((level) => from >= now - level.keptSeconds * 1_000) ?? coarsest;
  const least = Math.max(wanted, kept.stepSeconds);
  const stepSeconds = steps.find((step) => step >= least) ?? Math.ceil(least / day) * day;
  const level = levels.findLast((each) => stepSeconds % each.stepSeconds === 0) ?? finest;
  const ms = stepSeconds * 1_000;
  const first = Math.floor(from / ms);
  return { level, stepSeconds, from: first, until: Math.max(first + 1, Math.ceil(until / ms)) };
}
