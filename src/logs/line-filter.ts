import type { Line } from './framing.ts';
import type { LogQuery } from './log-store.ts';

/** Clocks are set back by this much without anybody noticing: looking for a moment begins so much before it. */
export const clockSlackMs = 2_000;

/** Which lines a query asks for; jobs and runs are chosen before their files are opened. */
export interface LineFilter {
  readonly stderr: boolean | null;
  readonly since: number;
  readonly until: number;
  readonly needle: Buffer | null;
}

export const filterOf = (query: LogQuery): LineFilter => ({
  stderr: query.level === undefined ? null : query.level === 'ERR',
  since: query.since ?? Number.NEGATIVE_INFINITY,
  until: query.until ?? Number.POSITIVE_INFINITY,
  needle: query.contains === undefined || query.contains === '' ? null : Buffer.from(query.contains),
});

export function matches(filter: LineFilter, line: Line): boolean {
  if (filter.stderr !== null && filter.stderr !== line.stderr) return false;
  if (line.time < filter.since || line.time >= filter.until) return false;
  if (filter.needle === null) return true;
  const { message } = line;
  return (message instanceof Buffer ? message : Buffer.from(message)).includes(filter.needle);
}

/** Reading in the order of time can end here: nothing that is asked for comes any more. */
export const isPast = (filter: LineFilter, line: Line): boolean => line.time >= filter.until + clockSlackMs;
