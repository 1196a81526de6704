/** The state of a job, the same everywhere, with what it waits for counting down. */
import type { JobSummary } from '../../../src/contract/job.ts';
import { Badge, type Shape, type Tone } from './badge.tsx';
import { useSecondsUntil } from './moment.tsx';

export type JobState = JobSummary['state'];

interface Look {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly word: string;
  readonly busy?: true;
}

export const looks: Record<JobState, Look> = {
  running: { tone: 'good', shape: 'dot', word: 'running' },
  starting: { tone: 'accent', shape: 'half', word: 'starting', busy: true },
  'backing-off': { tone: 'warn', shape: 'clock', word: 'backing off' },
  'crash-loop': { tone: 'bad', shape: 'triangle', word: 'crash loop' },
  stopping: { tone: 'warn', shape: 'half', word: 'stopping', busy: true },
  stopped: { tone: 'still', shape: 'square', word: 'stopped' },
  disabled: { tone: 'still', shape: 'ring', word: 'disabled' },
  scheduled: { tone: 'still', shape: 'clock', word: 'scheduled' },
  waiting: { tone: 'warn', shape: 'bars', word: 'waiting' },
};

type Shown = Pick<JobSummary, 'state' | 'reason' | 'stateUntil'>;

export function StateBadge({ job }: { readonly job: Shown }) {
  const { tone, shape, word, busy } = looks[job.state];
  return (
    <Badge tone={tone} shape={shape} busy={busy} title={job.reason}>
      {word}
      {job.stateUntil !== null && <Until state={job.state} at={job.stateUntil} />}
    </Badge>
  );
}

function Until({ state, at }: { readonly state: JobState; readonly at: string }) {
  const seconds = useSecondsUntil(at);
  if (seconds === 0) return null;
  if (state === 'stopping') return `, KILL in ${seconds} s`;
  return state === 'backing-off' || state === 'crash-loop' ? `, again in ${seconds} s` : null;
}

/** Which jobs need somebody's eyes, worst first; 0 for those that are well. */
export const trouble = (job: Pick<JobSummary, 'state'>): number =>
  ({ 'crash-loop': 3, 'backing-off': 2, waiting: 1 })[job.state as string] ?? 0;
