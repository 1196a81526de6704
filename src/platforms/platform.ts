/**
 * The port of a platform: what carries jobs out. It speaks of wishes, not of processes, so that `local` (a supervisor, a
 * scheduler and a runtime of our own) and `kubernetes` (Deployments and CronJobs) fit behind the same words.
 * `platform.contract.ts` is one suite over all.
 */
import type { DueTime } from '../domain/due-time.ts';
import type { Environment, Variables } from '../domain/environment.ts';
import type { Job } from '../domain/job.ts';
import type { ObservedJob } from '../domain/observed.ts';
import type { Plan } from '../domain/plan.ts';
import type { Run, Trigger } from '../domain/run.ts';
import type { SignalName } from '../domain/signals.ts';

/** All that is wished of one environment. */
export interface EnvironmentWish {
  readonly environment: Environment;
  /** Null: no component is booked, nothing may run. */
  readonly plan: Plan | null;
  readonly variables: Variables;
  readonly jobs: readonly Job[];
  /** The code that is in the root now; runs record it. */
  readonly commit: string | null;
}

export interface PlatformUsage {
  /** Without page cache that is given back at need. */
  readonly memoryBytes: number;
  /** That page cache. */
  readonly cacheBytes: number;
  readonly memoryMaxBytes: number | null;
  readonly swapBytes: number;
  readonly cpuSeconds: number;
  readonly throttledSeconds: number | null;
  readonly outOfMemoryKills: number | null;
  readonly processes: number;
}

/** What one open run uses. */
export interface RunUsage {
  readonly runId: string;
  /** Null for a remote command. */
  readonly job: string | null;
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
}

export interface ExecRequest {
  /** A command line when it is one string, a program with its arguments when it is several. */
  readonly command: string | readonly string[];
  readonly terminal: { readonly columns: number; readonly rows: number } | null;
  readonly maxRuntimeSeconds: number;
  /** In addition to those of the environment, which go before. */
  readonly variables?: Readonly<Record<string, string>>;
  /** It is a part of a deployment, which lays this commit: its run says so. */
  readonly deployment?: { readonly commit: string | null };
}

/** A remote command that runs. It ends when `hangUp` is called, with everything it started. */
export interface Execution {
  readonly runId: string;
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: NodeJS.ReadableStream;
  readonly stderr: NodeJS.ReadableStream;
  readonly ended: Promise<Run>;
  signal(signal: SignalName): Promise<void>;
  resize(size: { readonly columns: number; readonly rows: number }): void;
  hangUp(): Promise<void>;
}

export type PlatformEvent =
  | { readonly kind: 'job-changed'; readonly observed: ObservedJob }
  /** It is recorded and about to be started. */
  | { readonly kind: 'run-began'; readonly run: Run }
  | { readonly kind: 'run-started'; readonly run: Run }
  /** `cpuSeconds`: what it used from start to end; absent where nobody knows. */
  | { readonly kind: 'run-ended'; readonly run: Run; readonly cpuSeconds?: number | null }
  | { readonly kind: 'due-time'; readonly dueTime: DueTime }
  /** A look at an environment that has limits, and at its open runs: every ten seconds, on the tens of the wall clock. */
  | {
      readonly kind: 'measured';
      readonly environment: string;
      readonly usage: PlatformUsage;
      readonly runs: readonly RunUsage[];
      /** What the plan allows all of them together; null without one. */
      readonly limits: { readonly memoryBytes: number; readonly cpu: number } | null;
    }
  /** For the operator: something of the platform itself failed and is being retried. */
  | { readonly kind: 'trouble'; readonly environment: string | null; readonly sentence: string };

export interface TakenUp {
  readonly adopted: number;
  readonly endedMeanwhile: number;
  readonly strays: number;
}

export interface Platform {
  readonly name: 'local' | 'kubernetes';
  /** Takes up what runs already, then starts what is wished. Called once. */
  start(wishes: readonly EnvironmentWish[]): Promise<TakenUp>;
  /** Makes this the wish for the environment. Resolves when limits hold and the change is taken in; `settled` waits for its effects. */
  apply(wish: EnvironmentWish): Promise<void>;
  /** Ends everything of the environment; resolves when nothing of it is left. */
  remove(environment: string): Promise<void>;
  /** Of all jobs of the environment, or of those named. */
  observe(environment: string, jobs?: readonly string[]): readonly ObservedJob[];
  /** Resolves when what is observed of the job (or of all of them) is what is wished: running or backing off when enabled, gone when not. */
  settled(environment: string, job?: string): Promise<void>;
  /**
   * Replaces the runs of these jobs gracefully. Resolves when each new one of a worker runs (or has failed to start), and
   * when each run of a cron that was open has ended and been begun again; a cron that does not run is left alone.
   */
  restart(
    environment: string,
    jobs: readonly string[],
    trigger: Extract<Trigger, 'deploy' | 'manual' | 'settings'>,
  ): Promise<void>;
  /** Runs a cron once, now, because this person asked; resolves with its run. */
  runNow(environment: string, job: string, askedBy: string): Promise<Run>;
  exec(environment: string, request: ExecRequest): Promise<Execution>;
  usage(environment: string): PlatformUsage | undefined;
  /** The next due times over all enabled crons of the environment, soonest first. */
  nextDue(
    environment: string,
    count: number,
    job?: string,
  ): readonly { readonly job: string; readonly dueAt: number }[];
  onEvent: (event: PlatformEvent) => void;
  /** Lets go. With `endJobs`, every run is asked to end first, and is gone when this resolves. */
  close(options: { readonly endJobs: boolean }): Promise<void>;
}
