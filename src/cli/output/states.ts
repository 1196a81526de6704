import { formatRelative } from '../../contract/format.ts';
import type { JobSummary } from '../../contract/job.ts';
import type { Context } from '../context.ts';
import type { Paint } from './paint.ts';
import { printable } from './table.ts';

type State = JobSummary['state'];

/** The words people read for each state. */
const words: Record<State, string> = {
  running: 'running',
  starting: 'starting',
  'backing-off': 'backing off',
  'crash-loop': 'crash loop',
  stopping: 'stopping',
  stopped: 'stopped',
  disabled: 'disabled',
  scheduled: 'scheduled',
  waiting: 'waiting',
};

export function paintState(paint: Paint, state: State, text: string): string {
  if (state === 'running') return paint.good(text);
  if (state === 'crash-loop') return paint.bad(text);
  return state === 'backing-off' || state === 'waiting' || state === 'stopping' ? paint.warn(text) : text;
}

/** `backing off, again in 8 s: exit code 255`: the state, its moment, and why it is so. */
export function inWords(context: Context, job: JobSummary): string {
  const state = paintState(context.paint, job.state, words[job.state]);
  const reason = job.reason === '' ? '' : `: ${printable(job.reason)}`;
  return `${state}${momentOf(job, context.now)}${reason}`;
}

function momentOf(job: JobSummary, now: number): string {
  if (job.stateUntil !== null) {
    const until = Math.max(Date.parse(job.stateUntil), now);
    const what = job.state === 'stopping' ? 'KILL' : 'again';
    return `, ${what} ${formatRelative(until, now)}`;
  }
  if (job.stateSince === null) return '';
  return ` since ${formatRelative(Date.parse(job.stateSince), now)}`;
}
