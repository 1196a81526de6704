/** What a person is told in an alert: which job and run, why, its last lines, and where to look. Made for all receivers alike. */
import type { DeliveryPhase } from '../../domain/alert.ts';
import type { Incident, IncidentKind } from '../../domain/incident.ts';
import type { Run } from '../../domain/run.ts';
import { formatDuration } from '../../domain/units.ts';

export interface Notice {
  /** The delivery's, the same with each attempt. */
  readonly id: string;
  readonly phase: Extract<DeliveryPhase, 'begin' | 'over' | 'test'>;
  /** One line: `shop/feed failed: exit code 3`. */
  readonly title: string;
  /** Sentences. */
  readonly facts: readonly string[];
  /** The last lines of the run, oldest first. */
  readonly lines: readonly string[];
  /** To the dashboard; null where its address is not known. */
  readonly link: string | null;
  /** Wall time, ms: when it began, or was over. */
  readonly at: number;
  /** Null for a test. */
  readonly incident: Incident | null;
  readonly run: Run | null;
}

/** The kinds in the words of a title. */
const words: Readonly<Record<IncidentKind, string>> = {
  'cron-failed': 'failed',
  'cron-missed': 'did not run when it was due',
  'cron-late': 'began late',
  'cron-longer': 'runs too long',
  'cron-shorter': 'was over too soon',
  'crash-loop': 'is in a crash loop',
  'out-of-memory': 'ran out of memory',
  swap: 'uses swap',
  'plan-full': 'has nearly filled its plan',
  'disk-low': 'is short of disk space',
  'scheduler-silent': 'may not start its crons',
};

const utc = (wall: number): string => `${new Date(wall).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** `shop/feed`, `shop`, or the machine. */
const subjectOf = ({ environment, job }: Incident): string =>
  environment === null ? 'The machine' : job === null ? environment : `${environment}/${job}`;

export interface NoticeFacts {
  readonly id: string;
  readonly phase: 'begin' | 'over';
  readonly incident: Incident;
  readonly run: Run | null;
  readonly lines: readonly string[];
  /** Where the dashboard is; null where nobody knows. */
  readonly base: string | null;
}

export function noticeOf({ id, phase, incident, run, lines, base }: NoticeFacts): Notice {
  const { kind, reason, endReason, beganAt, endedAt, count } = incident;
  const isOver = phase === 'over';
  const title = isOver
    ? `${subjectOf(incident)} is well again (it ${words[kind]})`
    : `${subjectOf(incident)} ${words[kind]}`;
  const lasted =
    endedAt === null ? null : formatDuration(Math.max(0, Math.round((endedAt - beganAt) / 1000)));
  const facts = isOver
    ? [
        `${sentence(endReason ?? 'it is over')}`,
        `It began ${utc(beganAt)}${lasted === null ? '' : ` and lasted ${lasted}`}${count > 1 ? `, seen ${count} times` : ''}.`,
        sentence(reason),
      ]
    : [sentence(reason), `Since ${utc(beganAt)}${count > 1 ? `, seen ${count} times` : ''}.`];
  return {
    id,
    phase,
    title,
    facts: [...facts, ...(run === null || isOver ? [] : runFacts(run))],
    lines: isOver ? [] : lines,
    link: base === null ? null : linkTo(base, incident),
    at: isOver ? (endedAt ?? beganAt) : beganAt,
    incident,
    run,
  };
}

function runFacts(run: Run): string[] {
  const { id, startedAt, endedAt, commit } = run;
  const length =
    startedAt === null || endedAt === null
      ? ''
      : `, which ran for ${formatDuration(Math.max(0, Math.round((endedAt - startedAt) / 100) / 10))}`;
  return [`It was run ${id}${length}${commit === null ? '' : `, commit ${commit.slice(0, 7)}`}.`];
}

function linkTo(base: string, { environment, job, run }: Incident): string {
  const path =
    environment === null
      ? '/incidents'
      : run !== null
        ? `/environments/${encodeURIComponent(environment)}/runs/${encodeURIComponent(run)}`
        : job !== null
          ? `/environments/${encodeURIComponent(environment)}/jobs/${encodeURIComponent(job)}`
          : `/environments/${encodeURIComponent(environment)}`;
  return `${base.replace(/\/+$/, '')}${path}`;
}

/** Begins with a capital letter and ends with a full stop. */
function sentence(text: string): string {
  const begun = (text[0] ?? '').toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

export const testNotice = (id: string, channel: string, base: string | null, now: number): Notice => ({
  id,
  phase: 'test',
  title: `A test of the alert channel "${channel}"`,
  facts: ['Nothing is wrong: somebody wanted to see whether alerts arrive here.'],
  lines: [],
  link: base,
  at: now,
  incident: null,
  run: null,
});
