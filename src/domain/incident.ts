/**
 * Incidents: what somebody should be told of, once when it begins and once when it is over. One is open at most for each
 * kind and job; what happens again meanwhile is counted. Whoever sends alerts reads them from here.
 */
export const incidentKinds = [
  /** A due time was missed, or has passed and nobody served it. */
  'cron-missed',
  /** A run began later after its due time than the job allows. */
  'cron-late',
  /** A run takes longer than the job allows. */
  'cron-longer',
  /** A run was over sooner than the job allows. */
  'cron-shorter',
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

export const over = (incident: Incident, endReason: string, now: number): Incident => ({
  ...incident,
  endedAt: Math.max(now, incident.beganAt),
  endReason,
});
