/** What Nightshift tells of runs, lines and due times, as the API has it. */
export interface RunRecord {
  readonly id: string;
  readonly job: string;
  readonly kind: 'worker' | 'cron' | 'remote';
  readonly trigger: string;
  readonly dueAt: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
  readonly outcome: string | null;
  readonly reason: string | null;
}

export interface LineRecord {
  readonly job: string;
  readonly run: string;
  readonly stream: 'stdout' | 'stderr';
  readonly message: string;
  readonly cursor: string;
}

export interface DueTimeRecord {
  readonly job: string;
  readonly dueAt: string;
  readonly fate: 'ran' | 'skipped' | 'missed';
  readonly run: string | null;
  readonly reason: string | null;
}

export interface ListOf<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}
