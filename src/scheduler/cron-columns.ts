/**
 * What a tick reads of each cron that is due, in one typed array: with 100,000 crons, one that is due lies in no cache,
 * and each place in memory that is looked at costs more than all that is done with it. A cron's four numbers lie side by
 * side, 32 bytes, so that they are one such place.
 */
const width = 4;
const markAt = 0;
const steadyAt = 1;
const openAt = 2;
const mostAt = 3;

export class CronColumns {
  #numbers = new Float64Array(64 * width);
  readonly keys: string[] = [];

  /** Makes room for a slot. */
  reserve(slot: number): void {
    if (slot * width < this.#numbers.length) return;
    const grown = new Float64Array(Math.max((slot + 1) * width, this.#numbers.length * 2));
    grown.set(this.#numbers);
    this.#numbers = grown;
  }

  /** The last due time accounted for. */
  mark(slot: number): number {
    return this.#numbers[slot * width + markAt] as number;
  }

  setMark(slot: number, dueAt: number): void {
    this.#numbers[slot * width + markAt] = dueAt;
  }

  /** The distance of due times, ms, where that is all there is to know: steady, not held, nothing to leave out. Else 0. */
  steadyMs(slot: number): number {
    return this.#numbers[slot * width + steadyAt] as number;
  }

  setSteadyMs(slot: number, ms: number): void {
    this.#numbers[slot * width + steadyAt] = ms;
  }

  /** Open runs. */
  open(slot: number): number {
    return this.#numbers[slot * width + openAt] as number;
  }

  setOpen(slot: number, runs: number): void {
    this.#numbers[slot * width + openAt] = runs;
  }

  maxInstances(slot: number): number {
    return this.#numbers[slot * width + mostAt] as number;
  }

  setMaxInstances(slot: number, instances: number): void {
    this.#numbers[slot * width + mostAt] = instances;
  }
}
