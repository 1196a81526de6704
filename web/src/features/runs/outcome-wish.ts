/** Which runs somebody wants to see, by how they ended. */
import type { Run } from '../../../../src/contract/run.ts';

export const outcomeWishes = [
  ['any', 'any outcome'],
  ['running', 'running now'],
  ['bad', 'went wrong'],
  ['ok', 'ok'],
  ['failed', 'failed'],
  ['signalled', 'signalled'],
  ['stopped', 'stopped'],
  ['timed-out', 'timed out'],
  ['out-of-memory', 'out of memory'],
  ['lost', 'lost'],
] as const;
export type OutcomeWish = (typeof outcomeWishes)[number][0];

export const wishOf = (value: unknown): OutcomeWish =>
  outcomeWishes.find(([wish]) => wish === value)?.[0] ?? 'any';

/** `since` and `until` are wall time in ms: when it ended, or began where it has not. */
export function fits(run: Run, wish: OutcomeWish, since?: number, until?: number): boolean {
  const at = Date.parse(run.endedAt ?? run.createdAt);
  if (since !== undefined && at < since) return false;
  if (until !== undefined && at >= until) return false;
  if (wish === 'any') return true;
  if (wish === 'running') return run.outcome === null;
  if (wish === 'bad') return run.outcome !== null && run.outcome !== 'ok' && run.outcome !== 'stopped';
  return run.outcome === wish;
}
