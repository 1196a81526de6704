/** How far the restart of several workers has come, from their rows. Pure. */
import type { JobSummary } from '../../../../src/contract/job.ts';

type Row = Pick<JobSummary, 'name' | 'state' | 'stateSince' | 'stateUntil'>;

/** The workers as they were when the restart was asked for. */
export type Before = ReadonlyMap<string, Row>;

export interface Progress {
  readonly of: number;
  /** Those that run anew. */
  readonly restarted: number;
  /** Those that were begun anew and do not stay up, or that somebody stopped or removed meanwhile. */
  readonly not: readonly string[];
}

export const isOver = ({ of, restarted, not }: Progress): boolean => restarted + not.length >= of;

export function progressOf(before: Before, names: readonly string[], rows: readonly Row[]): Progress {
  const now = new Map(rows.map((row) => [row.name, row]));
  const states = names.map((name) => stateOf(before.get(name), now.get(name)));
  return {
    of: names.length,
    restarted: states.filter((state) => state === 'restarted').length,
    not: names.filter((_, index) => states[index] === 'not'),
  };
}

function stateOf(then: Row | undefined, now: Row | undefined): 'restarted' | 'not' | 'under way' {
  if (now === undefined || now.state === 'disabled' || now.state === 'stopped') return 'not';
  if (now.state === 'running') return now.stateSince === then?.stateSince ? 'under way' : 'restarted';
  const fails = now.state === 'backing-off' || now.state === 'crash-loop';
  return fails && now.stateUntil !== then?.stateUntil ? 'not' : 'under way';
}
