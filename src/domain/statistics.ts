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
