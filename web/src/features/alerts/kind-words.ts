/** The kinds of incidents in words. */
import type { Incident } from '../../../../src/contract/incident.ts';

export type IncidentKind = Incident['kind'];

/** The compiler says when one is missing. */
const words: Readonly<Record<IncidentKind, string>> = {
  'cron-failed': 'a cron failed',
  'cron-missed': 'a cron did not run when due',
  'cron-late': 'a run began late',
  'cron-longer': 'a run takes too long',
  'cron-shorter': 'a run was over too soon',
  'crash-loop': 'a worker is in a crash loop',
  'out-of-memory': 'memory ran out',
  swap: 'jobs are in swap',
  'plan-full': 'the plan is nearly full',
  'disk-low': 'a disk runs out',
  'scheduler-silent': 'the scheduler is silent',
};

export const wordOf = (kind: IncidentKind): string => words[kind];

/** For a choice of several; those of the machine concern no environment. */
export const kindChoices = (ofMachine: boolean) =>
  (Object.keys(words) as IncidentKind[])
    .filter((kind) => ofMachine || (kind !== 'disk-low' && kind !== 'scheduler-silent'))
    .map((value) => ({ value, label: words[value] }));
