/**
 * A binary min-heap of small integers ("slots"), each with a priority that can be changed or taken away.
 * All its state lies in typed arrays: 100,000 slots cost 1.6 MB, and nothing is allocated by a change.
 * Equal priorities leave in the order of their slots, so that the same changes always give the same order.
 */
export class SlotHeap {
  #priority = new Float64Array(64);
  /** Where in `#heap` a slot stands, or -1. */
  #position = new Int32Array(64).fill(-1);
  #heap = new Int32Array(64);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The slot with the least priority, or -1 when empty. */
  top(): number {
    return this.#size === 0 ? -1 : (this.#heap[0] as number);
  }

  /** The least priority, or Infinity when empty. */
  topPriority(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#priority[this.#heap[0] as number] as number);
  }

  has(slot: number): boolean {
    return slot < this.#position.length && this.#position[slot] !== -1;
  }

  /** A slot's priority, or Infinity when it is not in the heap. */
  priority(slot: number): number {
    return this.has(slot) ? (this.#priority[slot] as number) : Number.POSITIVE_INFINITY;
  }

  /** Adds a slot, or moves it to another priority; Infinity takes it away. */
  set(slot: number, priority: number): void {
    if (priority === Number.POSITIVE_INFINITY) {
      this.remove(slot);
      return;
    }
    this.#grow(slot);
    const before = this.#position[slot] as number;
    this.#priority[slot] = priority;
    if (before === -1) this.#up(this.#size++, slot);
    else this.#settle(before, slot);
  }

  remove(slot: number): void {
    if (!this.has(slot)) return;
    const hole = this.#position[slot] as number;
    this.#position[slot] = -1;
    const last = this.#heap[--this.#size] as number;
    if (last !== slot) this.#settle(hole, last);
  }

  /** The slots in order of priority, best first, without changing the heap: only as much of it is read as is taken. */
  *inOrder(): Generator<number> {
    if (this.#size === 0) return;
    const frontier = new SlotHeap();
    const show = (place: number) => {
      const slot = this.#heap[place] as number;
      if (place < this.#size) frontier.set(slot, this.#priority[slot] as number);
    };
    show(0);
    while (frontier.size > 0) {
      const slot = frontier.top();
      frontier.remove(slot);
      yield slot;
      const place = this.#position[slot] as number;
      show(2 * place + 1);
      show(2 * place + 2);
    }
  }

  #settle(place: number, slot: number): void {
    if (place > 0 && this.#before(slot, this.#heap[(place - 1) >> 1] as number)) this.#up(place, slot);
    else this.#down(place, slot);
  }

  #before(a: number, b: number): boolean {
    const first = this.#priority[a] as number;
    const second = this.#priority[b] as number;
    return first < second || (first === second && a < b);
  }

  #up(from: number, slot: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above] as number;
      if (!this.#before(slot, parent)) break;
      this.#heap[place] = parent;
      this.#position[parent] = place;
      place = above;
    }
    this.#heap[place] = slot;
    this.#position[slot] = place;
  }

  #down(from: number, slot: number): void {
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= this.#size) break;
      const right = below + 1;
      if (right < this.#size && this.#before(this.#heap[right] as number, this.#heap[below] as number))
        below = right;
      const child = this.#heap[below] as number;
      if (!this.#before(child, slot)) break;
      this.#heap[place] = child;
      this.#position[child] = place;
      place = below;
    }
    this.#heap[place] = slot;
    this.#position[slot] = place;
  }

  #grow(slot: number): void {
    if (slot < this.#position.length) return;
    const length = Math.max(slot + 1, this.#position.length * 2);
    const priority = new Float64Array(length);
    priority.set(this.#priority);
    const position = new Int32Array(length).fill(-1);
    position.set(this.#position);
    const heap = new Int32Array(length);
    heap.set(this.#heap);
    this.#priority = priority;
    this.#position = position;
    this.#heap = heap;
  }
}
