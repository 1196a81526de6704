import type { Job, Schedule } from '../domain/job.ts';
import { type CompiledSchedule, compileSchedule } from '../scheduler/schedule.ts';
import { StartMap, type Wish } from '../scheduler/spread.ts';
import type { ControlParts } from './parts.ts';

/**
 * Where the crons of the whole machine stand, kept up to date, so that a new one is placed without reading them all.
 * A place is taken in the same step in which it is chosen: two crons added at once never get the same one.
 */
export class Moments {
  readonly #parts: Pick<ControlParts, 'store' | 'clock'>;
  readonly #placed = new Map<string, Map<string, CompiledSchedule>>();
  readonly #starts: StartMap;
  #loading: Promise<void> | null = null;

  constructor(parts: Pick<ControlParts, 'store' | 'clock'>) {
    this.#parts = parts;
    this.#starts = new StartMap(parts.clock.wall());
  }

  /** Reads the crons that there are, once. A failure is the caller's, and the next call tries again. */
  async load(): Promise<void> {
    this.#loading ??= this.#read().catch((error: unknown) => {
      this.#loading = null;
      throw error;
    });
    await this.#loading;
  }

  /** Chooses a moment for a cron as if it had no place yet. Needs {@link load}. */
  choose(environment: string, job: string, wish: Wish): number {
    const before = this.#placed.get(environment)?.get(job);
    if (before === undefined) return this.#starts.choose(wish);
    this.#starts.remove(before);
    try {
      return this.#starts.choose(wish);
    } finally {
      this.#starts.add(before);
    }
  }

  /** This cron stands here now; null: it is gone, or is none. */
  place(environment: string, job: string, schedule: Schedule | null): void {
    const own = this.#placed.get(environment) ?? new Map<string, CompiledSchedule>();
    const before = own.get(job);
    if (before !== undefined) this.#starts.remove(before);
    own.delete(job);
    if (schedule !== null) {
      const compiled = compileSchedule(schedule);
      this.#starts.add(compiled);
      own.set(job, compiled);
    }
    this.#placed.set(environment, own);
  }

  /** All crons of an environment are gone. */
  removeEnvironment(environment: string): void {
    for (const schedule of this.#placed.get(environment)?.values() ?? []) this.#starts.remove(schedule);
    this.#placed.delete(environment);
  }

  async #read(): Promise<void> {
    for (const job of await this.#parts.store.jobs())
      this.place(job.environment, job.name, scheduleOfJob(job));
  }
}

export const scheduleOfJob = (job: Job | undefined): Schedule | null =>
  job?.type === 'cron' ? job.schedule : null;
