/** Whether each due time of each cron began once, in its order, and nothing else did: cheap enough for 40 million of them. */
import { type CompiledSchedule, nextDue } from '../../src/scheduler/schedule.ts';
import { holds } from './invariants.ts';

/** A fingerprint of due times in their order, and one more; due times are whole seconds. */
const withDue = (fingerprint: number, dueAt: number): number =>
  (Math.imul(fingerprint, 0x9e3779b1) + dueAt / 1_000) | 0;

export class DueTally {
  /** By the scheduler's slot: whose it is, and what began there. */
  readonly #keys: string[] = [];
  readonly #fingerprints: Int32Array;

  constructor(crons: number) {
    this.#fingerprints = new Int32Array(crons);
  }

  begun(slot: number, key: string, dueAt: number): void {
    const known = this.#keys[slot];
    if (known === undefined) this.#keys[slot] = key;
    else holds(known === key, 'known-due-time', () => `${key} began in the slot of ${known}`);
    this.#fingerprints[slot] = withDue(this.#fingerprints[slot] as number, dueAt);
  }

  /** Compares with what is due in [from, to), computed cron by cron. Throws a Violation. */
  check(schedules: Iterable<readonly [string, CompiledSchedule]>, from: number, to: number): void {
    const slots = new Map(Object.entries(this.#keys).map(([slot, key]) => [key, Number(slot)]));
    for (const [key, schedule] of schedules) {
      let fingerprint = 0;
      for (let at = nextDue(schedule, from - 1); at !== null && at < to; at = nextDue(schedule, at)) {
        fingerprint = withDue(fingerprint, at);
      }
      const slot = slots.get(key);
      const begun = slot === undefined ? 0 : this.#fingerprints[slot];
      holds(begun === fingerprint, 'accounted-once', () => `${key} began at other times than it was due`);
    }
  }
}
