/**
 * The watch over the scheduler: knows for itself when each cron is due next, hears what was served, and says what has
 * passed and was not. It shares no state with the scheduler, so that one that sleeps, or forgets a cron, is noticed.
 * No clock, no I/O; a look costs one comparison for each cron.
 */
import { correctionMs } from './cron-entry.ts';
import { type CompiledSchedule, nextDue } from './schedule.ts';

export interface Overdue {
  readonly key: string;
  readonly dueAt: number;
}

interface Watched {
  schedule: CompiledSchedule;
  /** The next due time that is to be served; Infinity when none is. */
  next: number;
  /** Monotonic time at which it was first seen to be overdue. */
  overdueSince: number | null;
}

/**
 * A due time is told of when it has been overdue for so long by a clock that nobody sets: a wall clock that jumps makes
 * many overdue at once, and the scheduler notices within 30 s. With a look every 10 s it is told within a minute.
 */
export const patienceMs = 32_000;

export class DueWatch {
  readonly #watched = new Map<string, Watched>();
  #latest = Number.NEGATIVE_INFINITY;

  /** Looks for the due times after this moment (wall time, ms). */
  set(key: string, schedule: CompiledSchedule, after: number): void {
    this.#watched.set(key, { schedule, next: dueAfter(schedule, after), overdueSince: null });
  }

  remove(key: string): void {
    this.#watched.delete(key);
  }

  has(key: string): boolean {
    return this.#watched.has(key);
  }

  /** All due times up to this one are accounted for. */
  served(key: string, dueAt: number): void {
    const watched = this.#watched.get(key);
    if (watched === undefined || dueAt < watched.next) return;
    watched.next = dueAfter(watched.schedule, dueAt);
    watched.overdueSince = null;
  }

  /** What has been overdue for long enough. */
  look(now: number, monotonic: number): Overdue[] {
    if (now < this.#latest - correctionMs) this.#goOnFrom(now);
    this.#latest = Math.max(now, this.#latest);
    const overdue: Overdue[] = [];
    for (const [key, watched] of this.#watched) {
      if (watched.next > now) watched.overdueSince = null;
      else {
        watched.overdueSince ??= monotonic;
        if (monotonic - watched.overdueSince >= patienceMs) overdue.push({ key, dueAt: watched.next });
      }
    }
    return overdue;
  }

  /** The clock was wrong by hours and was set back: due times come again. */
  #goOnFrom(now: number): void {
    this.#latest = now;
    for (const watched of this.#watched.values()) {
      watched.next = Math.min(watched.next, dueAfter(watched.schedule, now));
      watched.overdueSince = null;
    }
  }
}

const dueAfter = (schedule: CompiledSchedule, after: number): number =>
  nextDue(schedule, after) ?? Number.POSITIVE_INFINITY;
