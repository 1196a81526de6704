/**
 * Incidents: what somebody should be told of, once when it begins and once when it is over. One is open at most for each
 * kind and job; what happens again meanwhile is counted. Alerts are made from them, in `src/alerts`.
 */
import type { Run } from './run.ts';
import { hasFailed } from './statistics.ts';

export const incidentKinds = [
  /** A run of a cron failed, and is not begun again by itself. */
  'cron-failed',
  /** A due time was missed, or has passed and nobody served it. */
  'cron-missed',
  /** A run began later after its due time than the job allows. */
  'cron-late',
  /** A run takes longer than the job allows. */
  'cron-longer',
  /** A run was over sooner than the job allows. */
  'cron-shorter',
  /** A worker ends soon after each start. */
  'crash-loop',
  /** A run was ended because memory ran out. */
  'out-of-memory',
  /** Memory of an environment's jobs has been in swap for a while. */
  'swap',
  /** An environment's jobs have held nearly all memory of the plan for a while. */
  'plan-full',
  /** A disk that Nightshift or an environment lives on is nearly full. */
  'disk-low',
  /** The scheduler gave no sign of life. */
  'scheduler-silent',
] as const;
export type IncidentKind = (typeof incidentKinds)[number];

export interface Incident {
  readonly id: string;
  /** Null: it is about the whole machine. */
  readonly environment: string | null;
  readonly job: string | null;
  readonly kind: IncidentKind;
  /** Wall times, ms. */
  readonly beganAt: number;
  /** When it was last seen. */
  readonly seenAt: number;
  /** How often it was seen. */
  readonly count: number;
  readonly endedAt: number | null;
  /** A sentence: what is wrong, as it was last seen. */
  readonly reason: string;
  /** A sentence: why it is over. */
  readonly endReason: string | null;
  /** The run that it was last seen at, where there is one. */
  readonly run: string | null;
  readonly dueAt: number | null;
}

/** What is seen to be wrong. */
export interface Sighting {
  readonly environment: string | null;
  readonly job: string | null;
  readonly kind: IncidentKind;
  readonly reason: string;
  readonly run: string | null;
  readonly dueAt: number | null;
}

/** The incident that a sighting begins, or the open one grown by it. */
export function sighted(open: Incident | undefined, sighting: Sighting, now: number, id: string): Incident {
  if (open === undefined)
    return { id, ...sighting, beganAt: now, seenAt: now, count: 1, endedAt: null, endReason: null };
  const { reason, run, dueAt } = sighting;
  return { ...open, reason, run, dueAt, seenAt: now, count: open.count + 1 };
}

/** Ends that may be an incident. Workers that end are begun again; that it happens over and over is seen in their state. */
export const isToBeJudged = ({ kind, outcome }: Pick<Run, 'kind' | 'outcome'>): boolean =>
  (kind === 'cron' && outcome !== null && hasFailed(outcome)) ||
  (kind === 'worker' && outcome === 'out-of-memory');

export const over = (incident: Incident, endReason: string, now: number): Incident => ({
  ...incident,
  endedAt: Math.max(now, incident.beganAt),
  endReason,
});
