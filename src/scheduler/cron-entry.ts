/**
 * What the scheduler knows of one cron: up to where its due times are accounted for, and what it has begun.
 *
 * `mark` is the last due time accounted for: nothing at or before it is looked at again. Where the clock was set back
 * by hours, the mark goes back as well, and what was served in the time that is now ahead is remembered as
 * stretches (`ahead`): their due times are left out when that time comes.
 */
import type { CatchUp } from '../domain/job.ts';
import type { CronColumns } from './cron-columns.ts';
import { type CompiledSchedule, countDue, nextDue, previousDue } from './schedule.ts';

/** A cron as the scheduler is told of it. Times in ms, wall time. */
export interface ScheduledCron {
  /** `environment/job`. */
  readonly key: string;
  readonly schedule: CompiledSchedule;
  readonly maxInstances: number;
  /** Paused, disabled, not booked: its due times are accounted for as skipped, for this reason. */
  readonly held: { readonly reason: string } | null;
  readonly catchUp: CatchUp;
  readonly catchUpMaxAgeSeconds: number;
  /** The last due time that was accounted for, as the store has it. Read for a cron that is new here; else the scheduler knows better. */
  readonly lastDueAt: number | null;
  /** Due times before it never count: the cron was added, enabled or given another schedule then. */
  readonly since: number;
}

/** Due times from `from` to `to`, both included. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

const nothing: readonly Stretch[] = [];

export class CronEntry {
  /** Its place in the heap and in the columns. */
  readonly slot: number;
  cron: ScheduledCron;
  /** The due times from here to the mark were served in their time: begun, or skipped. What was told of later was not. */
  servedSince: number;
  /** What was served before that, with missed due times between. */
  servedBefore: readonly Stretch[] = nothing;
  /** Served by a clock that was ahead: still to come, and left out then. Oldest first. */
  ahead: readonly Stretch[] = nothing;
  /** Has missed due times to catch up and no instance free: looked at again when a run ends. */
  waiting = false;
  /** The next due time to look at; Infinity when there is none. */
  nextAt: number;
  readonly #columns: CronColumns;

  /**
   * A cron that is new here. A last due time that lies hours ahead is a wrong clock's: then nothing is known of what
   * was served, and the store's key keeps a due time from running twice.
   */
  constructor(slot: number, columns: CronColumns, cron: ScheduledCron, now: number) {
    const since = sinceOf(cron, now) - 1;
    const last = cron.lastDueAt ?? Number.NEGATIVE_INFINITY;
    columns.reserve(slot);
    this.slot = slot;
    this.#columns = columns;
    this.cron = cron;
    this.mark = last > now + correctionMs ? Math.max(since, now - 1) : Math.max(since, last);
    // The last due time itself may have been missed: only the store knows.
    this.servedSince = this.mark + 1;
    this.nextAt = dueAfter(this, this.mark);
  }

  /** The last due time accounted for. */
  get mark(): number {
    return this.#columns.mark(this.slot);
  }

  set mark(dueAt: number) {
    this.#columns.setMark(this.slot, dueAt);
  }

  /** Runs that are open now. */
  get open(): number {
    return this.#columns.open(this.slot);
  }

  set open(runs: number) {
    this.#columns.setOpen(this.slot, runs);
  }
}

/**
 * cron(8): "Clock changes of more than 3 hours are considered to be corrections to the clock". A clock that goes back
 * by less makes crons wait until it is where it was; one that goes back by more makes them go on at once.
 */
export const correctionMs = 3 * 3_600_000;

/** Beyond this, neighbours become one: due times that were missed between them stay missed when a clock is set back. */
const stretchesKept = 64;

/** Gives an entry new settings. What is due by now has been served under the old ones. */
export function resetEntry(entry: CronEntry, cron: ScheduledCron, now: number): void {
  entry.mark = Math.max(entry.mark, sinceOf(cron, now) - 1);
  if (cron.since === entry.cron.since) {
    entry.servedSince = Math.min(entry.servedSince, entry.mark + 1);
  } else {
    // Its due times are others now.
    entry.servedSince = entry.mark + 1;
    entry.servedBefore = nothing;
    entry.ahead = nothing;
  }
  entry.cron = cron;
  entry.waiting = false;
  entry.nextAt = dueAfter(entry, entry.mark);
}

/** A moment that lies hours ahead was set by a clock that was wrong. */
const sinceOf = (cron: ScheduledCron, now: number): number =>
  cron.since > now + correctionMs ? now : cron.since;

/** The clock was set back by hours to `now`: goes on from there, and remembers what was served beyond. */
export function turnBack(entry: CronEntry, now: number): void {
  if (entry.mark >= now) {
    const served = [...entry.servedBefore, { from: entry.servedSince, to: entry.mark }, ...entry.ahead];
    entry.servedBefore = bounded(within(served, Number.NEGATIVE_INFINITY, now - 1));
    entry.ahead = bounded(within(served, now, Number.POSITIVE_INFINITY));
    entry.mark = Math.max(now, sinceOf(entry.cron, now)) - 1;
    entry.servedSince = entry.mark + 1;
  }
  entry.waiting = false;
  entry.nextAt = dueAfter(entry, entry.mark);
}

/** The due times from `first` to `last` were not served in their time: what was served before them stands for itself. */
export function markLate(entry: CronEntry, first: number, last: number): void {
  const passed = entry.ahead.filter((stretch) => stretch.to <= last);
  const served = entry.servedSince < first ? [{ from: entry.servedSince, to: first - 1 }] : nothing;
  entry.servedBefore = bounded([...entry.servedBefore, ...passed, ...served]);
  if (passed.length > 0) entry.ahead = entry.ahead.filter((stretch) => stretch.to > last);
  entry.mark = last;
  entry.servedSince = last + 1;
}

/** Joins the two that lie nearest to each other until there are no more than are kept. */
function bounded(stretches: readonly Stretch[]): readonly Stretch[] {
  const kept = [...stretches];
  while (kept.length > stretchesKept) {
    const gapAfter = (place: number) => (kept[place + 1] as Stretch).from - (kept[place] as Stretch).to;
    let nearest = 0;
    for (let place = 1; place < kept.length - 1; place++)
      if (gapAfter(place) < gapAfter(nearest)) nearest = place;
    const [a, b] = [kept[nearest] as Stretch, kept[nearest + 1] as Stretch];
    kept.splice(nearest, 2, { from: a.from, to: Math.max(a.to, b.to) });
  }
  return kept;
}

/** What of these stretches lies between two instants, both included; oldest first. */
const within = (stretches: readonly Stretch[], first: number, last: number): Stretch[] =>
  stretches
    .map(({ from, to }) => ({ from: Math.max(from, first), to: Math.min(to, last) }))
    .filter(({ from, to }) => from <= to)
    .sort((a, b) => a.from - b.from);

/** Leaves out what was due before the cron counts, once the clock is past that: it may have been far behind. */
export function leaveOutEarlier(entry: CronEntry, now: number): void {
  if (entry.mark >= entry.cron.since - 1 || now < entry.cron.since) return;
  entry.mark = entry.cron.since - 1;
  entry.nextAt = dueAfter(entry, entry.mark);
}

/** The first due time after an instant that was not served yet; Infinity when there is none. */
export function dueAfter(entry: CronEntry, after: number): number {
  let due = nextDue(entry.cron.schedule, after);
  for (const stretch of entry.ahead) {
    if (due === null || due < stretch.from) break;
    if (due <= stretch.to) due = nextDue(entry.cron.schedule, stretch.to);
  }
  return due ?? Number.POSITIVE_INFINITY;
}

/** Consecutive due times that one record can tell: the first, the last, and how many. */
export interface DueStretch {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** All due times in (after, upTo] that were not served yet, in as few stretches as can be: never one by one. */
export function dueStretches(entry: CronEntry, after: number, upTo: number): DueStretch[] {
  const found: DueStretch[] = [];
  let from = after;
  for (const stretch of [...entry.ahead, { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY }]) {
    const to = Math.min(upTo, stretch.from - 1);
    const first = to > from ? nextDue(entry.cron.schedule, from) : null;
    const last = first === null ? null : previousDue(entry.cron.schedule, from, to);
    if (first !== null && last !== null && first <= to)
      found.push({ first, last, count: countDue(entry.cron.schedule, from, to) });
    from = Math.max(from, stretch.to);
    if (from >= upTo) break;
  }
  return found;
}

/** The same due times without the last of them. */
export function withoutLast(entry: CronEntry, stretches: readonly DueStretch[]): DueStretch[] {
  const last = stretches.at(-1);
  if (last === undefined) return [];
  const rest = stretches.slice(0, -1);
  const before = last.count === 1 ? null : previousDue(entry.cron.schedule, last.first - 1, last.last - 1);
  return before === null ? rest : [...rest, { first: last.first, last: before, count: last.count - 1 }];
}

/** The distance of an entry's due times when a tick needs to know no more of it; else 0. */
export function steadyMs(entry: CronEntry): number {
  const { schedule, held, since } = entry.cron;
  const plain = schedule.kind === 'steady' && held === null && !entry.waiting;
  return plain && entry.ahead.length === 0 && entry.mark >= since - 1 ? schedule.periodMs : 0;
}
