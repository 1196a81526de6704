import { formatDuration } from '../../../../src/contract/format.ts';
import type { Job } from '../../../../src/contract/job.ts';

type Running = Pick<Job, 'openRuns' | 'stateSince' | 'exitSignal' | 'exitTimeoutSeconds' | 'state'>;

/** What an end of the job means for what is running: `Ends 2 runs, the longest for 3h: TERM, then KILL after 10s.` */
export function runsInWords(job: Running, now: number): string {
  const { openRuns, stateSince, exitSignal, exitTimeoutSeconds } = job;
  if (openRuns.length === 0) return 'Nothing of it runs now.';
  const runs = openRuns.length === 1 ? '1 run' : `${openRuns.length} runs`;
  const seconds = stateSince === null ? undefined : Math.max(0, (now - Date.parse(stateSince)) / 1_000);
  const age =
    seconds === undefined
      ? ''
      : `, ${openRuns.length > 1 ? 'the longest ' : ''}for ${formatDuration(seconds)}`;
  return `Ends ${runs}${age}: ${exitSignal} first, and KILL for what is left after ${formatDuration(exitTimeoutSeconds)}.`;
}
