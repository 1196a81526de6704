/** When a worker ran and when it did not, from its runs. Times are wall time in ms. */
import type { Run } from '../../../../src/contract/run.ts';

export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly kind: 'up' | 'failed' | 'stopped' | 'unknown';
  /** Why it did not run. */
  readonly reason: string;
}

export interface Uptime {
  readonly from: number;
  readonly to: number;
  readonly stretches: readonly Stretch[];
  /** Of the time that is known. */
  readonly upShare: number | null;
}

/** Shorter pauses are the moment between two runs, not a gap. */
const noGapMs = 100;

/** At least one of its runs counts as up; before the oldest run that is kept nothing is known. */
export function uptimeOf(runs: readonly Run[], from: number, to: number): Uptime {
  const known = runs
    .filter(({ startedAt }) => startedAt !== null)
    .map((run) => ({
      run,
      begin: Date.parse(run.startedAt ?? ''),
      end: run.endedAt === null ? to : Date.parse(run.endedAt),
    }))
    .filter(({ end }) => end >= from)
    .sort((a, b) => a.begin - b.begin);
  const stretches: Stretch[] = [];
  const add = (begin: number, end: number, kind: Stretch['kind'], reason: string) => {
    const stretch = { from: Math.max(begin, from), to: Math.min(end, to), kind, reason };
    const last = stretches.at(-1);
    if (stretch.to <= stretch.from) return;
    if (last !== undefined && last.kind === kind && (kind === 'up' || last.reason === reason))
      stretches[stretches.length - 1] = { ...last, to: stretch.to };
    else stretches.push(stretch);
  };
  let at = from;
  let before: Run | undefined;
  for (const { run, begin, end } of known) {
    if (begin - at > noGapMs || before === undefined) {
      if (before === undefined) add(at, begin, 'unknown', 'not known: no run of that time is kept');
      else add(at, begin, ...gapAfter(before));
    }
    const upFrom = begin - at > noGapMs || before === undefined ? begin : at;
    add(Math.max(upFrom, at), end, 'up', '');
    if (end >= at) before = run;
    at = Math.max(at, end);
  }
  if (before === undefined) add(from, to, 'unknown', 'it has not run in that time');
  else if (to - at > noGapMs) add(at, to, ...gapAfter(before));
  const sum = (kinds: readonly Stretch['kind'][]) =>
    stretches
      .filter(({ kind }) => kinds.includes(kind))
      .reduce((total, each) => total + each.to - each.from, 0);
  const told = sum(['up', 'failed', 'stopped']);
  return { from, to, stretches, upShare: told === 0 ? null : sum(['up']) / told };
}

function gapAfter({ outcome, reason }: Run): [Stretch['kind'], string] {
  const kind = outcome === 'stopped' ? 'stopped' : 'failed';
  return [kind, reason ?? outcome ?? ''];
}

export interface Cause {
  readonly words: string;
  readonly count: number;
  readonly bad: boolean;
}

/** Why its runs began since a moment, most frequent first; failures are told apart by how the run before ended. */
export function restartCauses(runs: readonly Run[], since: number): readonly Cause[] {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const causes = new Map<string, Cause>();
  for (const run of runs) {
    if (Date.parse(run.createdAt) < since || run.trigger === 'start') continue;
    const bad = run.trigger === 'failure';
    const before = run.predecessor === null ? undefined : byId.get(run.predecessor);
    const words = bad ? `failure: ${endOf(before)}` : causeWords[run.trigger];
    const known = causes.get(words);
    causes.set(words, { words, bad, count: (known?.count ?? 0) + 1 });
  }
  return [...causes.values()].sort((a, b) => b.count - a.count || a.words.localeCompare(b.words));
}

const causeWords: Record<Run['trigger'], string> = {
  schedule: 'its due time',
  'catch-up': 'a missed due time',
  manual: 'a person',
  start: 'start',
  failure: 'failure',
  exit: 'it ended by itself',
  deploy: 'deployment',
  settings: 'changed settings',
  remote: 'remote command',
};

function endOf(run: Run | undefined): string {
  if (run === undefined) return 'of a run that is not kept';
  if (run.outcome === 'out-of-memory') return 'out of memory';
  if (run.outcome === 'lost') return 'lost';
  if (run.exitSignal !== null) return `signal ${run.exitSignal}`;
  return run.exitCode === null ? (run.outcome ?? 'unknown') : `exit ${run.exitCode}`;
}
