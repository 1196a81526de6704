/** What the local platform needs of a log store: where a run's output goes, and from when to when it is written. */
export interface RunLogs {
  /** Where the runtime is to write a run's output; the folder is there afterwards. */
  prepare(environment: string, job: string, runId: string): Promise<string>;
  /** The file is being written from now on; `reopen` asks the writer to go on in a new one. */
  opened(log: {
    readonly environment: string;
    readonly job: string;
    readonly runId: string;
    readonly reopen: () => Promise<void>;
  }): void;
  closed(runId: string): void;
  /** Adds a line of ours to what a run printed, when its writer has gone. A store that only reads has none. */
  note?(line: {
    readonly environment: string;
    readonly job: string;
    readonly runId: string;
    /** Wall time, ms. */
    readonly at: number;
    readonly message: string;
  }): Promise<void>;
}
