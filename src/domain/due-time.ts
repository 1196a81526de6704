import type { Outcome } from './run.ts';

/** A moment at which a cron was due, and what became of it. The pair (job, dueAt) is the key: at most one row, ever. */
export interface DueTime {
  readonly environment: string;
  readonly job: string;
  readonly dueAt: number;
  readonly fate: 'ran' | 'skipped' | 'missed';
  /** The run that it began, when it ran. */
  readonly run: string | null;
  /** Why it was skipped or missed. */
  readonly reason: string | null;
  /** Set for a stretch of due times with one fate: its last one, and how many it holds. The key is the first. */
  readonly untilDueAt?: number;
  readonly count?: number;
}

/** Rows of one job's ledger that give way, as they were read, and what is put in their place. None of them ran. */
export interface LedgerChange {
  readonly drop: readonly DueTime[];
  readonly put: readonly DueTime[];
}

/** A line of the ledger as it is read: with how the run ended that it began, where that is known. */
export interface LedgerLine extends DueTime {
  readonly outcome?: Outcome | null;
}
