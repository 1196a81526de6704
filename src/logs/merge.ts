/** Merges the lines of many runs by time: those of one run never change places. */
import { SlotHeap } from '../std/heap.ts';
import type { RunReader } from './run-reader.ts';

export class Merge {
  readonly #heap = new SlotHeap();
  readonly #readers: (RunReader | undefined)[] = [];
  readonly #slots = new Map<RunReader, number>();
  readonly #free: number[] = [];

  /** The reader whose line comes next. */
  get first(): RunReader | undefined {
    const slot = this.#heap.top();
    return slot < 0 ? undefined : this.#readers[slot];
  }

  has(reader: RunReader): boolean {
    return this.#slots.has(reader);
  }

  /** Puts a reader that has a line in its place. */
  put(reader: RunReader): void {
    let slot = this.#slots.get(reader);
    if (slot === undefined) {
      slot = this.#free.pop() ?? this.#readers.length;
      this.#readers[slot] = reader;
      this.#slots.set(reader, slot);
    }
    this.#heap.set(slot, reader.time);
  }

  remove(reader: RunReader): void {
    const slot = this.#slots.get(reader);
    if (slot === undefined) return;
    this.#heap.remove(slot);
    this.#slots.delete(reader);
    this.#readers[slot] = undefined;
    this.#free.push(slot);
  }
}
