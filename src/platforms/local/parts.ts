/** What the drivers of the local platform share. */
import type { Clock } from '../../domain/clock.ts';
import type { ObservedJob } from '../../domain/observed.ts';
import type { SystemUser } from '../../runtimes/runtime.ts';
import type { Runs } from './runs.ts';

export interface LocalParts {
  readonly runs: Runs;
  readonly clock: Clock;
  /** Draws a run id; later ones sort after earlier ones. */
  readonly newRunId: () => string;
  /** Draws from -1 to 1. */
  readonly jitter: () => number;
  /** Looks a system user up; rejects when it is gone. */
  readonly resolveUser: (name: string) => Promise<SystemUser>;
  readonly changed: (job: JobDriver) => void;
  readonly trouble: (environment: string | null, error: unknown) => void;
}

/** One job as the platform carries it. */
export interface JobDriver {
  observe(): ObservedJob;
  /** What is observed is what is wished. */
  readonly settled: boolean;
  readonly gone: boolean;
}
