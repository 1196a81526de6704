/**
 * The scheduler: all crons of the machine, and what each moment asks for. No clock, no I/O, no randomness: the driver
 * tells it what happens and carries its effects out. The same events always give the same effects.
 *
 * Each due time of each cron is accounted for exactly once, in its order: by a `begin` or by an `account`.
 * The crons stand in a heap by their next due time, so that a tick costs what is due, whatever else is defined.
 */
import { SlotHeap } from '../std/heap.ts';
import { CronColumns } from './cron-columns.ts';
import {
  CronEntry,
  correctionMs,
  dueAfter,
  resetEntry,
  type ScheduledCron,
  steadyMs,
  turnBack,
} from './cron-entry.ts';
import {
  type GapReason,
  overlapReason,
  type SchedulerEffect,
  serve,
  serveBeforeChange,
  servedLateMs,
} from './serving.ts';

export type { ScheduledCron } from './cron-entry.ts';
export { type SchedulerEffect, servedLateMs } from './serving.ts';

export type SchedulerEvent =
  /** A cron is new or has other settings. Open runs stay counted. */
  | { readonly kind: 'set'; readonly cron: ScheduledCron }
  | { readonly kind: 'removed'; readonly key: string }
  /** A run began without the scheduler: by hand, or it was taken up. */
  | { readonly kind: 'run-began'; readonly key: string }
  /** With the `slot` that its `begin` named, the cron need not be looked for: of 100,000 keys, one that is looked up lies in no cache. */
  | { readonly kind: 'run-ended'; readonly key: string; readonly slot?: number | undefined }
  | { readonly kind: 'tick' }
  /** Once, after everything was set: before it, nothing begins. What was due since `downSince` (wall time, ms; null when unknown) was missed. */
  | { readonly kind: 'taken-up'; readonly downSince: number | null };

export interface Upcoming {
  readonly key: string;
  readonly dueAt: number;
}

export interface Scheduler {
  /** `now` is wall time, ms. An answer without `wake` leaves the wake before it in force. */
  handle(event: SchedulerEvent, now: number): SchedulerEffect[];
  /** When something is to be done next; with a key, when that cron is due next: null while it is held, or when never. */
  next(key?: string): number | null;
  /** The next `count` due times over all crons, or these, soonest first. */
  upcoming(count: number, keys?: Iterable<string>): Upcoming[];
  /** Open runs of a cron. */
  open(key: string): number;
  readonly size: number;
}

/** Crons served by one event: when more are due, the wake that follows is for the rest, so that a driver can breathe. */
export const cronsPerEvent = 4_096;

export const createScheduler = (): Scheduler => new MachineScheduler();

class MachineScheduler implements Scheduler {
  readonly #slots = new Map<string, number>();
  readonly #entries: (CronEntry | undefined)[] = [];
  readonly #columns = new CronColumns();
  readonly #freeSlots: number[] = [];
  readonly #heap = new SlotHeap();
  /** Open runs of keys that are not set (yet, or any more). */
  readonly #strays = new Map<string, number>();
  #takenUp = false;
  /** The latest `now` since the clock was last corrected. */
  #latest = Number.NEGATIVE_INFINITY;
  /** When everything that was due had been served. */
  #servedAt = Number.NEGATIVE_INFINITY;
  /** Why due times are late that are served now; kept until the last of them is. */
  #gap: GapReason | null = null;
  #wakeAt = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#slots.size;
  }

  handle(event: SchedulerEvent, now: number): SchedulerEffect[] {
    const effects: SchedulerEffect[] = [];
    this.#noticeCorrection(now);
    switch (event.kind) {
      case 'set':
        this.#set(event.cron, now, effects);
        break;
      case 'removed':
        this.#remove(event.key);
        break;
      case 'run-began':
        this.#count(event.key, this.#slots.get(event.key), 1);
        break;
      case 'run-ended': {
        const slot = this.#count(event.key, this.#slotOf(event.key, event.slot), -1);
        // One that waits is not in the heap.
        if (slot !== undefined && !this.#heap.has(slot)) this.#serveWaiting(slot, now, effects);
        break;
      }
      case 'taken-up':
        this.#takenUp = true;
        this.#gap = downReason(event.downSince, now);
        this.#serveDue(now, effects);
        break;
      case 'tick':
        this.#serveDue(now, effects);
        break;
    }
    this.#wake(event.kind === 'tick', effects);
    return effects;
  }

  next(key?: string): number | null {
    if (key === undefined) return finite(this.#heap.topPriority());
    const entry = this.#entryOf(key);
    return entry === undefined || entry.cron.held !== null ? null : finite(dueAfter(entry, entry.mark));
  }

  open(key: string): number {
    return this.#entryOf(key)?.open ?? this.#strays.get(key) ?? 0;
  }

  upcoming(count: number, keys?: Iterable<string>): Upcoming[] {
    const found: Upcoming[] = [];
    const front = new SlotHeap();
    const show = (entry: CronEntry | undefined) => {
      if (entry !== undefined && entry.cron.held === null) front.set(entry.slot, dueAfter(entry, entry.mark));
    };
    const others = keys === undefined ? this.#heap.inOrder() : noSlots();
    if (keys !== undefined) for (const key of keys) show(this.#entryOf(key));
    let other = others.next();
    while (found.length < count) {
      // A cron behind the front can't be due before it: no more of the heap is read than is needed.
      while (!other.done && this.#heap.priority(other.value) <= front.topPriority()) {
        show(this.#entries[other.value]);
        other = others.next();
      }
      const entry = this.#entries[front.top()];
      if (entry === undefined) break;
      const dueAt = front.topPriority();
      found.push({ key: entry.cron.key, dueAt });
      front.set(entry.slot, dueAfter(entry, dueAt));
    }
    return found;
  }

  #set(cron: ScheduledCron, now: number, effects: SchedulerEffect[]): void {
    const known = this.#entryOf(cron.key);
    if (known !== undefined) {
      // What has come until now belongs to the settings that it came under.
      known.nextAt = this.#heap.priority(known.slot);
      if (this.#takenUp) serveBeforeChange(known, cron.since, now, this.#gapAt(now), effects);
      resetEntry(known, cron, now);
      this.#place(known);
      return;
    }
    const entry = new CronEntry(this.#freeSlots.pop() ?? this.#entries.length, this.#columns, cron, now);
    entry.open = this.#strays.get(cron.key) ?? 0;
    this.#strays.delete(cron.key);
    this.#slots.set(cron.key, entry.slot);
    this.#entries[entry.slot] = entry;
    this.#place(entry);
  }

  #remove(key: string): void {
    const entry = this.#entryOf(key);
    if (entry === undefined) return;
    if (entry.open > 0) this.#strays.set(key, entry.open);
    this.#heap.remove(entry.slot);
    this.#slots.delete(key);
    this.#entries[entry.slot] = undefined;
    this.#columns.keys[entry.slot] = '';
    this.#freeSlots.push(entry.slot);
  }

  #entryOf(key: string): CronEntry | undefined {
    const slot = this.#slots.get(key);
    return slot === undefined ? undefined : this.#entries[slot];
  }

  /** The slot of a key, which stood in slot `known` before: since then its cron may have been removed, and another one set. */
  #slotOf(key: string, known: number | undefined): number | undefined {
    return known !== undefined && this.#columns.keys[known] === key ? known : this.#slots.get(key);
  }

  /** Counts an open run of the cron in a slot, or of a key that is not set; answers the slot. */
  #count(key: string, slot: number | undefined, change: 1 | -1): number | undefined {
    if (slot !== undefined) {
      this.#columns.setOpen(slot, Math.max(0, this.#columns.open(slot) + change));
      return slot;
    }
    const open = Math.max(0, (this.#strays.get(key) ?? 0) + change);
    if (open === 0) this.#strays.delete(key);
    else this.#strays.set(key, open);
    return undefined;
  }

  #serveWaiting(slot: number, now: number, effects: SchedulerEffect[]): void {
    const entry = this.#entries[slot];
    if (entry === undefined || !entry.waiting || !this.#takenUp) return;
    entry.waiting = false;
    entry.nextAt = dueAfter(entry, entry.mark);
    serve(entry, now, () => 'missed: its earlier due times were still being caught up', effects);
    this.#place(entry);
  }

  #serveDue(now: number, effects: SchedulerEffect[]): void {
    if (!this.#takenUp) return;
    for (let served = 0; this.#heap.topPriority() <= now; served++) {
      if (served === cronsPerEvent) {
        // What is left is late for the same reason.
        this.#gap = this.#gapAt(now);
        return;
      }
      if (this.#serveSteady(now, effects)) continue;
      const entry = this.#entries[this.#heap.top()] as CronEntry;
      entry.nextAt = this.#heap.topPriority();
      serve(entry, now, this.#gapAt(now), effects);
      this.#place(entry);
    }
    this.#gap = null;
    this.#servedAt = now;
  }

  /** The top of the heap, when it is due in its time and of the kind that most crons are. False: it wants a closer look. */
  #serveSteady(now: number, effects: SchedulerEffect[]): boolean {
    const slot = this.#heap.top();
    const dueAt = this.#heap.topPriority();
    const columns = this.#columns;
    const next = dueAt + columns.steadyMs(slot);
    // No interval is shorter than what is late: only one due time can have come.
    if (next === dueAt || dueAt <= now - servedLateMs) return false;
    const key = columns.keys[slot] as string;
    const runs = columns.open(slot);
    if (runs < columns.maxInstances(slot)) {
      columns.setOpen(slot, runs + 1);
      effects.push({ kind: 'begin', key, slot, dueAt, trigger: 'schedule' });
    } else {
      effects.push({ kind: 'account', key, dueAt, fate: 'skipped', reason: overlapReason(runs) });
    }
    columns.setMark(slot, dueAt);
    this.#heap.postponeTop(next);
    return true;
  }

  #gapAt(now: number): GapReason {
    return this.#gap ?? sleptReason(this.#servedAt, now);
  }

  #place(entry: CronEntry): void {
    this.#columns.keys[entry.slot] = entry.cron.key;
    this.#columns.setMaxInstances(entry.slot, entry.cron.maxInstances);
    this.#columns.setSteadyMs(entry.slot, steadyMs(entry));
    this.#heap.set(entry.slot, entry.nextAt);
  }

  /** A clock set back by hours was wrong before: every cron goes on from here. Rare, so all of them are looked at. */
  #noticeCorrection(now: number): void {
    if (now >= this.#latest - correctionMs) {
      if (now > this.#latest) this.#latest = now;
      return;
    }
    this.#latest = now;
    this.#servedAt = now;
    for (const entry of this.#entries) {
      if (entry === undefined) continue;
      turnBack(entry, now);
      this.#place(entry);
    }
  }

  #wake(always: boolean, effects: SchedulerEffect[]): void {
    if (!this.#takenUp) return;
    const at = this.#heap.topPriority();
    if (!always && at === this.#wakeAt) return;
    this.#wakeAt = at;
    if (at !== Number.POSITIVE_INFINITY) effects.push({ kind: 'wake', at });
  }
}

const finite = (at: number): number | null => (at === Number.POSITIVE_INFINITY ? null : at);

function* noSlots(): Generator<number> {
  yield* [];
}

const timeOf = (instant: number): string => `${new Date(instant).toISOString().slice(0, 19)}Z`;

const downReason = (since: number | null, now: number): GapReason => {
  const downFrom = since === null ? null : Math.min(since, now);
  return () =>
    downFrom === null
      ? `missed: Nightshift did not run until ${timeOf(now)}`
      : `missed: the machine was down from ${timeOf(downFrom)} to ${timeOf(now)}`;
};

const sleptReason =
  (since: number, now: number): GapReason =>
  () =>
    `missed: the clock was set forward, or the machine slept, from ${timeOf(since)} to ${timeOf(now)}`;
