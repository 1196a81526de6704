import type { Outcome, Run, RunEnd } from './run.ts';

/** What a job did since the last reset. */
export interface Statistics {
  readonly environment: string;
  readonly job: string;
  /** Ended runs whose duration counts (crons). */
  readonly ended: number;
  readonly durationSumSeconds: number;
  readonly durationMaxSeconds: number;
  /** Memory averaged over time: byte-seconds held, over seconds watched. */
  readonly memoryByteSeconds: number;
  readonly memorySeconds: number;
  readonly memoryMaxBytes: number;
  readonly fails: number;
  readonly exitsOk: number;
  /** Starts of workers after the first. */
  readonly restarts: number;
  readonly since: number;
}

export const noStatistics = (environment: string, job: string, since: number): Statistics => ({
  environment,
  job,
  ended: 0,
  durationSumSeconds: 0,
  durationMaxSeconds: 0,
  memoryByteSeconds: 0,
  memorySeconds: 0,
  memoryMaxBytes: 0,
  fails: 0,
  exitsOk: 0,
  restarts: 0,
  since,
});

/** What to add to a job's statistics; what is left out stays. */
export interface StatisticsDelta {
  readonly environment: string;
  readonly job: string;
  /** A run ended after so long; its duration counts. */
  readonly durationSeconds?: number;
  readonly memoryByteSeconds?: number;
  readonly memorySeconds?: number;
  /** A candidate for the maximum. */
  readonly memoryMaxBytes?: number;
  readonly fails?: number;
  readonly exitsOk?: number;
  readonly restarts?: number;
}

/** What statistics count of an end. */
export type CountedEnd = Pick<RunEnd, 'endedAt' | 'exit' | 'outcome' | 'memoryAvgBytes' | 'memoryMaxBytes'>;

type CountedRun = Pick<Run, 'environment' | 'job' | 'kind' | 'startedAt'>;

/** Every outcome that is neither `ok` nor wished for. */
const failures: ReadonlySet<Outcome> = new Set(['failed', 'signalled', 'timed-out', 'out-of-memory', 'lost']);

export const hasFailed = (outcome: Outcome): boolean => failures.has(outcome);

/**
 * What the end of a run adds to its job's statistics; nothing for a remote command, which belongs to no job.
 * Durations are those of crons. A cron's memory counts here, at its end; a worker has its memory counted
 * while it runs ({@link deltaOfSample}), unless it was too short to be seen: then its peak stands for all of its time.
 */
export function deltaOfEnd(run: CountedRun, end: CountedEnd): StatisticsDelta[] {
  if (run.job === null) return [];
  const seconds = run.startedAt === null ? null : Math.max(0, (end.endedAt - run.startedAt) / 1000);
  const endedWell =
    end.outcome === 'ok' || (end.outcome === 'stopped' && end.exit.kind === 'exited' && end.exit.code === 0);
  const held = run.kind === 'worker' && end.memoryAvgBytes !== null ? null : memoryHeld(end);
  return [
    {
      environment: run.environment,
      job: run.job,
      ...(run.kind === 'cron' && seconds !== null ? { durationSeconds: seconds } : {}),
      ...(held !== null && seconds !== null
        ? { memoryByteSeconds: held * seconds, memorySeconds: seconds }
        : {}),
      ...(end.memoryMaxBytes === null ? {} : { memoryMaxBytes: end.memoryMaxBytes }),
      ...(hasFailed(end.outcome) ? { fails: 1 } : {}),
      ...(endedWell ? { exitsOk: 1 } : {}),
    },
  ];
}

const memoryHeld = (end: CountedEnd): number | null => end.memoryAvgBytes ?? end.memoryMaxBytes;

/** What the start of a run adds: a worker's start after the first is a restart; `start` is the trigger of the first. */
export function deltaOfStart(run: Pick<Run, 'environment' | 'job' | 'kind' | 'trigger'>): StatisticsDelta[] {
  if (run.job === null || run.kind !== 'worker' || run.trigger === 'start') return [];
  return [{ environment: run.environment, job: run.job, restarts: 1 }];
}

/** What a look at a running worker adds: it held `bytes` for the `seconds` since the last look. */
export const deltaOfSample = (
  environment: string,
  job: string,
  bytes: number,
  seconds: number,
): StatisticsDelta => ({
  environment,
  job,
  memoryByteSeconds: bytes * seconds,
  memorySeconds: seconds,
  memoryMaxBytes: bytes,
});

/** Statistics with a delta added: what every store does, in its own words. */
export const grow = (statistics: Statistics, delta: StatisticsDelta): Statistics => ({
  ...statistics,
  ended: statistics.ended + (delta.durationSeconds === undefined ? 0 : 1),
  durationSumSeconds: statistics.durationSumSeconds + (delta.durationSeconds ?? 0),
  durationMaxSeconds: Math.max(statistics.durationMaxSeconds, delta.durationSeconds ?? 0),
  memoryByteSeconds: statistics.memoryByteSeconds + (delta.memoryByteSeconds ?? 0),
  memorySeconds: statistics.memorySeconds + (delta.memorySeconds ?? 0),
  memoryMaxBytes: Math.max(statistics.memoryMaxBytes, delta.memoryMaxBytes ?? 0),
  fails: statistics.fails + (delta.fails ?? 0),
  exitsOk: statistics.exitsOk + (delta.exitsOk ?? 0),
  restarts: statistics.restarts + (delta.restarts ?? 0),
});

/** Null while no run whose duration counts has ended. */
export const durationAvgSeconds = (statistics: Statistics): number | null =>
  statistics.ended === 0 ? null : statistics.durationSumSeconds / statistics.ended;

export const durationMaxSeconds = (statistics: Statistics): number | null =>
  statistics.ended === 0 ? null : statistics.durationMaxSeconds;

/** Averaged over time; the peak where runs were over too soon to weigh; null while nothing was measured. */
export function memoryAvgBytes(statistics: Statistics): number | null {
  if (statistics.memorySeconds > 0) return statistics.memoryByteSeconds / statistics.memorySeconds;
  return memoryMaxBytes(statistics);
}

export const memoryMaxBytes = (statistics: Statistics): number | null =>
  statistics.memoryMaxBytes === 0 ? null : statistics.memoryMaxBytes;
