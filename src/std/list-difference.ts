/**
 * What became of a list, item by item and by identity: what is in the one before and not in the one after, and the other way
 * round. Costs a comparison for each item where little has changed and the order is kept.
 */
export function listDifference<Item>(
  before: readonly Item[],
  after: readonly Item[],
): { readonly gone: readonly Item[]; readonly fresh: readonly Item[] } {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let [endBefore, endAfter] = [before.length, after.length];
  while (endBefore > start && endAfter > start && before[endBefore - 1] === after[endAfter - 1]) {
    endBefore--;
    endAfter--;
  }
  const gone = new Set(before.slice(start, endBefore));
  const fresh = after.slice(start, endAfter).filter((item) => !gone.delete(item));
  return { gone: [...gone], fresh };
}
