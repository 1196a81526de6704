/** What happened to a job, newest first, as lines that a tired person can read: what is alike and follows each other is one line. */
import type { DueTime } from './due-time.ts';
import type { Run } from './run.ts';
import { hasFailed } from './statistics.ts';
import { formatDuration } from './units.ts';

export interface HistoryLine {
  /** Wall time, ms: of several, when the last of them was. */
  readonly at: number;
  /** Of several, when the first of them was; null of one. */
  readonly from: number | null;
  readonly text: string;
  readonly mood: 'good' | 'bad' | 'still';
  /** The newest run that the line is about. */
  readonly run: string | null;
}

/** What a person did to the job. */
export interface Act {
  readonly at: number;
  readonly actor: string;
  readonly act: string;
  readonly detail: string;
}

/** @param dueTimes newest first, as are the others */
export function historyOf(
  runs: readonly Run[],
  dueTimes: readonly DueTime[],
  acts: readonly Act[],
): HistoryLine[] {
  return [...runLines(runs), ...ledgerLines(dueTimes), ...acts.map(actLine)].sort((a, b) => b.at - a.at);
}

/** Ends that look the same to whoever reads them: figures in the sentence may differ where memory ran out. */
export const sameEnd = (a: Run, b: Run): boolean =>
  a.outcome === b.outcome && (a.outcome === 'out-of-memory' || a.reason === b.reason);

export const lengthOf = ({ startedAt, endedAt }: Pick<Run, 'startedAt' | 'endedAt'>): number | null =>
  startedAt === null || endedAt === null ? null : Math.max(0, endedAt - startedAt);

/** Groups what is alike and next to each other. */
function grouped<Item>(items: readonly Item[], alike: (a: Item, b: Item) => boolean): Item[][] {
  const groups: Item[][] = [];
  for (const item of items) {
    const group = groups.at(-1);
    if (group?.[0] !== undefined && alike(group[0], item)) group.push(item);
    else groups.push([item]);
  }
  return groups;
}

const bothEnded = (a: Run, b: Run): boolean => a.endedAt !== null && b.endedAt !== null && sameEnd(a, b);

const runLines = (runs: readonly Run[]): HistoryLine[] =>
  grouped(runs, bothEnded).map((group) => {
    const newest = group[0] as Run;
    const oldest = group.at(-1) as Run;
    return {
      at: momentOf(newest),
      from: group.length === 1 ? null : momentOf(oldest),
      text: group.length === 1 ? oneRun(newest) : severalRuns(group, newest),
      mood:
        newest.outcome === null || newest.outcome === 'stopped'
          ? 'still'
          : hasFailed(newest.outcome)
            ? 'bad'
            : 'good',
      run: newest.id,
    };
  });

const momentOf = (run: Run): number => run.endedAt ?? run.startedAt ?? run.createdAt;

function oneRun(run: Run): string {
  if (run.endedAt === null) return run.startedAt === null ? 'is about to start' : `began ${whyBegun(run)}`;
  const length = lengthOf(run);
  const after = length === null ? 'before it had begun' : `after ${inWords(length)}`;
  if (run.outcome === 'ok') return `ended well ${after}`;
  return `ended ${after}: ${run.reason ?? run.outcome ?? 'nobody knows how'}`;
}

function severalRuns(group: readonly Run[], newest: Run): string {
  const lengths = group.flatMap((run) => lengthOf(run) ?? []);
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)];
  const after =
    lengths.length === 0
      ? ''
      : inWords(least) === inWords(most)
        ? ` after ${inWords(least)}`
        : ` after ${inWords(least)} to ${inWords(most)}`;
  const how = newest.outcome === 'ok' ? 'ended well' : 'ended';
  const why = newest.outcome === 'ok' ? '' : `: ${newest.reason ?? newest.outcome ?? 'nobody knows how'}`;
  return `${group.length} runs ${how}${after}${why}`;
}

function whyBegun({ trigger, askedBy, attempt }: Run): string {
  const by = askedBy === null ? '' : ` by ${askedBy}`;
  switch (trigger) {
    case 'schedule':
      return 'at its due time';
    case 'catch-up':
      return 'to catch up a due time';
    case 'manual':
      return `because it was asked for${by}`;
    case 'failure':
      return attempt > 1 ? `again after a failure, attempt ${attempt}` : 'again after a failure';
    case 'exit':
      return 'again after its end';
    case 'deploy':
      return 'with the code of a deployment';
    case 'settings':
      return 'with new settings';
    case 'start':
    case 'remote':
      return `when it was started${by}`;
  }
}

const ledgerLines = (dueTimes: readonly DueTime[]): HistoryLine[] =>
  grouped(
    dueTimes.filter(({ fate }) => fate !== 'ran'),
    (a, b) => a.fate === b.fate && a.reason === b.reason,
  ).map((group) => {
    const newest = group[0] as DueTime;
    const oldest = group.at(-1) as DueTime;
    const count = group.reduce((sum, each) => sum + (each.count ?? 1), 0);
    const what = count === 1 ? 'a due time was' : `${count} due times were`;
    const why = (newest.reason ?? 'nobody knows why').replace(new RegExp(`^${newest.fate}: `), '');
    return {
      at: newest.untilDueAt ?? newest.dueAt,
      from: count === 1 ? null : oldest.dueAt,
      text: `${what} ${newest.fate}: ${why}`,
      mood: newest.fate === 'missed' ? 'bad' : 'still',
      run: null,
    };
  });

const actLine = ({ at, actor, act, detail }: Act): HistoryLine => ({
  at,
  from: null,
  text: `${actor}: ${act}${detail === '' ? '' : ` (${detail})`}`,
  mood: 'still',
  run: null,
});

/** Short lengths with a decimal, longer ones in whole seconds. */
export const inWords = (ms: number): string =>
  formatDuration(ms < 10_000 ? Math.round(ms / 100) / 10 : Math.round(ms / 1000));
