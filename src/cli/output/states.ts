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

/** `crash loop: exit code 255, again in 8s`. Where the reason says the state itself (`running for 3h`), it is enough. */
export function inWords(context: Context, job: JobSummary): string {
  const word = words[job.state];
  const reason = printable(job.reason);
  if (reason.startsWith(word)) {
    return paintState(context.paint, job.state, word) + reason.slice(word.length);
  }
  return paintState(context.paint, job.state, word) + (reason === '' ? '' : `: ${reason}`);
}
