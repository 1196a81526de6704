import type { Clock } from '../domain/clock.ts';
import { limits } from '../domain/limits.ts';
import type { Run } from '../domain/run.ts';
import { ChunkStore, type PackedChunk } from './chunk-store.ts';
import type { Measurement } from './core/counting.ts';
import { coarsest, finest, planReading } from './core/levels.ts';
import type { Bucket } from './core/measures.ts';
import { peaksOf, sinceLimit } from './core/peaks.ts';
import { between, joined, type Points, rolledUp, sumOf } from './core/points.ts';
import { seriesOf } from './core/series.ts';
import {
  bucketsPerHour,
  HeldEnvironment,
  hourOf,
  type OpenHour,
  readRow,
  rowOf,
} from './held-environment.ts';
import type {
  LastHour,
  Metrics,
  MetricsAnswer,
  MetricsMark,
  MetricsQuery,
  Peaks,
  Seen,
  Totals,
} from './metrics.ts';
import { MetricsFile, type RecentRow } from './metrics-file.ts';

export interface MetricsOptions {
  /** Path of the file, or `:memory:`. */
  readonly path: string;
  readonly clock: Clock;
  readonly onTrouble: (sentence: string) => void;
}

const stepMs = finest.stepSeconds * 1_000;
/** Packing gives way to others after so long. */
const packingMs = 8;
/** An hour that could not be packed is tried again after so long. */
const packAgainMs = 60_000;
/** No question about peaks reaches further back. */
const peakHoursMost = 32 * 24;
/** While the file can't be written: looks of one daemon that wait, and hours of an environment. */
const rowsWaitingMost = 100_000;
const hoursWaitingMost = 24;
/** What was looked at longer ago is not what is used now. */
const freshMs = 30_000;

/** Opens the metrics of a data folder. Never fails for what is in the file. */
export const openMetrics = (options: MetricsOptions): Metrics => new FileMetrics(options);

class FileMetrics implements Metrics {
  readonly #clock: Clock;
  readonly #onTrouble: (sentence: string) => void;
  readonly #file: MetricsFile;
  readonly #chunks: ChunkStore;
  readonly #held = new Map<string, HeldEnvironment>();
  readonly #since: number;
  #rows: RecentRow[] = [];
  #flushing = false;
  #packing: Promise<void> | null = null;
  #cancelPause: () => void = () => undefined;
  #cancelPacking: () => void = () => undefined;
  #closed = false;
  /** Why the file could not be written last time. */
  #trouble: string | null = null;

  constructor({ path, clock, onTrouble }: MetricsOptions) {
    this.#clock = clock;
    this.#onTrouble = onTrouble;
    this.#since = clock.wall();
    this.#file = MetricsFile.open(path, onTrouble);
    this.#chunks = new ChunkStore(this.#file);
  }

  load(environments: readonly string[]): void {
    const known = new Set(environments);
    for (const name of this.#file.environments()) if (!known.has(name)) this.removeEnvironment(name);
    for (const row of this.#file.recent()) {
      const { bucket, buckets } = readRow(row);
      const held = this.#of(row.environment);
      held.take(bucket, buckets, (hour) => this.#chunks.hour(held.name, hour));
    }
    for (const name of environments) this.#recallMinutes(this.#of(name));
    this.#packLater(0);
  }

  began(run: Run): void {
    this.#of(run.environment).count.began(run);
  }

  started(run: Run): void {
    this.#of(run.environment).count.started(run);
    if (run.kind === 'worker' && run.trigger !== 'start')
      this.#mark(run, { kind: 'restart', at: run.startedAt ?? this.#clock.wall(), text: run.trigger });
  }

  ended(run: Run, cpuSeconds: number | null): void {
    this.#of(run.environment).count.ended(run, cpuSeconds);
    if (run.outcome === 'out-of-memory')
      this.#mark(run, {
        kind: 'out-of-memory',
        at: run.endedAt ?? this.#clock.wall(),
        text: run.reason ?? 'out of memory',
      });
  }

  measured(measurement: Measurement): void {
    if (this.#closed) return;
    const held = this.#of(measurement.environment);
    const buckets = held.count.measured(measurement, this.#clock.monotonic());
    const bucket = this.#bucketNow();
    held.last = { at: this.#clock.monotonic(), measurement };
    held.note(bucket, buckets);
    held.take(bucket, buckets, (hour) => this.#chunks.hour(held.name, hour));
    if (held.hours.size > 1) this.#packLater(0);
    this.#rows.push(rowOf(held.name, bucket, buckets));
    if (this.#flushing) return;
    // Environments that are looked at in one turn are written in one transaction.
    this.#flushing = true;
    queueMicrotask(() => this.#flush());
  }

  read({ environment, job = '', from, until, stepSeconds }: MetricsQuery): MetricsAnswer {
    const plan = planReading(from, until, this.#clock.wall(), stepSeconds);
    const perStep = plan.stepSeconds / plan.level.stepSeconds;
    const [first, end] = [plan.from * perStep, plan.until * perStep];
    let points = this.#chunks.read(environment, job, plan.level, first, end);
    for (const open of this.#openHours(environment, job)) {
      const own = rolledUp(open, plan.level.stepSeconds / finest.stepSeconds);
      points = joined(points, between(own, first, end));
    }
    const ms = plan.stepSeconds * 1_000;
    const range = { from: plan.from * ms, until: plan.until * ms };
    const marked = this.#file.marks(
      environment,
      range.from,
      range.until,
      job === '' ? null : job,
      limits.metricsMarksPerAnswer,
    );
    return {
      ...range,
      stepSeconds: plan.stepSeconds,
      series: seriesOf(rolledUp(points, perStep), plan.from, plan.until),
      marks: marked,
    };
  }

  lastHour(environment: string): LastHour | undefined {
    const held = this.#held.get(environment);
    if (held === undefined) return undefined;
    const minute = Math.floor(this.#clock.wall() / 60_000);
    const memoryBytes = held.minutesOf('').until(minute);
    if (memoryBytes.every((bytes) => bytes === null)) return undefined;
    const jobs = [...held.lastMinutes.keys()]
      .filter((job) => job !== '')
      .map((job) => ({ job, memoryBytes: held.minutesOf(job).until(minute) }))
      .filter((each) => each.memoryBytes.some((bytes) => bytes !== null))
      .sort((a, b) => (a.job < b.job ? -1 : 1));
    const now = this.#bucketNow();
    const last = this.#openHours(environment, '').map((points) => between(points, now - 2, now + 1));
    const bucket = last.map(sumOf).find((each) => (each.elapsedMs ?? 0) > 0);
    return { memoryBytes, cpu: bucket === undefined ? null : cpuOf(bucket), jobs };
  }

  peaks(environment: string, days: number, memoryLimitBytes: number | null): Peaks | undefined {
    const end = hourOf(this.#bucketNow()) + 1;
    const first = end - 1 - days * 24;
    let points = between(this.#packedHours(environment), first, end);
    for (const open of this.#openHours(environment, ''))
      points = joined(points, between(rolledUp(open, bucketsPerHour), first, end));
    return peaksOf(memoryLimitBytes === null ? points : sinceLimit(points, memoryLimitBytes));
  }

  seen(): Seen[] {
    const now = this.#clock.monotonic();
    return [...this.#held.values()]
      .flatMap((held) =>
        held.last === null || now - held.last.at > freshMs ? [] : [seenOf(held, held.last)],
      )
      .sort((a, b) => (a.environment < b.environment ? -1 : 1));
  }

  removeEnvironment(environment: string): void {
    this.#held.delete(environment);
    this.#rows = this.#rows.filter((row) => row.environment !== environment);
    this.#try(() => this.#file.removeEnvironment(environment));
    this.#chunks.forget(environment);
  }

  close(): void {
    this.#flush();
    this.#closed = true;
    this.#cancelPause();
    this.#cancelPacking();
    this.#file.close();
  }

  /** What is shown with a small line reaches back into the hour before, which is packed already as a rule. */
  #recallMinutes(held: HeldEnvironment): void {
    const hour = hourOf(this.#bucketNow());
    const packed = this.#chunks.hour(held.name, hour - 1);
    for (const subjects of [packed, held.hours.get(hour - 1)?.subjects, held.hours.get(hour)?.subjects])
      for (const [job, points] of subjects ?? []) held.minutesOf(job).add(points);
  }

  /** A look describes the ten seconds before it. */
  #bucketNow(): number {
    return Math.max(0, Math.round(this.#clock.wall() / stepMs) - 1);
  }

  #of(environment: string): HeldEnvironment {
    const known = this.#held.get(environment) ?? new HeldEnvironment(environment, this.#since);
    this.#held.set(environment, known);
    return known;
  }

  #openHours(environment: string, job: string): Points[] {
    const hours = [...(this.#held.get(environment)?.hours ?? [])].sort(([a], [b]) => a - b);
    return hours.flatMap(([, open]) => open.subjects.get(job) ?? []);
  }

  /** The hours in chunks, read once after each change: every list of environments asks for them. */
  #packedHours(environment: string): Points {
    const held = this.#of(environment);
    const end = hourOf(this.#bucketNow()) + 1;
    held.packedHours ??= this.#chunks.read(environment, '', coarsest, end - peakHoursMost, end);
    return held.packedHours;
  }

  #mark(run: Run, mark: Pick<MetricsMark, 'at' | 'kind' | 'text'>): void {
    if (this.#closed) return;
    this.#try(() =>
      this.#file.addMark(
        run.environment,
        { ...mark, job: run.job, run: run.id },
        limits.metricsMarksPerEnvironment,
      ),
    );
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#closed || this.#rows.length === 0) return;
    const rows = this.#rows;
    const written = this.#try(() =>
      this.#file.inOne(() => {
        for (const row of rows) this.#file.addRecent(row);
      }),
    );
    this.#rows = written ? [] : rows.slice(-rowsWaitingMost);
  }

  /** Says once that the file can't be written, and once that it can be again. */
  #try(act: () => void): boolean {
    try {
      act();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (this.#trouble === null)
        this.#onTrouble(`metrics can't be written (${why}): they are kept in memory and tried again`);
      this.#trouble = why;
      return false;
    }
    if (this.#trouble !== null) this.#onTrouble('metrics are written again');
    this.#trouble = null;
    return true;
  }

  #packLater(ms: number): void {
    if (this.#packing !== null || this.#closed) return;
    this.#packing = new Promise<void>((resolve) => {
      this.#cancelPacking = this.#clock.after(ms, resolve);
    })
      .then(() => this.#packAll())
      .then((done) => {
        this.#packing = null;
        if (!done) this.#packLater(packAgainMs);
      });
  }

  /** Moves all hours that are over into their chunks; false when one could not be written. */
  async #packAll(): Promise<boolean> {
    let done = true;
    for (const held of [...this.#held.values()]) {
      for (const [hour, open] of [...held.hours]) {
        if (this.#closed || hour === hourOf(this.#bucketNow())) continue;
        // Rows that wait belong to hours that are still to be packed: the file has to have them first, or they come after it.
        this.#flush();
        done = (await this.#packHour(held, hour, open)) && done;
      }
      if (held.hours.size > hoursWaitingMost) held.hours.delete(Math.min(...held.hours.keys()));
    }
    return done;
  }

  async #packHour(held: HeldEnvironment, hour: number, open: OpenHour): Promise<boolean> {
    const { changes } = open;
    const packed: PackedChunk[] = [];
    let began = this.#clock.monotonic();
    for (const [job, points] of open.subjects) {
      packed.push(...this.#chunks.packHour(held.name, job, points));
      if (this.#clock.monotonic() - began < packingMs) continue;
      await this.#pause();
      began = this.#clock.monotonic();
    }
    // Meanwhile the daemon was asked to end, the environment was removed, or the clock was set back into this hour.
    if (this.#closed || this.#held.get(held.name) !== held || open.changes !== changes) return true;
    if (this.#rows.some((row) => row.environment === held.name && row.hour === hour)) return false;
    if (!this.#try(() => this.#chunks.keepHour(held.name, hour, packed, open))) return false;
    held.hours.delete(hour);
    held.tidy(Math.floor(this.#clock.wall() / 60_000));
    held.packedHours = null;
    return true;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#cancelPause = this.#clock.after(0, resolve);
    });
  }
}

const cpuOf = (bucket: Bucket): number =>
  Math.round(((bucket.cpuMs ?? 0) / (bucket.elapsedMs ?? 1)) * 10_000) / 10_000;

function totalsOf(bucket: Bucket): Totals {
  return {
    cronRuns: bucket.cronRuns ?? 0,
    cronFails: bucket.cronFails ?? 0,
    workerStarts: bucket.workerStarts ?? 0,
    outOfMemoryKills: bucket.outOfMemoryKills ?? 0,
    cpuSeconds: (bucket.cpuMs ?? 0) / 1_000,
    throttledSeconds: (bucket.throttledMs ?? 0) / 1_000,
    ends: bucket.ends ?? 0,
    durationSeconds: (bucket.durationMs ?? 0) / 1_000,
  };
}

function seenOf(held: HeldEnvironment, { measurement }: { readonly measurement: Measurement }): Seen {
  const jobs = [...held.totals.keys()].filter((job) => job !== '').sort();
  return {
    environment: held.name,
    usage: measurement.usage,
    totals: totalsOf(held.totals.get('') ?? {}),
    jobs: jobs.map((job) => {
      const runs = measurement.runs.filter((run) => run.job === job);
      return {
        job,
        memoryBytes: runs.reduce((sum, run) => sum + run.memoryBytes, 0),
        runs: runs.length,
        totals: totalsOf(held.totals.get(job) ?? {}),
      };
    }),
  };
}
