/** Handlers of imports and exports. */
import type { Control } from '../control/control.ts';
import { differenceToWire } from '../wire/difference-to-wire.ts';
import type { Handlers } from './handlers.ts';

export const movingHandlers = (control: Control) =>
  ({
    exportJobs: async ({ actor, params, query }) => ({
      text: await control.exportJobs(actor, params.environment, query.format),
    }),
    importJobs: async ({ actor, params, query, body }) => {
      const { dryRun, ...input } = body;
      const told = await control.importJobs(actor, params.environment, input, { ...query, dryRun });
      return {
        ...differenceToWire(told),
        variables: [...told.variables],
        notes: [...told.notes],
        wanted: [...told.wanted],
        optional: [...told.optional],
        proposal: told.proposal,
        refused: told.refused,
        file: told.file,
      };
    },
  }) satisfies Partial<Handlers>;
