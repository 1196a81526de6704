import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SlotHeap } from './heap.ts';

/** The slots of a plain map in the order in which a heap gives them. */
const sorted = (model: ReadonlyMap<number, number>): number[] =>
  [...model].sort(([a, x], [b, y]) => x - y || a - b).map(([slot]) => slot);

describe('a heap of slots', () => {
  test('is empty at first', () => {
    const heap = new SlotHeap();
    expect([heap.size, heap.top(), heap.topPriority(), heap.has(3), heap.priority(3)]).toEqual([
      0,
      -1,
      Number.POSITIVE_INFINITY,
      false,
      Number.POSITIVE_INFINITY,
    ]);
  });

  test('gives its slots in order of priority, then of slot, through all changes', () => {
    const change = fc.tuple(fc.integer({ min: 0, max: 200 }), fc.option(fc.integer({ min: 0, max: 50 })));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 400 }), (changes) => {
        const heap = new SlotHeap();
        const model = new Map<number, number>();
        for (const [slot, priority] of changes) {
          if (priority === null) {
            heap.remove(slot);
            model.delete(slot);
          } else {
            heap.set(slot, priority);
            model.set(slot, priority);
          }
          expect(heap.size).toBe(model.size);
          expect(heap.top()).toBe(sorted(model)[0] ?? -1);
          expect(heap.priority(slot)).toBe(priority ?? Number.POSITIVE_INFINITY);
        }
        expect([...heap.inOrder()]).toEqual(sorted(model));
        expect(heap.size).toBe(model.size);
      }),
    );
  });

  test('an endless priority takes a slot away', () => {
    const heap = new SlotHeap();
    heap.set(5, 1);
    heap.set(5, Number.POSITIVE_INFINITY);
    expect(heap.has(5)).toBe(false);
    expect(heap.size).toBe(0);
  });
});
