/** What is held in memory of one environment: its counters, the hours that are in no chunk yet, and its last minutes. */
import { limits } from '../domain/limits.ts';
import { EnvironmentCount, type Measurement } from './core/counting.ts';
import { LastMinutes } from './core/last-minutes.ts';
import { type Bucket, measureNames, together } from './core/measures.ts';
import { foldIn, noPoints, type Points } from './core/points.ts';
import type { RecentRow } from './metrics-file.ts';

/** Buckets of the finest level in an hour: what is open is kept and closed by the hour. */
export const bucketsPerHour = 360;

/** Totals that are kept of an environment's jobs, also of those that are silent or gone. */
const totalsMost = limits.metricsJobsPerEnvironment * 2;

export const hourOf = (bucket: number): number => Math.floor(bucket / bucketsPerHour);

/** The subjects of one hour: the environment itself under ``, and its jobs. */
export interface OpenHour {
  readonly subjects: Map<string, Points>;
  /** Grows with each bucket: what was packed of it meanwhile is old then. */
  changes: number;
}

export class HeldEnvironment {
  readonly name: string;
  readonly count: EnvironmentCount;
  readonly hours = new Map<number, OpenHour>();
  readonly lastMinutes = new Map<string, LastMinutes>();
  readonly totals = new Map<string, Bucket>();
  /** The packed hours as they were last read; null when they are to be read anew. */
  packedHours: Points | null = null;
  /** The last look, and when it was (monotonic, ms). */
  last: { readonly at: number; readonly measurement: Measurement } | null = null;

  constructor(name: string, since: number) {
    this.name = name;
    this.count = new EnvironmentCount(since);
  }

  /** Takes buckets in. `open` brings what is known of an hour that begins, or that a clock set back has come to again. */
  take(
    bucket: number,
    buckets: ReadonlyMap<string, Bucket>,
    open: (hour: number) => Map<string, Points>,
  ): void {
    const hour = hourOf(bucket);
    let held = this.hours.get(hour);
    if (held === undefined) {
      held = { subjects: open(hour), changes: 0 };
      this.hours.set(hour, held);
    }
    held.changes++;
    for (const [subject, each] of buckets) {
      const points = held.subjects.get(subject) ?? noPoints();
      held.subjects.set(subject, points);
      foldIn(points, bucket, each);
    }
  }

  /** What is measured now: for the small lines, and for what is counted since the daemon began. */
  note(bucket: number, buckets: ReadonlyMap<string, Bucket>): void {
    for (const [subject, each] of buckets) {
      this.minutesOf(subject).note(bucket, each.memoryKbMax ?? 0);
      this.totals.set(subject, together(this.totals.get(subject) ?? {}, each));
    }
  }

  /** Forgets what is not shown any more: jobs come and go, and so do their names. */
  tidy(minute: number): void {
    for (const [subject, minutes] of this.lastMinutes)
      if (minutes.silentAt(minute)) this.lastMinutes.delete(subject);
    for (const subject of this.totals.keys()) {
      if (this.totals.size <= totalsMost) return;
      if (subject !== '' && !this.lastMinutes.has(subject)) this.totals.delete(subject);
    }
  }

  minutesOf(subject: string): LastMinutes {
    const known = this.lastMinutes.get(subject) ?? new LastMinutes();
    this.lastMinutes.set(subject, known);
    return known;
  }
}

/** One look as a row: `[bucket, [[job, [figures in the order of the measures]], …]]`. */
export function rowOf(environment: string, bucket: number, buckets: ReadonlyMap<string, Bucket>): RecentRow {
  const all = [...buckets].map(([subject, each]) => {
    const figures = measureNames.map((name) => each[name] ?? 0);
    return [subject, figures.slice(0, figures.findLastIndex((figure) => figure !== 0) + 1)];
  });
  return { environment, hour: hourOf(bucket), data: JSON.stringify([bucket, all]) };
}

export function readRow({ data }: RecentRow): { bucket: number; buckets: Map<string, Bucket> } {
  const [bucket, all] = JSON.parse(data) as [number, [string, number[]][]];
  const buckets = all.map(([subject, figures]): [string, Bucket] => [
    subject,
    Object.fromEntries(figures.map((figure, place) => [measureNames[place], figure])),
  ]);
  return { bucket, buckets: new Map(buckets) };
}
