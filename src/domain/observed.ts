/** What is observed of a job, apart from what is wished: the platform writes it, nobody else. */

/** The states that people see, the same words everywhere; each comes with a reason in a sentence. */
export type ObservedState =
  /** A worker's program runs, or at least one run of a cron does. */
  | { readonly kind: 'running'; readonly since: number }
  | { readonly kind: 'starting'; readonly since: number }
  /** Waits before the next try; `until` is wall time, ms. */
  | { readonly kind: 'backing-off'; readonly until: number; readonly attempt: number }
  /** The same, after many quick failures in a row: still trying, but somebody should look. */
  | { readonly kind: 'crash-loop'; readonly until: number; readonly attempt: number }
  /** Asked to end; KILL follows at `killAt` (wall time, ms). */
  | { readonly kind: 'stopping'; readonly killAt: number }
  /** Wished for and not running: no component, or held back. Its cgroup is empty. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'disabled' }
  /** A cron between its runs. */
  | { readonly kind: 'scheduled'; readonly nextDueAt: number }
  /** Held back until a deployment or a remote command has ended. */
  | { readonly kind: 'waiting'; readonly for: 'deploy' | 'remote-command' };

export interface ObservedJob {
  readonly environment: string;
  readonly job: string;
  readonly state: ObservedState;
  /** A sentence: why it is so. */
  readonly reason: string;
  /** The runs that are open now. */
  readonly runs: readonly string[];
  /** How many of the wished instances run; crons: open runs. */
  readonly instancesRunning: number;
  /** Memory that its open runs hold together, as last sampled; null when nothing runs. */
  readonly memoryBytes: number | null;
}
