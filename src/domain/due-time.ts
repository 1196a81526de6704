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
}
