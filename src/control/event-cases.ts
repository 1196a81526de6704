/** What changes, for those who follow it. */
import type { PlatformEvent } from '../platforms/platform.ts';
import type { Control } from './control.ts';
import type { EventHub } from './event-hub.ts';
import type { Tools } from './tools.ts';

export function eventCases({
  changes,
  events,
}: Pick<Tools, 'changes' | 'events'>): Pick<Control, 'lastEventId' | 'events'> {
  return {
    lastEventId: () => events.lastId,
    async *events(actor, query, signal) {
      if (query.environment !== undefined) await changes.known(actor, query.environment);
      yield* events.follow(actor, query, signal);
    },
  };
}

/** Tells what the platform reports; of a run that has ended also what its job's figures are now. */
export function tellPlatformEvents(
  {
    parts,
    events,
  }: { readonly parts: Pick<Tools['parts'], 'store' | 'onTrouble'>; readonly events: EventHub },
  event: PlatformEvent,
): void {
  switch (event.kind) {
    case 'job-changed':
      events.tell({ kind: 'job', observed: event.observed });
      return;
    case 'run-began':
    case 'run-started':
      events.tell({ kind: event.kind, run: event.run });
      return;
    case 'run-ended': {
      const { run } = event;
      events.tell({ kind: 'run-ended', run });
      if (run.job !== null && run.kind !== 'remote') {
        const { environment, job, kind } = run;
        parts.store.statistics(environment, job).then(
          ([statistics]) => {
            if (statistics !== undefined) events.tell({ kind: 'statistics', jobType: kind, statistics });
          },
          (error: unknown) => parts.onTrouble(environment, `the figures of "${job}" can't be told: ${error}`),
        );
      }
      return;
    }
    case 'due-time':
      events.tell({ kind: 'due-time', dueTime: event.dueTime });
      return;
    case 'trouble':
      return;
  }
}
