import type { ApiEvent } from '../contract/events.ts';
import type { Told, ToldEvent } from '../control/control.ts';
import {
  activityToWire,
  deploymentToWire,
  dueTimeToWire,
  figuresOf,
  incidentToWire,
  observedOf,
  runToWire,
  toTime,
} from './to-wire.ts';

type Named = ApiEvent extends infer Event
  ? Event extends { readonly event: string; readonly data: unknown }
    ? Pick<Event, 'event' | 'data'>
    : never
  : never;

export const eventToWire = ({ id, told }: ToldEvent): ApiEvent => ({ id, ...named(told) }) as ApiEvent;

function named(told: Told): Named {
  switch (told.kind) {
    case 'job': {
      const { environment, job, state, runs } = told.observed;
      return {
        event: 'job',
        data: {
          environment,
          job,
          ...observedOf(told.observed),
          openRuns: [...runs],
          ...(state.kind === 'scheduled' ? { nextDueAt: toTime(state.nextDueAt) } : {}),
        },
      };
    }
    case 'definition': {
      const { environment, job, change, version } = told;
      return { event: 'definition', data: { environment, job, change, version } };
    }
    case 'statistics': {
      const { environment, job } = told.statistics;
      return {
        event: 'statistics',
        data: { environment, job, ...figuresOf(told.jobType, told.statistics) },
      };
    }
    case 'statistics-reset':
      return {
        event: 'statistics-reset',
        data: { environment: told.environment, statisticsSince: toTime(told.since) },
      };
    case 'run-began':
    case 'run-started':
    case 'run-ended':
      return { event: told.kind, data: runToWire(told.run) };
    case 'due-time':
      return {
        event: 'due-time',
        data: { environment: told.dueTime.environment, ...dueTimeToWire(told.dueTime) },
      };
    case 'deployment':
      return { event: 'deployment', data: deploymentToWire(told.deployment) };
    case 'environment':
      return { event: 'environment', data: { environment: told.environment, change: told.change } };
    case 'incident':
      return { event: 'incident', data: incidentToWire(told.incident) };
    case 'activity':
      return { event: 'activity', data: activityToWire(told.entry) };
  }
}
