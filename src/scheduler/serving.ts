/** What becomes of the due times that have come: begun, skipped or missed. Pure but for the entry it is given. */
import {
  type CronEntry,
  type DueStretch,
  dueAfter,
  dueStretches,
  leaveOutEarlier,
  markLate,
  withoutLast,
} from './cron-entry.ts';

export type SchedulerEffect =
  /** Record the due time and its run, then start it. It counts as open until `run-ended`, also when it could not be started. */
  | {
      readonly kind: 'begin';
      readonly key: string;
      /** Where the cron stands in the scheduler, to be handed back with `run-ended`. */
      readonly slot: number;
      readonly dueAt: number;
      readonly trigger: 'schedule' | 'catch-up';
    }
  /** Record a due time that begins nothing; with `untilDueAt` and `count` a stretch of them, the key being the first. */
  | {
      readonly kind: 'account';
      readonly key: string;
      readonly dueAt: number;
      readonly fate: 'skipped' | 'missed';
      readonly reason: string;
      readonly untilDueAt?: number;
      readonly count?: number;
    }
  /** Send a `tick` then (wall time, ms); it replaces the wake before it. */
  | { readonly kind: 'wake'; readonly at: number };

/** Why due times that come too late were missed, in words; asked only when there are any. */
export type GapReason = () => string;

/** A due time served within this of its moment was not missed: a restart of the daemon takes seconds. Half-open, so that no two of an every-minute cron fit in. */
export const servedLateMs = 60_000;

/** Serves everything of an entry that is due at `now`, and sets when it is to be looked at again. */
export function serve(entry: CronEntry, now: number, gap: GapReason, effects: SchedulerEffect[]): void {
  leaveOutEarlier(entry, now);
  const due = entry.nextAt;
  if (due > now) return;
  const { held } = entry.cron;
  if (due > now - servedLateMs || held !== null) {
    const next = dueAfter(entry, due);
    if (next > now) {
      if (held === null) start(entry, due, 'schedule', effects);
      else skip(entry, due, held.reason, effects);
      entry.nextAt = next;
      return;
    }
  }
  if (held !== null) {
    account(entry, dueStretches(entry, entry.mark, now - servedLateMs), 'skipped', held.reason, effects);
  } else if (!serveMissed(entry, now, gap, effects)) {
    return;
  }
  for (let onTime = dueAfter(entry, entry.mark); onTime <= now; onTime = dueAfter(entry, entry.mark)) {
    if (held === null) start(entry, onTime, 'schedule', effects);
    else skip(entry, onTime, held.reason, effects);
  }
  entry.nextAt = dueAfter(entry, entry.mark);
}

/** Serves what is due before an entry gets other settings; what waits to be caught up goes on waiting, or is missed where it would no longer count. */
export function serveBeforeChange(
  entry: CronEntry,
  since: number,
  now: number,
  gap: GapReason,
  effects: SchedulerEffect[],
): void {
  if (!entry.waiting) {
    serve(entry, now, gap, effects);
  } else if (since - 1 > entry.mark) {
    const reason = 'missed: it was to be caught up when its settings changed';
    account(entry, dueStretches(entry, entry.mark, Math.min(now, since - 1)), 'missed', reason, effects);
  }
}

/** The due times that are too late to be served as if in time. False when some still wait for an instance. */
function serveMissed(entry: CronEntry, now: number, gap: GapReason, effects: SchedulerEffect[]): boolean {
  const lateUntil = now - servedLateMs;
  const oldest = now - entry.cron.catchUpMaxAgeSeconds * 1000;
  if (dueAfter(entry, entry.mark) > lateUntil) return true;
  switch (entry.cron.catchUp) {
    case 'none':
      account(entry, dueStretches(entry, entry.mark, lateUntil), 'missed', gap(), effects);
      return true;
    case 'latest':
      catchUpLatest(entry, now, oldest, gap, effects);
      return true;
    case 'all': {
      const tooOld = dueStretches(entry, entry.mark, Math.min(oldest - 1, lateUntil));
      account(entry, tooOld, 'missed', `${gap()}; too old to be caught up`, effects);
      return catchUpAll(entry, lateUntil, effects);
    }
  }
}

/** Begins the last of the missed ones, unless it is too old or the next is due just now: that is the latest itself. */
function catchUpLatest(
  entry: CronEntry,
  now: number,
  oldest: number,
  gap: GapReason,
  effects: SchedulerEffect[],
): void {
  const missed = dueStretches(entry, entry.mark, now - servedLateMs);
  const last = missed.at(-1)?.last ?? Number.NEGATIVE_INFINITY;
  const servesNow = dueAfter(entry, now - servedLateMs) <= now;
  if (servesNow || last < oldest) {
    const why = servesNow ? 'only the latest is caught up' : 'too old to be caught up';
    account(entry, missed, 'missed', `${gap()}; ${why}`, effects);
  } else {
    account(entry, withoutLast(entry, missed), 'missed', `${gap()}; only the latest is caught up`, effects);
    start(entry, last, 'catch-up', effects);
  }
}

/** Begins the missed ones, oldest first, as far as instances are free: the others wait in line, in front of later due times. */
function catchUpAll(entry: CronEntry, lateUntil: number, effects: SchedulerEffect[]): boolean {
  for (let due = dueAfter(entry, entry.mark); due <= lateUntil; due = dueAfter(entry, entry.mark)) {
    if (entry.open >= entry.cron.maxInstances) {
      entry.waiting = true;
      entry.nextAt = Number.POSITIVE_INFINITY;
      return false;
    }
    start(entry, due, 'catch-up', effects);
  }
  return true;
}

function start(
  entry: CronEntry,
  dueAt: number,
  trigger: 'schedule' | 'catch-up',
  effects: SchedulerEffect[],
): void {
  const { key, maxInstances } = entry.cron;
  if (entry.open >= maxInstances) {
    const reason = overlapReason(entry.open);
    if (trigger === 'schedule') skip(entry, dueAt, reason, effects);
    else account(entry, [{ first: dueAt, last: dueAt, count: 1 }], 'skipped', reason, effects);
    return;
  }
  entry.mark = dueAt;
  entry.open++;
  effects.push({ kind: 'begin', key, slot: entry.slot, dueAt, trigger });
}

function skip(entry: CronEntry, dueAt: number, reason: string, effects: SchedulerEffect[]): void {
  entry.mark = dueAt;
  effects.push({ kind: 'account', key: entry.cron.key, dueAt, fate: 'skipped', reason });
}

/** Tells of due times that were not served in their time. */
function account(
  entry: CronEntry,
  stretches: readonly DueStretch[],
  fate: 'skipped' | 'missed',
  reason: string,
  effects: SchedulerEffect[],
): void {
  for (const { first, last, count } of stretches) {
    const single = { kind: 'account', key: entry.cron.key, dueAt: first, fate, reason } as const;
    effects.push(count === 1 ? single : { ...single, untilDueAt: last, count });
    markLate(entry, first, last);
  }
}

const numbers = 'no one two three four five six seven eight nine ten eleven twelve'.split(' ');

export function overlapReason(open: number): string {
  const words = numbers[open] ?? String(open);
  return open === 1 ? 'skipped: one instance runs' : `skipped: ${words} instances run`;
}
