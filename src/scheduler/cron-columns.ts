/**
 * What a tick reads of each cron that is due, side by side in typed arrays: with 100,000 crons, one that is due lies
 * in no cache, and every object that is followed to it costs more than all that is done with it.
 */
export class CronColumns {
  /** The last due time accounted for, by slot. */
  mark = new Float64Array(64);
  /** Open runs. */
  open = new Int32Array(64);
  maxInstances = new Int32Array(64);
  /** The distance of due times, ms, where that is all there is to know: steady, not held, nothing to leave out. Else 0. */
  steadyMs = new Float64Array(64);
  readonly keys: string[] = [];

  /** Makes room for a slot. */
  reserve(slot: number): void {
    if (slot < this.mark.length) return;
    const length = Math.max(slot + 1, this.mark.length * 2);
    this.mark = grown(this.mark, new Float64Array(length));
    this.open = grown(this.open, new Int32Array(length));
    this.maxInstances = grown(this.maxInstances, new Int32Array(length));
    this.steadyMs = grown(this.steadyMs, new Float64Array(length));
  }
}

function grown<A extends Float64Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
