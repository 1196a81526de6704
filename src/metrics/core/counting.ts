/**
 * From what the kernel says and what runs do to buckets: differences of counters, also where one begins anew, and nothing at all for
 * a time that nobody watched. Knows no clock: moments are handed in.
 */
import type { Run } from '../../domain/run.ts';
import { hasFailed } from '../../domain/statistics.ts';
import { type Bucket, together } from './measures.ts';

export interface RunUse {
  readonly runId: string;
  /** Null for a remote command: it counts for the environment alone. */
  readonly job: string | null;
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
}

/** One look at an environment and its open runs. */
export interface Measurement {
  readonly environment: string;
  /** All its runs together. */
  readonly usage: {
    readonly memoryBytes: number;
    readonly cacheBytes: number;
    readonly swapBytes: number;
    readonly cpuSeconds: number;
    readonly throttledSeconds: number | null;
    readonly outOfMemoryKills: number | null;
  };
  readonly runs: readonly RunUse[];
  /** What the plan allows all of them together; null without one. */
  readonly limits: { readonly memoryBytes: number; readonly cpu: number } | null;
}

/** Counters are compared over so long at most: what was used in a longer time nobody can say when. */
const comparableMs = 25_000;

const kb = (bytes: number): number => Math.max(0, Math.round(bytes / 1_024));

/** A counter that is lower than before has begun anew. */
const grownBy = (now: number, before: number): number => (now >= before ? now - before : now);

interface Ended {
  /** Peaks of runs that ended before anybody looked at them. */
  readonly memoryBytes: number;
}

/** What is counted of one environment. */
export class EnvironmentCount {
  /** Wall time, ms: runs that ended before it did so while nobody counted. */
  readonly #since: number;
  #before: { readonly monotonic: number; readonly usage: Measurement['usage'] } | null = null;
  /** CPU seconds of the open runs at the last look; 0 for those that began since. */
  #runs = new Map<string, number>();
  readonly #seen = new Set<string>();
  /** What happened since the last look, of the environment (``) and of jobs. */
  #pending = new Map<string, Bucket>();
  #ended = new Map<string, Ended>();

  constructor(since: number) {
    this.#since = since;
  }

  /** A run is about to start. */
  began(run: Run): void {
    this.#runs.set(run.id, 0);
    if (run.kind === 'cron') this.#happened(run.job, { cronRuns: 1 });
  }

  started(run: Run): void {
    if (run.kind === 'worker') this.#happened(run.job, { workerStarts: 1 });
  }

  /** @param cpuSeconds what it used in all; null where nobody knows */
  ended(run: Run, cpuSeconds: number | null): void {
    const before = this.#runs.get(run.id);
    const seen = this.#seen.delete(run.id);
    this.#runs.delete(run.id);
    if (run.outcome === 'out-of-memory') this.#killed(run);
    if (run.job === null) return;
    if (before !== undefined && cpuSeconds !== null)
      this.#add(run.job, { cpuMs: Math.round(grownBy(cpuSeconds, before) * 1_000) });
    if (!seen && run.memoryMaxBytes !== null) {
      const memoryBytes = Math.max(this.#ended.get(run.job)?.memoryBytes ?? 0, run.memoryMaxBytes);
      this.#ended.set(run.job, { memoryBytes });
    }
    if (run.kind !== 'cron') return;
    if (run.outcome !== null && hasFailed(run.outcome)) this.#happened(run.job, { cronFails: 1 });
    if (run.startedAt !== null && run.endedAt !== null) {
      const durationMs = Math.max(0, Math.round(run.endedAt - run.startedAt));
      this.#add(run.job, { ends: 1, durationMs, durationMsMax: durationMs });
    }
  }

  /**
   * What has become known with this look: a bucket for the environment under ``, and one for each job of which something ran
   * or ended.
   */
  measured({ usage, runs, limits }: Measurement, monotonic: number): ReadonlyMap<string, Bucket> {
    const before = this.#before;
    const since = before === null ? 0 : Math.round(monotonic - before.monotonic);
    const elapsedMs = since > comparableMs ? 0 : since;
    const buckets = new Map<string, Bucket>();
    const allowed =
      limits === null
        ? {}
        : { memoryLimitKb: kb(limits.memoryBytes), cpuLimitMilli: Math.round(limits.cpu * 1_000) };
    const whole = { ...this.#environment(usage, elapsedMs), ...allowed };
    buckets.set('', together(whole, this.#pending.get('') ?? {}));
    for (const [job, bucket] of this.#jobs(runs, elapsedMs)) buckets.set(job, bucket);
    this.#before = { monotonic, usage };
    this.#runs = new Map(runs.map((run) => [run.runId, run.cpuSeconds]));
    this.#pending = new Map();
    this.#ended = new Map();
    return buckets;
  }

  #environment(usage: Measurement['usage'], elapsedMs: number): Bucket {
    const before = this.#before?.usage;
    const memoryKb = kb(usage.memoryBytes);
    const swapKb = kb(usage.swapBytes);
    const held = { samples: 1, memoryKb, memoryKbMax: memoryKb, cacheKb: kb(usage.cacheBytes) };
    // Kills are counted over any time: they are told with the next look.
    const kills =
      before === undefined ? 0 : grownBy(usage.outOfMemoryKills ?? 0, before.outOfMemoryKills ?? 0);
    const all = { ...held, swapKb, swapKbMax: swapKb, outOfMemoryKills: kills };
    if (before === undefined || elapsedMs === 0) return all;
    const throttled = grownBy(usage.throttledSeconds ?? 0, before.throttledSeconds ?? 0);
    return {
      ...all,
      ...cpuUsed(grownBy(usage.cpuSeconds, before.cpuSeconds) * 1_000, elapsedMs),
      throttledMs: Math.round(throttled * 1_000),
    };
  }

  #jobs(runs: readonly RunUse[], elapsedMs: number): Map<string, Bucket> {
    const held = new Map<string, { memoryBytes: number; cpuMs: number }>();
    for (const { runId, job, memoryBytes, cpuSeconds } of runs) {
      this.#seen.add(runId);
      if (job === null) continue;
      const sum = held.get(job) ?? { memoryBytes: 0, cpuMs: 0 };
      const before = this.#runs.get(runId);
      const cpuMs = before === undefined ? 0 : grownBy(cpuSeconds, before) * 1_000;
      held.set(job, { memoryBytes: sum.memoryBytes + memoryBytes, cpuMs: sum.cpuMs + cpuMs });
    }
    const buckets = new Map<string, Bucket>();
    for (const job of new Set([...held.keys(), ...this.#pending.keys(), ...this.#ended.keys()])) {
      if (job === '') continue;
      const pending = this.#pending.get(job) ?? {};
      const { memoryBytes, cpuMs } = held.get(job) ?? { memoryBytes: 0, cpuMs: 0 };
      const peak = this.#ended.get(job)?.memoryBytes ?? 0;
      // What was too short to be looked at held its peak, as far as anybody knows.
      const memoryKb = kb(held.has(job) ? memoryBytes : peak);
      const cpu = cpuUsed(cpuMs + (pending.cpuMs ?? 0), elapsedMs);
      const memory = { samples: 1, memoryKb, memoryKbMax: Math.max(memoryKb, kb(peak)) };
      buckets.set(job, { ...pending, ...memory, ...cpu });
    }
    return buckets;
  }

  /** While its environment is looked at, the kernel counts kills; here is only what happened before, or where it does not count. */
  #killed(run: Run): void {
    const counted =
      this.#before === null ? null : (this.#before.usage.outOfMemoryKills satisfies number | null);
    const kill = { outOfMemoryKills: 1 };
    if (run.job !== null) this.#add(run.job, kill);
    if ((run.endedAt ?? 0) < this.#since || (this.#before !== null && counted === null)) this.#add('', kill);
  }

  #happened(job: string | null, bucket: Bucket): void {
    this.#add('', bucket);
    if (job !== null) this.#add(job, bucket);
  }

  #add(subject: string, bucket: Bucket): void {
    this.#pending.set(subject, together(this.#pending.get(subject) ?? {}, bucket));
  }
}

function cpuUsed(cpuMs: number, elapsedMs: number): Bucket {
  if (elapsedMs === 0) return {};
  return {
    elapsedMs,
    cpuMs: Math.round(cpuMs),
    cpuMilliMax: Math.round((cpuMs / elapsedMs) * 1_000),
  };
}
