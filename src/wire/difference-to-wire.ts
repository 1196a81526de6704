import type { FileDifference as WireDifference } from '../contract/deployment.ts';
import type { FileDifference } from '../control/file-difference.ts';

/** What applying a file changes, in lists of its own. */
export const differenceToWire = (
  told: FileDifference & { readonly lines: readonly string[] },
): WireDifference => ({
  added: [...told.added],
  changed: told.changed.map((each) => ({ ...each, settings: [...each.settings] })),
  removed: [...told.removed],
  released: [...told.released],
  unchanged: [...told.unchanged],
  plan: told.plan,
  lines: [...told.lines],
});
