import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listDifference } from './list-difference.ts';

test('the difference of two lists is what either has alone, in its order', () => {
  const list = fc.uniqueArray(fc.integer({ min: 0, max: 12 }));
  fc.assert(
    fc.property(list, list, (before, after) => {
      expect(listDifference(before, after)).toEqual({
        gone: before.filter((item) => !after.includes(item)),
        fresh: after.filter((item) => !before.includes(item)),
      });
    }),
  );
});

test('items that only look alike are different ones', () => {
  const [a, b] = [{ name: 'a' }, { name: 'a' }];
  expect(listDifference([a], [b])).toEqual({ gone: [a], fresh: [b] });
  expect(listDifference([a, b], [b])).toEqual({ gone: [a], fresh: [] });
});
