/** Merges the lines of many runs by time, those of the same time by run: a binary heap of readers. A run's lines never change places. */
import type { RunReader } from './run-reader.ts';

export class Merge {
  readonly #heap: RunReader[] = [];
  readonly #in = new Set<RunReader>();

  /** The reader whose line comes next. */
  get first(): RunReader | undefined {
    return this.#heap[0];
  }

  has(reader: RunReader): boolean {
    return this.#in.has(reader);
  }

  /** Puts a reader that has a line, and is not in it, in its place. */
  put(reader: RunReader): void {
    this.#in.add(reader);
    let place = this.#heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above] as RunReader;
      if (!comesBefore(reader, parent)) break;
      this.#heap[place] = parent;
      place = above;
    }
    this.#heap[place] = reader;
  }

  /** Takes the first reader out. */
  shift(): void {
    const [first, last] = [this.#heap[0], this.#heap.pop()];
    if (first === undefined || last === undefined) return;
    this.#in.delete(first);
    if (first === last) return;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      const [left, right] = [this.#heap[below], this.#heap[below + 1]];
      if (left === undefined) break;
      const next = right !== undefined && comesBefore(right, left) ? right : left;
      if (next === right) below++;
      if (!comesBefore(next, last)) break;
      this.#heap[place] = next;
      place = below;
    }
    this.#heap[place] = last;
  }
}

/** Is the next line of `a` told before that of `b`? */
export const comesBefore = (a: RunReader, b: RunReader): boolean =>
  a.time < b.time || (a.time === b.time && a.key.run < b.key.run);
