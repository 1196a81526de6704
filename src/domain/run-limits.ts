/** The limits that a cron's owner sets to be told: starts too late, runs too long or too short. */
import type { IncidentKind } from './incident.ts';
import type { Cron } from './job.ts';
import type { Run } from './run.ts';
import { formatDuration } from './units.ts';

/** What one limit says of a run: broken with a sentence, or met; a limit that does not apply to it says nothing. */
export interface LimitVerdict {
  readonly kind: Extract<IncidentKind, 'cron-late' | 'cron-longer' | 'cron-shorter'>;
  /** Null: it was met. */
  readonly broken: string | null;
}

type Limits = Pick<Cron, 'name' | 'warnLateSeconds' | 'warnLongerSeconds' | 'warnShorterSeconds'>;
type Timed = Pick<Run, 'trigger' | 'dueAt' | 'createdAt' | 'startedAt' | 'endedAt' | 'outcome'>;

const inWords = (ms: number): string => formatDuration(Math.round(ms / 100) / 10);

/** All that can be said at `now` (wall time, ms) of a run that is open or has ended; nothing about what is still undecided. */
export function judgeLimits(job: Limits, run: Timed, now: number): LimitVerdict[] {
  return [...lateness(job, run, now), ...length(job, run, now), ...shortness(job, run)];
}

/** Only what a due time began can be late for it. */
function lateness(job: Limits, run: Timed, now: number): LimitVerdict[] {
  const { warnLateSeconds: limit, name } = job;
  if (limit === null || run.dueAt === null || !byDueTime.has(run.trigger)) return [];
  const late = (run.startedAt ?? run.endedAt ?? now) - run.dueAt;
  if (late > limit * 1000) {
    const how =
      run.startedAt === null ? `has not begun ${inWords(late)} after` : `began ${inWords(late)} after`;
    return [
      { kind: 'cron-late', broken: `"${name}" ${how} its due time, more than ${inWords(limit * 1000)}` },
    ];
  }
  return run.startedAt === null ? [] : [{ kind: 'cron-late', broken: null }];
}

const byDueTime: ReadonlySet<Run['trigger']> = new Set(['schedule', 'catch-up']);

function length(job: Limits, run: Timed, now: number): LimitVerdict[] {
  const { warnLongerSeconds: limit, name } = job;
  if (limit === null || run.startedAt === null) return [];
  const length = (run.endedAt ?? now) - run.startedAt;
  if (length > limit * 1000) {
    const how = run.endedAt === null ? 'has been running for' : 'took';
    return [
      {
        kind: 'cron-longer',
        broken: `"${name}" ${how} ${inWords(length)}, longer than ${inWords(limit * 1000)}`,
      },
    ];
  }
  // One that was asked to end, or that nobody knows the end of, shows nothing.
  return endedItself(run) ? [{ kind: 'cron-longer', broken: null }] : [];
}

function shortness(job: Limits, run: Timed): LimitVerdict[] {
  const { warnShorterSeconds: limit, name } = job;
  if (limit === null || run.startedAt === null || run.endedAt === null || !endedItself(run)) return [];
  const length = run.endedAt - run.startedAt;
  if (length >= limit * 1000) return [{ kind: 'cron-shorter', broken: null }];
  return [
    {
      kind: 'cron-shorter',
      broken: `"${name}" took ${inWords(length)}, shorter than ${inWords(limit * 1000)}`,
    },
  ];
}

const endedItself = ({ outcome }: Timed): boolean =>
  outcome !== null && outcome !== 'stopped' && outcome !== 'lost';
