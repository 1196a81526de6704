/**
 * What follows the end of a cron's run: another run that names it as its predecessor, or nothing. Decided from the run's
 * record and the job alone, so that it comes out the same after a restart of the daemon.
 */
import type { Cron } from './job.ts';
import type { Outcome, Run, Trigger } from './run.ts';

export interface Succession {
  readonly trigger: Extract<Trigger, 'failure' | 'deploy'>;
  /** Wall time, ms: not before it. */
  readonly at: number;
  /** The attempt that the next run is. */
  readonly attempt: number;
}

/** `lost` is one: whoever asks for retries says that the command may be repeated. */
const failures: ReadonlySet<Outcome> = new Set(['failed', 'signalled', 'timed-out', 'out-of-memory', 'lost']);

type EndedRun = Pick<Run, 'endedAt' | 'outcome' | 'exit' | 'endRequest' | 'attempt'>;
type Rules = Pick<Cron, 'dueSince' | 'retries' | 'retryDelaySeconds' | 'retryOn'>;

/** Null: nothing follows. A run from before the cron was last enabled or got another schedule has no successor. */
export function successionOf(job: Rules, run: EndedRun): Succession | null {
  const { endedAt, attempt } = run;
  if (endedAt === null || endedAt < job.dueSince) return null;
  if (run.endRequest === 'deploy') return { trigger: 'deploy', at: endedAt, attempt };
  if (attempt > job.retries || !isToBeRepeated(job, run)) return null;
  return { trigger: 'failure', at: endedAt + job.retryDelaySeconds * 1000, attempt: attempt + 1 };
}

function isToBeRepeated({ retryOn }: Rules, { outcome, exit }: EndedRun): boolean {
  if (outcome === null || !failures.has(outcome)) return false;
  if (retryOn === null) return true;
  return outcome === 'failed' && exit?.kind === 'exited' && retryOn.includes(exit.code);
}
