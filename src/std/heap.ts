/**
 * A min-heap of small integers ("slots"), each with a priority that can be changed or taken away.
 * All its state lies in typed arrays: 100,000 slots cost 2 MB, and nothing is allocated by a change. Every node has four
 * children, whose priorities lie side by side: half the levels of a binary heap, and one cache line for each.
 * Equal priorities leave in the order of their slots, so that the same changes always give the same order.
 */
export class SlotHeap {
  /** Priorities and slots by place: the children of place p are 4p + 1 … 4p + 4. */
  #priorities = new Float64Array(64);
  #slots = new Int32Array(64);
  /** The place of each slot, or -1. */
  #places = new Int32Array(64).fill(-1);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The slot with the least priority, or -1 when empty. */
  top(): number {
    return this.#size === 0 ? -1 : (this.#slots[0] as number);
  }

  /** The least priority, or Infinity when empty. */
  topPriority(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#priorities[0] as number);
  }

  has(slot: number): boolean {
    return slot < this.#places.length && this.#places[slot] !== -1;
  }

  /** A slot's priority, or Infinity when it is not in the heap. */
  priority(slot: number): number {
    return this.has(slot)
      ? (this.#priorities[this.#places[slot] as number] as number)
      : Number.POSITIVE_INFINITY;
  }

  /** Adds a slot, or moves it to another priority; Infinity takes it away. */
  set(slot: number, priority: number): void {
    if (priority === Number.POSITIVE_INFINITY) {
      this.remove(slot);
      return;
    }
    this.#grow(slot);
    const place = this.#places[slot] as number;
    if (place === -1) this.#up(this.#size++, slot, priority);
    else this.#settle(place, slot, priority);
  }

  /** Gives the top another priority, which is not less. */
  postponeTop(priority: number): void {
    this.#down(0, this.#slots[0] as number, priority);
  }

  remove(slot: number): void {
    if (!this.has(slot)) return;
    const hole = this.#places[slot] as number;
    this.#places[slot] = -1;
    const last = --this.#size;
    if (hole !== last) this.#settle(hole, this.#slots[last] as number, this.#priorities[last] as number);
  }

  /** The slots in order of priority, best first, without changing the heap: only as much of it is read as is taken. */
  *inOrder(): Generator<number> {
    if (this.#size === 0) return;
    const frontier = new SlotHeap();
    frontier.set(this.#slots[0] as number, this.#priorities[0] as number);
    while (frontier.size > 0) {
      const slot = frontier.top();
      frontier.remove(slot);
      yield slot;
      const first = 4 * (this.#places[slot] as number) + 1;
      for (let place = first; place < Math.min(first + 4, this.#size); place++)
        frontier.set(this.#slots[place] as number, this.#priorities[place] as number);
    }
  }

  #settle(place: number, slot: number, priority: number): void {
    const above = (place - 1) >> 2;
    if (place > 0 && this.#isBefore(slot, priority, above)) this.#up(place, slot, priority);
    else this.#down(place, slot, priority);
  }

  /** Whether a slot of this priority stands before what is at a place. */
  #isBefore(slot: number, priority: number, place: number): boolean {
    const other = this.#priorities[place] as number;
    return priority < other || (priority === other && slot < (this.#slots[place] as number));
  }

  #up(from: number, slot: number, priority: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 2;
      if (!this.#isBefore(slot, priority, above)) break;
      this.#move(above, place);
      place = above;
    }
    this.#put(place, slot, priority);
  }

  #down(from: number, slot: number, priority: number): void {
    const priorities = this.#priorities;
    const slots = this.#slots;
    const size = this.#size;
    let place = from;
    for (;;) {
      const first = 4 * place + 1;
      if (first >= size) break;
      const end = Math.min(first + 4, size);
      let best = first;
      let bestPriority = priorities[first] as number;
      for (let child = first + 1; child < end; child++) {
        const other = priorities[child] as number;
        if (
          other < bestPriority ||
          (other === bestPriority && (slots[child] as number) < (slots[best] as number))
        ) {
          best = child;
          bestPriority = other;
        }
      }
      if (this.#isBefore(slot, priority, best)) break;
      this.#move(best, place);
      place = best;
    }
    this.#put(place, slot, priority);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#slots[from] as number, this.#priorities[from] as number);
  }

  #put(place: number, slot: number, priority: number): void {
    this.#slots[place] = slot;
    this.#priorities[place] = priority;
    this.#places[slot] = place;
  }

  #grow(slot: number): void {
    if (slot < this.#places.length) return;
    const length = Math.max(slot + 1, this.#places.length * 2);
    const priorities = new Float64Array(length);
    priorities.set(this.#priorities);
    const slots = new Int32Array(length);
    slots.set(this.#slots);
    const places = new Int32Array(length).fill(-1);
    places.set(this.#places);
    this.#priorities = priorities;
    this.#slots = slots;
    this.#places = places;
  }
}
