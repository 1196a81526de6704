/** What is asked of the log stands in the address: a link shows the same. */
import { parseMoment } from '../../../../src/contract/format.ts';
import { useWishes, textOf as word } from '../../data/place.ts';
import type { LogEntry } from '../../parts/log/log-buffer.ts';
import type { LogsQuery } from '../../parts/log/log-feed.ts';

export interface LogAsked {
  readonly jobs: readonly string[];
  readonly level: LogLevel | undefined;
  readonly run: string | undefined;
  /** `1h`, or a moment as RFC 3339 has it. */
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly text: string;
  readonly utc: boolean;
  readonly wrap: boolean;
}

/** As the log store knows them, the worst first. */
export const levels = ['ERR', 'WARN', 'INFO', 'DEBUG'] as const satisfies readonly LogEntry['level'][];
export type LogLevel = (typeof levels)[number];

type Search = Readonly<Record<string, unknown>>;

/** What is nonsense in an address is as if it were not there. */
export function askedOf(search: Search): LogAsked {
  const level = word(search.level);
  return {
    jobs: (word(search.job) ?? '').split(',').filter((job) => job !== ''),
    level: levels.find((each) => each === level),
    run: word(search.run),
    since: word(search.since),
    until: word(search.until),
    text: word(search.q) ?? '',
    utc: search.time === 'utc',
    wrap: search.wrap !== 'no',
  };
}

/** Short addresses: what is usual is left out. */
export const searchOf = (asked: LogAsked): Search => ({
  job: asked.jobs.length === 0 ? undefined : asked.jobs.join(','),
  level: asked.level,
  run: asked.run,
  since: asked.since,
  until: asked.until,
  q: asked.text === '' ? undefined : asked.text,
  time: asked.utc ? 'utc' : undefined,
  wrap: asked.wrap ? undefined : 'no',
});

export function queryOf(asked: Omit<LogAsked, 'utc' | 'wrap'>, now: number): LogsQuery {
  const { jobs, level, run, since, until, text } = asked;
  return {
    ...(jobs.length === 0 ? {} : { job: [...jobs] }),
    ...(level === undefined ? {} : { level }),
    ...(run === undefined ? {} : { run }),
    ...momentOf('since', since, now),
    ...momentOf('until', until, now),
    ...(text === '' ? {} : { contains: text }),
  };
}

function momentOf(name: 'since' | 'until', text: string | undefined, now: number): Partial<LogsQuery> {
  const moment = text === undefined ? undefined : parseMoment(text, now);
  return moment === undefined ? {} : { [name]: new Date(moment).toISOString() };
}

export function useLogAsked(): readonly [LogAsked, (change: Partial<LogAsked>) => void] {
  const [wishes, change] = useWishes();
  const asked = askedOf(wishes);
  return [asked, (part) => change(searchOf({ ...asked, ...part }))];
}
