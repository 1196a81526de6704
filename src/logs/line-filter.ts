import { type Line, mayBeOfTorn } from './framing.ts';
import { levelOf } from './levels.ts';
import type { Level, LogQuery } from './log-store.ts';

/** Clocks are set back by this much without anybody noticing: looking for a moment begins so much before it. */
export const clockSlackMs = 2_000;

/** Which lines a query asks for; jobs and runs are chosen before their files are opened. */
export interface LineFilter {
  readonly level: Level | null;
  readonly since: number;
  readonly until: number;
  readonly needle: Buffer | null;
  /** It may stand in what is said of torn records, and so in lines that no file has. */
  readonly needleMayBeOfTorn: boolean;
}

export const filterOf = (query: LogQuery): LineFilter => ({
  level: query.level ?? null,
  since: query.since ?? Number.NEGATIVE_INFINITY,
  until: query.until ?? Number.POSITIVE_INFINITY,
  needle: query.contains === undefined || query.contains === '' ? null : Buffer.from(query.contains),
  needleMayBeOfTorn: mayBeOfTorn(query.contains ?? ''),
});

export function matches(filter: LineFilter, line: Line): boolean {
  if (line.time < filter.since || line.time >= filter.until) return false;
  if (filter.level !== null && filter.level !== levelOf(line.message, line.stderr)) return false;
  if (filter.needle === null) return true;
  const { message } = line;
  return (message instanceof Buffer ? message : Buffer.from(message)).includes(filter.needle);
}

/** Reading in the order of time can end here: nothing that is asked for comes any more. */
export const isPast = (filter: LineFilter, line: Line): boolean => line.time >= filter.until + clockSlackMs;
