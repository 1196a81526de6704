/**
 * The ledger after a clock that was hours ahead has been put right. That clock told of due times that were still to come, often of
 * many in one stretch: missed, because it jumped over them. When they really come they are served, and what was told gives way, except
 * what ran: a due time runs at most once. Which due times a stretch holds only the schedule knows, so this is computed here and not in the
 * store. Pure.
 */
import type { DueTime, LedgerChange } from '../domain/due-time.ts';
import { type CompiledSchedule, countDue, nextDue, previousDue } from './schedule.ts';

const lastOf = (row: DueTime): number => row.untilDueAt ?? row.dueAt;

/** What is left of a row before and after these due times (`from` to `to`, both included); the row itself when they don't meet. */
function without(schedule: CompiledSchedule, row: DueTime, from: number, to: number): DueTime[] {
  const { dueAt } = row;
  const last = lastOf(row);
  if (to < dueAt || last < from) return [row];
  const before = dueAt < from ? previousDue(schedule, dueAt - 1, from - 1) : null;
  const after = last > to ? nextDue(schedule, to) : null;
  return [
    ...(before === null ? [] : [between(schedule, row, dueAt, before)]),
    ...(after === null || after > last ? [] : [between(schedule, row, after, last)]),
  ];
}

function between(schedule: CompiledSchedule, row: DueTime, first: number, last: number): DueTime {
  const { untilDueAt: _until, count: _count, ...single } = row;
  if (first === last) return { ...single, dueAt: first };
  return { ...single, dueAt: first, untilDueAt: last, count: countDue(schedule, first - 1, last) };
}

/**
 * Makes room for the run of a due time that was told of before; null when there is nothing to do: it ran, or nothing is there.
 * @param told the ledger's row at or before that due time
 */
export function roomFor(
  schedule: CompiledSchedule,
  dueAt: number,
  told: DueTime | undefined,
): LedgerChange | null {
  if (told === undefined || told.fate === 'ran' || dueAt < told.dueAt || lastOf(told) < dueAt) return null;
  return { drop: [told], put: without(schedule, told, dueAt, dueAt) };
}

/** What of a row is not in the ledger yet: what was told before stays. */
export function untoldOf(schedule: CompiledSchedule, row: DueTime, told: readonly DueTime[]): DueTime[] {
  return told.reduce(
    (left, each) => left.flatMap((part) => without(schedule, part, each.dueAt, lastOf(each))),
    [row],
  );
}
