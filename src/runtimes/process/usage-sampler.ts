/** What runs use, from one look at all processes, shared by everybody who asks within a second. */
import type { Clock } from '../../domain/clock.ts';
import type { EnvironmentUsage, Usage } from '../runtime.ts';
import type { LiveRun } from './live-run.ts';
import type { ProcessTable } from './process-table.ts';

const freshForMs = 1_000;

interface RunUsage extends Usage {
  readonly swapBytes: number;
}

const nothing: RunUsage = { memoryBytes: 0, swapBytes: 0, cpuSeconds: 0, processes: 0 };

export class UsageSampler {
  readonly #table: ProcessTable;
  readonly #clock: Clock;
  readonly #runs: ReadonlyMap<string, LiveRun>;
  #sampledAt = Number.NEGATIVE_INFINITY;
  #byRun = new Map<string, RunUsage>();
  /** Of environments that were limited, also without runs. */
  readonly #environments = new Map<string, { memoryMaxBytes: number | null; endedCpuSeconds: number }>();

  constructor(table: ProcessTable, clock: Clock, runs: ReadonlyMap<string, LiveRun>) {
    this.#table = table;
    this.#clock = clock;
    this.#runs = runs;
  }

  knowEnvironment(environment: string): void {
    if (!this.#environments.has(environment))
      this.#environments.set(environment, { memoryMaxBytes: null, endedCpuSeconds: 0 });
  }

  forgetEnvironment(environment: string): void {
    this.#environments.delete(environment);
  }

  ended(run: LiveRun): void {
    const environment = this.#environments.get(run.environment);
    if (environment !== undefined) environment.endedCpuSeconds += run.cpuSeconds ?? 0;
  }

  of(run: LiveRun): Usage {
    this.#freshen(run.runId);
    const { memoryBytes, cpuSeconds, processes } = this.#byRun.get(run.runId) ?? nothing;
    return { memoryBytes, cpuSeconds, processes };
  }

  ofEnvironment(name: string): EnvironmentUsage | undefined {
    const environment = this.#environments.get(name);
    if (environment === undefined) return undefined;
    this.#freshen();
    const sum = this.#sum(name);
    return {
      ...sum,
      cacheBytes: 0,
      cpuSeconds: sum.cpuSeconds + environment.endedCpuSeconds,
      memoryMaxBytes: environment.memoryMaxBytes,
      throttledSeconds: null,
      outOfMemoryKills: null,
    };
  }

  #freshen(runId?: string): void {
    const isFresh = this.#clock.monotonic() - this.#sampledAt < freshForMs;
    if (isFresh && (runId === undefined || this.#byRun.has(runId))) return;
    this.#sample();
  }

  #sample(): void {
    this.#sampledAt = this.#clock.monotonic();
    this.#byRun = new Map();
    for (const member of this.#table.scan()) {
      if (!this.#runs.has(member.runId)) continue;
      const usage = this.#table.usage(member);
      if (usage === undefined) continue;
      const sum = this.#byRun.get(member.runId) ?? nothing;
      this.#byRun.set(member.runId, {
        memoryBytes: sum.memoryBytes + usage.memoryBytes,
        swapBytes: sum.swapBytes + usage.swapBytes,
        cpuSeconds: sum.cpuSeconds + usage.cpuSeconds,
        processes: sum.processes + 1,
      });
    }
    for (const [runId, run] of this.#runs) this.#record(run, this.#byRun.get(runId));
    for (const [name, environment] of this.#environments) {
      const { memoryBytes, processes } = this.#sum(name);
      if (processes > 0) environment.memoryMaxBytes = Math.max(environment.memoryMaxBytes ?? 0, memoryBytes);
    }
  }

  #record(run: LiveRun, usage: RunUsage | undefined): void {
    if (usage === undefined) return;
    run.memoryMaxBytes = Math.max(run.memoryMaxBytes ?? 0, usage.memoryBytes);
    // A child that nobody waited for takes its share away with it; the run's own figure never falls.
    run.cpuSeconds = Math.max(run.cpuSeconds ?? 0, usage.cpuSeconds);
  }

  #sum(environment: string): RunUsage {
    let sum = nothing;
    for (const [runId, run] of this.#runs) {
      const usage = run.environment === environment ? this.#byRun.get(runId) : undefined;
      if (usage === undefined) continue;
      sum = {
        memoryBytes: sum.memoryBytes + usage.memoryBytes,
        swapBytes: sum.swapBytes + usage.swapBytes,
        cpuSeconds: sum.cpuSeconds + (run.cpuSeconds ?? 0),
        processes: sum.processes + usage.processes,
      };
    }
    return sum;
  }
}
