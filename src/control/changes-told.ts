/** What is told to those who follow changes: facts, each whole in itself, so that hearing one twice does no harm. */
import type { DueTime } from '../domain/due-time.ts';
import type { Incident } from '../domain/incident.ts';
import type { Job } from '../domain/job.ts';
import type { ObservedJob } from '../domain/observed.ts';
import type { Run } from '../domain/run.ts';
import type { Statistics } from '../domain/statistics.ts';
import type { Deployment, KeptActivity } from '../store/store.ts';

export type Told =
  | { readonly kind: 'job'; readonly observed: ObservedJob }
  | {
      readonly kind: 'definition';
      readonly environment: string;
      readonly job: string;
      readonly change: 'added' | 'changed' | 'removed';
      /** Of the job after the change; null when it is gone. */
      readonly version: number | null;
    }
  | { readonly kind: 'statistics'; readonly jobType: Job['type']; readonly statistics: Statistics }
  | { readonly kind: 'statistics-reset'; readonly environment: string; readonly since: number }
  | { readonly kind: 'run-began' | 'run-started' | 'run-ended'; readonly run: Run }
  | { readonly kind: 'due-time'; readonly dueTime: DueTime }
  | { readonly kind: 'deployment'; readonly deployment: Deployment }
  | {
      readonly kind: 'environment';
      readonly environment: string;
      readonly change: 'created' | 'changed' | 'removed';
    }
  | { readonly kind: 'incident'; readonly incident: Incident }
  | { readonly kind: 'activity'; readonly entry: KeptActivity };

/** Whose it is; null: the machine's, for operators. */
export function environmentOf(told: Told): string | null {
  switch (told.kind) {
    case 'job':
      return told.observed.environment;
    case 'definition':
    case 'statistics-reset':
    case 'environment':
      return told.environment;
    case 'statistics':
      return told.statistics.environment;
    case 'run-began':
    case 'run-started':
    case 'run-ended':
      return told.run.environment;
    case 'due-time':
      return told.dueTime.environment;
    case 'deployment':
      return told.deployment.environment;
    case 'incident':
      return told.incident.environment;
    case 'activity':
      return told.entry.environment;
  }
}
