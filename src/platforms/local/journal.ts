/**
 * What the local platform needs of a store: it records before it acts, so that a crash between any two lines
 * leaves something that the next start understands. The store's port has all of it.
 */
import type { DueTime, LedgerChange } from '../../domain/due-time.ts';
import type { EndRequest, Handle, Run, RunEnd } from '../../domain/run.ts';
import type { StatisticsDelta } from '../../domain/statistics.ts';

export interface Journal {
  /** Answers the ids of the runs that were created: one whose due time was served already is not. */
  beginRuns(
    runs: readonly Run[],
    dueTimes: readonly DueTime[],
    changes?: readonly LedgerChange[],
  ): Promise<string[]>;
  /** The ledger of a job, newest first: what was due before that moment. */
  dueTimes(filter: { environment: string; job: string; before: number; limit: number }): Promise<DueTime[]>;
  runStarted(id: string, startedAt: number, handle: Handle): Promise<void>;
  runEndRequested(id: string, request: EndRequest, at: number): Promise<void>;
  runEnded(id: string, end: RunEnd, statistics: readonly StatisticsDelta[]): Promise<boolean>;
  openRuns(): Promise<Run[]>;
  /** Runs of a job that have not ended, or ended at that moment or later; newest first. */
  runsSince(filter: { environment: string; job: string; since: number }): Promise<Run[]>;
  lastDueTimes(): Promise<ReadonlyMap<string, number>>;
  addStatistics(deltas: readonly StatisticsDelta[]): Promise<void>;
  meta(key: string): Promise<string | undefined>;
  setMeta(key: string, value: string): Promise<void>;
}
