import { Refusal } from './errors.ts';
import { limits } from './limits.ts';
import { exitSignals, parseSignal, type SignalName } from './signals.ts';

/** The seven intervals; words as the command line takes them. */
export const intervals = ['1m', '10m', '30m', '1h', '1d', '1w', '1mo'] as const;
export type Interval = (typeof intervals)[number];

/**
 * When a cron is due. An interval's `moment` is chosen once and kept: seconds into the interval
 * (`1m` … `1h`), into the day (`1d`), into the week from Monday 00:00 UTC (`1w`), into the month (`1mo`).
 * For a crontab expression it is what `H` stands for: a number that the scheduler spreads, kept likewise.
 */
export type Schedule =
  | { readonly kind: 'interval'; readonly interval: Interval; readonly moment: number }
  | {
      readonly kind: 'crontab';
      readonly expression: string;
      readonly timezone: string;
      readonly moment: number;
    };

export type CatchUp = 'none' | 'latest' | 'all';
export type OnDeploy = 'finish' | 'restart' | 'wait';
export type Handover = 'stop-first' | 'start-first';

interface JobSettings {
  readonly environment: string;
  readonly name: string;
  readonly command: string;
  /** What people want: enabled jobs count towards the plan. What is observed is a run's or an instance's. */
  readonly status: 'enabled' | 'disabled';
  readonly exitSignal: SignalName;
  readonly exitTimeoutSeconds: number;
  readonly createdAt: number;
  /** Grows with every change: two people can't overwrite each other unseen, and a worker knows its settings are old. */
  readonly version: number;
  /** The file that states this job, `nightshift.yml`; null when people do. */
  readonly managedBy: string | null;
}

export interface Worker extends JobSettings {
  readonly type: 'worker';
  readonly instances: number;
  readonly handover: Handover;
}

export interface Cron extends JobSettings {
  readonly type: 'cron';
  readonly schedule: Schedule;
  readonly maxRuntimeSeconds: number;
  readonly maxInstances: number;
  readonly catchUp: CatchUp;
  /** Due times older than this are not caught up. */
  readonly catchUpMaxAgeSeconds: number;
  readonly onDeploy: OnDeploy;
  /** Held back by a person: due times are skipped, what runs goes on, and its place in the plan stays taken. */
  readonly paused: boolean;
  /** How often a run that failed is begun again, as a new run each time. */
  readonly retries: number;
  readonly retryDelaySeconds: number;
  /** Only after these exit codes; null: after every failure. */
  readonly retryOn: readonly number[] | null;
  /** What a person wants to be told of: starts later than this after the due time, runs longer or shorter than this. */
  readonly warnLateSeconds: number | null;
  readonly warnLongerSeconds: number | null;
  readonly warnShorterSeconds: number | null;
  /** Wall time, ms: due times before it never count. It was added, enabled or given another schedule then. */
  readonly dueSince: number;
}

export type Job = Worker | Cron;

export const jobDefaults = {
  exitSignal: 'TERM' as SignalName,
  exitTimeoutSeconds: 10,
  instances: 1,
  handover: 'stop-first' as Handover,
  timezone: 'UTC',
  maxRuntimeSeconds: 12 * 3600,
  maxInstances: 5,
  catchUpMaxAgeSeconds: 86_400 * 2,
  onDeploy: 'finish' as OnDeploy,
  paused: false,
  retries: 0,
  retryDelaySeconds: 30,
  retryOn: null,
  warnLateSeconds: null,
  warnLongerSeconds: null,
  warnShorterSeconds: null,
} as const;

/** How many places of its plan a job takes when enabled. */
export const placesOf = (job: Job): number => (job.type === 'worker' ? job.instances : 1);

/** Places taken by the enabled ones of these jobs. */
export const enabledPlaces = (jobs: readonly Job[]): number =>
  jobs.reduce((sum, job) => sum + (job.status === 'enabled' ? placesOf(job) : 0), 0);

export function checkExitSignal(text: string): SignalName {
  const signal = parseSignal(text);
  if (signal === undefined || !(exitSignals as readonly string[]).includes(signal)) {
    throw new Refusal('job.exit-signal', { signal: text, signals: exitSignals });
  }
  return signal;
}

/** Rules that hold for every job, whatever way it came in. Schedules are the scheduler's to check. */
export function checkJob(job: Job): void {
  if (job.command.trim() === '') throw new Refusal('job.command-empty');
  if (job.command.length > limits.commandCharacters) {
    throw new Refusal('job.command-invalid', {
      why: `it is longer than ${limits.commandCharacters} characters`,
    });
  }
  if (job.command.includes('\0'))
    throw new Refusal('job.command-invalid', { why: 'it holds a NUL character' });
  checkExitSignal(job.exitSignal);
  const timeout = job.exitTimeoutSeconds;
  if (!(timeout >= 1 && timeout <= limits.exitTimeoutSecondsMax))
    throw new Refusal('job.exit-timeout', { seconds: timeout });
  if (job.type === 'worker') {
    if (!Number.isInteger(job.instances) || job.instances < 1 || job.instances > limits.instancesPerJob) {
      throw new Refusal('job.instances', { instances: job.instances, limit: limits.instancesPerJob });
    }
    return;
  }
  if (!(job.maxRuntimeSeconds >= 1 && job.maxRuntimeSeconds <= limits.maxRuntimeSecondsMax)) {
    throw new Refusal('job.max-runtime', { seconds: job.maxRuntimeSeconds });
  }
  if (
    !Number.isInteger(job.maxInstances) ||
    job.maxInstances < 1 ||
    job.maxInstances > limits.instancesPerJob
  ) {
    throw new Refusal('job.max-instances', { instances: job.maxInstances, limit: limits.instancesPerJob });
  }
  if (!(job.catchUpMaxAgeSeconds >= 1 && job.catchUpMaxAgeSeconds <= limits.catchUpMaxAgeSecondsMax)) {
    throw new Refusal('job.catch-up-age', { seconds: job.catchUpMaxAgeSeconds });
  }
  checkRetries(job);
  checkWarnings(job);
}

function checkRetries({ retries, retryDelaySeconds, retryOn }: Cron): void {
  if (!Number.isInteger(retries) || retries < 0 || retries > limits.retriesPerRun)
    throw new Refusal('job.retries', { retries, limit: limits.retriesPerRun });
  if (!(retryDelaySeconds >= 0 && retryDelaySeconds <= limits.retryDelaySecondsMax))
    throw new Refusal('job.retry-delay', { seconds: retryDelaySeconds });
  const wrong = retryOn?.find((code) => !Number.isInteger(code) || code < 1 || code > 255);
  if (wrong !== undefined) throw new Refusal('job.retry-on', { code: wrong });
}

function checkWarnings({ warnLateSeconds, warnLongerSeconds, warnShorterSeconds }: Cron): void {
  for (const seconds of [warnLateSeconds, warnLongerSeconds, warnShorterSeconds]) {
    if (seconds !== null && !(seconds >= 1 && seconds <= limits.maxRuntimeSecondsMax))
      throw new Refusal('job.warning', { seconds });
  }
  if (warnLongerSeconds !== null && warnShorterSeconds !== null && warnShorterSeconds >= warnLongerSeconds)
    throw new Refusal('job.warning-order', { longer: warnLongerSeconds, shorter: warnShorterSeconds });
}
