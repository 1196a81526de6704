/**
 * Why a job is as it is: what it does now and since when, why, what follows, and what a person can do about it; from what is
 * wished, observed, in the ledger and in the records of its runs. Moments stand beside the sentences, so that whoever reads them
 * can have them on the own clock.
 */
import type { DueTime } from './due-time.ts';
import type { Job } from './job.ts';
import type { ObservedJob } from './observed.ts';
import { planThatHolds } from './out-of-memory.ts';
import type { Plan } from './plan.ts';
import type { Run } from './run.ts';
import { hasFailed } from './statistics.ts';
import { formatPlanSize, formatSize } from './units.ts';
import { type Act, type HistoryLine, historyOf, inWords, lengthOf, sameEnd } from './why-history.ts';

export type { Act, HistoryLine };

export interface WhyFacts {
  readonly now: number;
  readonly job: Job;
  readonly observed: ObservedJob;
  /** Null: none is booked. */
  readonly plan: Plan | null;
  readonly plans: readonly Plan[];
  /** All crons of the environment are held back. */
  readonly paused: boolean;
  /** Newest first, as are due times and acts; some of the past is enough. */
  readonly runs: readonly Run[];
  readonly dueTimes: readonly DueTime[];
  readonly acts: readonly Act[];
  readonly nextDueAt: number | null;
  /** What all jobs of the environment hold now; null where nobody knows. */
  readonly usedBytes: number | null;
}

export interface Why {
  readonly mood: 'good' | 'bad' | 'still';
  /** `Not running`, `Running`, `Its last run failed`. */
  readonly what: string;
  /** It is so since then; of what has happened once, the moment stands in `at`. */
  readonly since: number | null;
  readonly at: number | null;
  readonly because: string | null;
  /** More about it, a sentence each. */
  readonly details: readonly string[];
  readonly next: { readonly text: string; readonly at: number | null } | null;
  /** What helps; a command where there is one. */
  readonly remedies: readonly string[];
  /** The run whose output tells more. */
  readonly run: string | null;
  readonly history: readonly HistoryLine[];
}

type Present = Omit<Why, 'history'>;

const linesMost = 25;

export function whyOf(facts: WhyFacts): Why {
  const { runs, dueTimes, acts, job } = facts;
  const present = job.type === 'worker' ? worker(facts) : cron(facts);
  return { ...present, history: historyOf(runs, dueTimes, acts).slice(0, linesMost) };
}

function worker(facts: WhyFacts): Present {
  const { observed, runs, job } = facts;
  const { state, reason } = observed;
  const last = runs.find((run) => run.endedAt !== null);
  const ofLast = last === undefined ? [] : detailsOf(facts, last);
  switch (state.kind) {
    case 'running': {
      const calm = last === undefined || !isRecent(facts, last) || !failed(last);
      const before = calm ? [] : [`The run before it ended so: ${last.reason}.`, ...ofLast];
      return {
        ...quiet,
        mood: 'good',
        what: 'Running',
        since: state.since,
        details: [...held(facts), ...before],
        remedies: calm ? [] : remediesFor(facts, last),
        run: observed.runs[0] ?? null,
      };
    }
    case 'backing-off':
    case 'crash-loop':
      return {
        mood: 'bad',
        what: state.kind === 'crash-loop' ? 'Not running, in a crash loop' : 'Not running',
        since: last === undefined ? null : notRunningSince(runs),
        at: null,
        because: last?.reason ?? (last?.outcome === 'ok' ? 'it ended by itself with exit code 0' : reason),
        details: ofLast,
        next: { text: 'it is started again', at: state.until },
        remedies: remediesFor(facts, last),
        run: last?.id ?? null,
      };
    case 'starting':
      return { ...quiet, what: 'Starting', since: state.since, details: ofLast, run: last?.id ?? null };
    case 'stopping':
      return {
        ...quiet,
        what: 'Stopping',
        because: reason,
        next: { text: 'what is left of it is killed', at: state.killAt },
        run: observed.runs[0] ?? null,
      };
    case 'waiting':
      return { ...quiet, what: 'Waiting', because: reason };
    default:
      return { ...heldBack(facts), since: last?.endedAt ?? job.createdAt, run: last?.id ?? null };
  }
}

function cron(facts: WhyFacts): Present {
  const { observed, runs, dueTimes, nextDueAt } = facts;
  const { state, reason } = observed;
  const last = runs.find((run) => run.endedAt !== null);
  const next = nextDueAt === null ? null : { text: 'it is due', at: nextDueAt };
  const untold = dueTimes.find(({ fate }) => fate !== 'skipped');
  if (state.kind === 'running') {
    const usual = usualLength(runs);
    const details = usual === null ? [] : [`It usually takes ${inWords(usual)}.`];
    return {
      ...quiet,
      mood: 'good',
      what: 'Running',
      since: state.since,
      details,
      next,
      run: observed.runs[0] ?? null,
    };
  }
  if (state.kind === 'disabled' || state.kind === 'stopped')
    return { ...heldBack(facts), since: last?.endedAt ?? null, run: last?.id ?? null };
  if (untold?.fate === 'missed' && untold.dueAt > (last?.dueAt ?? last?.endedAt ?? 0))
    return {
      ...quiet,
      mood: 'bad',
      what: 'It did not run when it was due',
      at: untold.untilDueAt ?? untold.dueAt,
      because: untold.reason,
      next,
      remedies: [`run it now: ${command(facts, 'job run')}`],
      run: last?.id ?? null,
    };
  if (last === undefined) return { ...quiet, what: 'It has not run yet', because: reason, next };
  if (!failed(last)) {
    const how = last.outcome === 'ok' ? 'Its last run ended well' : 'Its last run was ended';
    const length = lengthOf(last);
    return {
      ...quiet,
      mood: 'good',
      what: how,
      at: last.endedAt,
      because: last.outcome === 'ok' ? null : last.reason,
      details: length === null ? [] : [`It took ${inWords(length)}.`],
      next,
      run: last.id,
    };
  }
  const retry =
    state.kind === 'backing-off' ? { text: `it is tried again (${reason})`, at: state.until } : next;
  return {
    mood: 'bad',
    what: 'Its last run failed',
    since: null,
    at: last.endedAt,
    because: last.reason,
    details: detailsOf(facts, last),
    next: retry,
    remedies: remediesFor(facts, last),
    run: last.id,
  };
}

const quiet: Present = {
  mood: 'still',
  what: '',
  since: null,
  at: null,
  because: null,
  details: [],
  next: null,
  remedies: [],
  run: null,
};

/** Nothing of it is to run: whose doing that is. */
function heldBack(facts: WhyFacts): Present {
  const { job, plan, paused, acts, observed } = facts;
  const what = job.type === 'worker' ? 'Not running' : 'Held back, due times are skipped';
  if (job.status === 'disabled')
    return {
      ...quiet,
      what,
      because: `it is disabled${byWhom(acts, 'stop job')}`,
      remedies: [`enable it: ${command(facts, 'job start')}`],
    };
  if (plan === null)
    return {
      ...quiet,
      what,
      because: 'no plan is booked',
      remedies: [`book one: nightshift book ${job.environment} ${facts.plans[0]?.name ?? 'PLAN'}`],
    };
  if (paused)
    return {
      ...quiet,
      what,
      because: 'the crons of the environment are paused',
      remedies: [`let them go on: nightshift env resume ${job.environment}`],
    };
  if (job.type === 'cron' && job.paused)
    return {
      ...quiet,
      what,
      because: `it is paused${byWhom(acts, 'pause job')}`,
      remedies: [`let it go on: ${command(facts, 'job resume')}`],
    };
  return { ...quiet, what, because: observed.reason };
}

const byWhom = (acts: readonly Act[], act: string): string => {
  const found = acts.find((each) => each.act === act);
  return found === undefined ? '' : `, by ${found.actor}`;
};

const command = ({ job }: WhyFacts, words: string): string =>
  `nightshift ${words} ${job.environment} ${job.name}`;

const failed = (run: Run): boolean => run.outcome !== null && hasFailed(run.outcome);

const weekMs = 7 * 86_400_000;
const dayMs = 86_400_000;
const isRecent = ({ now }: WhyFacts, run: Run): boolean => now - (run.endedAt ?? 0) < dayMs;

/** What the records add to a bad end: how often it came, what went before, and with which code it began. */
function detailsOf(facts: WhyFacts, last: Run): string[] {
  if (!failed(last)) return [];
  const { runs, now, job } = facts;
  const week = runs.filter((run) => run.endedAt !== null && run.endedAt > now - weekMs);
  const alike = week.filter((run) => sameEnd(run, last)).length;
  const ended = runs.filter((run) => run.endedAt !== null);
  const good = ended.find((run) => !failed(run) && run.outcome !== 'stopped');
  const bad = good === undefined ? ended.at(-1) : ended[ended.indexOf(good) - 1];
  const details: string[] = [];
  if (job.type === 'worker' && alike > 1)
    details.push(`It is the ${ordinal(alike)} end like this in 7 days.`);
  if (job.type === 'cron') {
    const fails = week.filter(failed).length;
    if (week.length > 1) details.push(`In 7 days ${fails} of ${week.length} runs failed.`);
    if (good?.endedAt != null && last.endedAt !== null)
      details.push(`The last one that ended well was ${inWords(last.endedAt - good.endedAt)} before it.`);
  }
  if (
    good !== undefined &&
    bad !== undefined &&
    good.commit !== null &&
    bad.commit !== null &&
    good.commit !== bad.commit
  )
    details.push(
      `With the code of commit ${short(good.commit)} it still ended well; it began to fail with ${short(bad.commit)}.`,
    );
  return details;
}

const short = (commit: string): string => commit.slice(0, 7);

const ordinals = [
  'first',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'seventh',
  'eighth',
  'ninth',
  'tenth',
];
function ordinal(count: number): string {
  const word = ordinals[count - 1];
  if (word !== undefined) return word;
  const ending = ['th', 'st', 'nd', 'rd'][count % 10];
  return `${count}${Math.floor(count / 10) % 10 === 1 ? 'th' : (ending ?? 'th')}`;
}

function held({ observed, plan, usedBytes }: WhyFacts): string[] {
  if (observed.memoryBytes === null) return [];
  const others = usedBytes === null ? 0 : Math.max(0, usedBytes - observed.memoryBytes);
  const rest = usedBytes === null ? '' : `, the other jobs ${formatSize(others)}`;
  const limit = plan === null ? '' : `; plan ${plan.name} has ${formatPlanSize(plan.memoryBytes)} for all`;
  return [`It holds ${formatSize(observed.memoryBytes)}${rest}${limit}.`];
}

function remediesFor(facts: WhyFacts, last: Run | undefined): string[] {
  if (last === undefined) return [];
  const { job, plan, plans } = facts;
  const output = `read what it printed: nightshift logs ${job.environment} --run ${last.id}`;
  if (last.outcome !== 'out-of-memory' || plan === null) return [output];
  const larger = planThatHolds(plans, {
    scope: 'environment',
    limitBytes: plan.memoryBytes,
    heldBytes: last.memoryMaxBytes,
    othersBytes: null,
  });
  if (larger === undefined) return ['no plan is larger: let the jobs of the environment use less', output];
  return [
    `book plan ${larger.name} (${formatPlanSize(larger.memoryBytes)}): nightshift book ${job.environment} ${larger.name}`,
    output,
  ];
}

/** A run that is over sooner than this has not been running, for whoever asks since when it is not. */
const briefMs = 10_000;

/** The end of the last run that was one: those that were over at once are part of not running. */
function notRunningSince(runs: readonly Run[]): number | null {
  const ended = runs.filter((run) => run.endedAt !== null);
  const lived = ended.find((run) => (lengthOf(run) ?? 0) >= briefMs);
  return lived?.endedAt ?? ended.at(-1)?.createdAt ?? null;
}

/** The middle of the lengths of runs that ended well. */
function usualLength(runs: readonly Run[]): number | null {
  const lengths = runs
    .filter(({ outcome }) => outcome === 'ok')
    .flatMap((run) => lengthOf(run) ?? [])
    .sort((a, b) => a - b);
  return lengths[Math.floor(lengths.length / 2)] ?? null;
}
