/**
 * The port of metrics: what environments and their jobs used over time, at falling resolution. It hears what the platform tells,
 * and answers with series; a gap in what was measured is a gap in what is answered.
 *
 * Nothing here decides about jobs, and nothing is lost with it but charts: a file that can't be read is set aside, and one that
 * can't be written is told of and tried again.
 */
import type { Run } from '../domain/run.ts';
import type { Measurement } from './core/counting.ts';
import type { Peaks } from './core/peaks.ts';
import type { MetricsSeries } from './core/series.ts';

export type { Measurement, RunUse } from './core/counting.ts';
export type { Peaks } from './core/peaks.ts';
export type { MetricsSeries } from './core/series.ts';

/** A moment worth a line across the charts. */
export interface MetricsMark {
  /** Wall time, ms. */
  readonly at: number;
  readonly kind: 'restart' | 'out-of-memory';
  readonly job: string | null;
  readonly run: string;
  /** Why, in a few words. */
  readonly text: string;
}

export interface MetricsQuery {
  readonly environment: string;
  /** Absent: all jobs together. */
  readonly job?: string;
  /** Wall times, ms: from this one, before that one. */
  readonly from: number;
  readonly until: number;
  /** Null: as fine as the range and its age allow. */
  readonly stepSeconds: number | null;
}

export interface MetricsAnswer {
  /** The begin of the first step and the end of the last, wall time, ms: multiples of the step. */
  readonly from: number;
  readonly until: number;
  readonly stepSeconds: number;
  readonly series: MetricsSeries;
  /** Of the range, oldest first; the newest ones where there are too many. */
  readonly marks: readonly MetricsMark[];
}

/** The last hour in one-minute steps, and the last look. */
export interface LastHour {
  /** Peaks of memory, bytes; the last is that of the minute that `until` ends in. */
  readonly memoryBytes: readonly (number | null)[];
  readonly cpu: number | null;
  readonly jobs: readonly { readonly job: string; readonly memoryBytes: readonly (number | null)[] }[];
}

/** Totals since the daemon began, for what Prometheus calls a counter. */
export interface Totals {
  readonly cronRuns: number;
  readonly cronFails: number;
  readonly workerStarts: number;
  readonly outOfMemoryKills: number;
  readonly cpuSeconds: number;
  readonly throttledSeconds: number;
  /** Ends of crons' runs, and how long those took. */
  readonly ends: number;
  readonly durationSeconds: number;
}

/** What was last seen of an environment, for a scrape. */
export interface Seen {
  readonly environment: string;
  readonly usage: Measurement['usage'];
  readonly totals: Totals;
  readonly jobs: readonly {
    readonly job: string;
    /** What its open runs hold. */
    readonly memoryBytes: number;
    readonly runs: number;
    readonly totals: Totals;
  }[];
}

export interface Metrics {
  /** Reads what an earlier daemon left, and forgets environments that are not among these. Called once, before anything is heard. */
  load(environments: readonly string[]): void;
  /** A run is recorded and about to be started. */
  began(run: Run): void;
  started(run: Run): void;
  /** @param cpuSeconds what it used from start to end; null where nobody knows */
  ended(run: Run, cpuSeconds: number | null): void;
  /** The platform looked, just now. */
  measured(measurement: Measurement): void;

  read(query: MetricsQuery): MetricsAnswer;
  /** Undefined where nothing was measured in the last hour. */
  lastHour(environment: string): LastHour | undefined;
  /**
   * Of the last `days`; undefined where nothing was measured.
   * @param memoryLimitBytes only since the environment has had a plan with so much memory, from the hour after its booking on; null: all
   */
  peaks(environment: string, days: number, memoryLimitBytes: number | null): Peaks | undefined;
  /** In order of the names; only what was looked at a moment ago. */
  seen(): readonly Seen[];

  removeEnvironment(environment: string): void;
  close(): void;
}
