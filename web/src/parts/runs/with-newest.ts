import type { Run } from '../../../../src/contract/run.ts';

/** Older pages with what was read last of the newest runs: each run once, as it is now, newest first. */
export function withNewest(pages: readonly Run[], newest: readonly Run[]): readonly Run[] {
  const known = new Map(newest.map((run) => [run.id, run]));
  return [...newest, ...pages.filter(({ id }) => !known.has(id))];
}
