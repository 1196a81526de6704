/** Buckets of one subject in the order of time, by columns. A bucket's number is its begin divided by the step: gaps are numbers that are not there. */
import { assert } from '../../std/assert.ts';
import { type Bucket, grown, type Measure, measureNames } from './measures.ts';

export interface Points {
  /** Numbers of the buckets that are there, ascending. */
  readonly at: number[];
  /** As long as `at`; a measure that is zero everywhere has none. */
  readonly columns: Partial<Record<Measure, number[]>>;
}

export const noPoints = (): Points => ({ at: [], columns: {} });

/** Adds to a bucket, which is made where it is not there yet. */
export function foldIn(points: Points, at: number, bucket: Bucket): void {
  assert(Number.isSafeInteger(at) && at >= 0, `${at} is no number of a bucket`);
  const place = placeOf(points, at);
  for (const name of measureNames) {
    const more = bucket[name] ?? 0;
    if (more === 0) continue;
    points.columns[name] ??= new Array<number>(points.at.length).fill(0);
    const column = points.columns[name];
    column[place] = grown(name, column[place] ?? 0, more);
  }
}

export function bucketAt(points: Points, index: number): Bucket {
  const bucket: Partial<Record<Measure, number>> = {};
  for (const name of measureNames) {
    const value = points.columns[name]?.[index] ?? 0;
    if (value !== 0) bucket[name] = value;
  }
  return bucket;
}

/** All buckets as one. */
export function sumOf(points: Points): Bucket {
  const whole: Points = { at: points.at.map(() => 0), columns: points.columns };
  return bucketAt(squeezed(whole), 0);
}

/** In a step `factor` times as long. */
export const rolledUp = (points: Points, factor: number): Points =>
  factor === 1
    ? points
    : squeezed({ at: points.at.map((at) => Math.floor(at / factor)), columns: points.columns });

/** Makes one bucket of neighbours that have the same number. */
function squeezed(points: Points): Points {
  const numbers = points.at;
  const at: number[] = [];
  const places = numbers.map((number) => {
    if (at.length === 0 || at[at.length - 1] !== number) at.push(number);
    return at.length - 1;
  });
  const columns: Points['columns'] = {};
  for (const name of measureNames) {
    const column = points.columns[name];
    if (column === undefined) continue;
    const coarse = new Array<number>(at.length).fill(0);
    column.forEach((value, index) => {
      const place = places[index] as number;
      coarse[place] = grown(name, coarse[place] as number, value);
    });
    columns[name] = coarse;
  }
  return { at, columns };
}

/** Those from one bucket up to, not with, another. */
export function between(points: Points, from: number, until: number): Points {
  const first = placeBefore(points.at, from);
  const end = placeBefore(points.at, until);
  return {
    at: points.at.slice(first, end),
    columns: mapColumns(points, (column) => column.slice(first, end)),
  };
}

/** One after the other, where they follow each other; of buckets that both have, `later`'s are taken. */
export function joined(earlier: Points, later: Points): Points {
  if (later.at.length === 0) return earlier;
  const first = later.at[0] as number;
  const end = (later.at[later.at.length - 1] as number) + 1;
  const before = between(earlier, 0, first);
  const after = between(earlier, end, Number.POSITIVE_INFINITY);
  const inside = between(earlier, first, end);
  const theirs = new Set(later.at);
  const middle = inside.at.every((at) => theirs.has(at)) ? later : merged(inside, later);
  return appended(appended(before, middle), after);
}

function merged(earlier: Points, later: Points): Points {
  const theirs = new Set(later.at);
  const all = noPoints();
  later.at.forEach((at, index) => {
    foldIn(all, at, bucketAt(later, index));
  });
  earlier.at.forEach((at, index) => {
    if (!theirs.has(at)) foldIn(all, at, bucketAt(earlier, index));
  });
  return all;
}

function appended(points: Points, more: Points): Points {
  if (points.at.length === 0) return more;
  if (more.at.length === 0) return points;
  const columns: Points['columns'] = {};
  for (const name of measureNames) {
    const [own, theirs] = [points.columns[name], more.columns[name]];
    if (own === undefined && theirs === undefined) continue;
    columns[name] = [
      ...(own ?? new Array<number>(points.at.length).fill(0)),
      ...(theirs ?? new Array<number>(more.at.length).fill(0)),
    ];
  }
  return { at: [...points.at, ...more.at], columns };
}

function mapColumns(points: Points, act: (column: number[]) => number[]): Points['columns'] {
  const columns: Points['columns'] = {};
  for (const name of measureNames) {
    const column = points.columns[name];
    if (column !== undefined) columns[name] = act(column);
  }
  return columns;
}

/** How many numbers are lower. */
function placeBefore(numbers: readonly number[], at: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the bucket; it and its zeros are put in where it is missing. Nearly always it is the last, or comes after it. */
function placeOf({ at: numbers, columns }: Points, at: number): number {
  const place = placeBefore(numbers, at);
  if (numbers[place] === at) return place;
  // In the middle only where the clock was set back.
  numbers.splice(place, 0, at);
  for (const column of Object.values(columns)) column.splice(place, 0, 0);
  return place;
}
