/** One run that is open: what is known of it, and what follows from its end. */
import type { DueTime } from '../../domain/due-time.ts';
import type { MemorySurroundings } from '../../domain/out-of-memory.ts';
import { type Handle, judge, type Run, type RunEnd } from '../../domain/run.ts';
import { deltaOfSample, type StatisticsDelta } from '../../domain/statistics.ts';
import type { ExitReport, RunSpec } from '../../runtimes/runtime.ts';

/** Whoever began a run hears of it: a worker, a cron, a remote command. */
export interface RunOwner {
  started(runId: string): void;
  startFailed(runId: string, sentence: string): void;
  ended(run: Run): void;
}

/** A run to be begun; `spec` is made only when the record stands. */
export interface Beginning {
  readonly run: Run;
  readonly dueTime: DueTime | null;
  readonly owner: RunOwner;
  readonly spec: (logPath: string) => Promise<RunSpec>;
}

export interface OpenRun {
  run: Run;
  readonly owner: RunOwner;
  handle: Handle | null;
  killed: boolean;
  /** A signal or KILL that came before the handle. */
  pending: (() => Promise<void>)[];
  /** Resolves when what has happened so far stands in the store; it never rejects. */
  kept: Promise<void>;
  samples: { byteSeconds: number; seconds: number; lastBytes: number | null; lastAt: number | null };
}

export function newOpenRun(run: Run, owner: RunOwner): OpenRun {
  const samples = { byteSeconds: 0, seconds: 0, lastBytes: null, lastAt: null };
  return { run, owner, handle: null, killed: false, pending: [], kept: Promise.resolve(), samples };
}

/** Takes note of what a run that has begun holds now (`now`: monotonic, ms); what a worker's statistics get of it. */
export function addSample({ run, samples }: OpenRun, bytes: number, now: number): StatisticsDelta[] {
  if (run.startedAt === null) return [];
  const seconds = samples.lastAt === null ? 0 : (now - samples.lastAt) / 1000;
  samples.lastAt = now;
  samples.lastBytes = bytes;
  samples.seconds += seconds;
  samples.byteSeconds += bytes * seconds;
  const { environment, job, kind } = run;
  return kind === 'worker' && job !== null ? [deltaOfSample(environment, job, bytes, seconds)] : [];
}

/** How a run is told to have ended, from what the runtime reports. */
export function endOf(
  { run, killed, samples }: OpenRun,
  report: ExitReport,
  memory: MemorySurroundings,
): RunEnd {
  const verdict = judge({
    exit: report.exit,
    endRequest: run.endRequest,
    killedAfterTimeout: killed && run.endRequest !== 'connection',
    outOfMemory: report.outOfMemory,
    memory,
  });
  return {
    endedAt: Math.max(report.endedAt, run.startedAt ?? run.createdAt),
    exit: report.exit,
    ...verdict,
    memoryAvgBytes: samples.seconds > 0 ? Math.round(samples.byteSeconds / samples.seconds) : null,
    memoryMaxBytes: report.memoryMaxBytes,
    leftovers: report.leftovers,
  };
}

/** How a run is told to have ended that could not be started. */
export const startFailureEnd = (why: string, endedAt: number): RunEnd => ({
  endedAt,
  exit: { kind: 'unknown', why },
  outcome: 'failed',
  reason: why,
  memoryAvgBytes: null,
  memoryMaxBytes: null,
  leftovers: [],
});
