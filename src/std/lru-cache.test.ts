import { expect, test } from 'vitest';
import { LruCache } from './lru-cache.ts';

test('what was not asked for the longest goes first, by weight', () => {
  const cache = new LruCache<string, number>(10, (value) => value);
  cache.set('a', 4);
  cache.set('b', 4);
  expect(cache.get('a')).toBe(4);
  cache.set('c', 5);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([4, undefined, 5]);
});

test('one that alone weighs more is kept until the next one comes, and a new value replaces the old one', () => {
  const cache = new LruCache<string, number>(10, (value) => value);
  cache.set('a', 3);
  cache.set('b', 20);
  expect([cache.get('a'), cache.get('b')]).toEqual([undefined, 20]);
  cache.set('b', 2);
  cache.set('c', 8);
  expect([cache.get('b'), cache.get('c')]).toEqual([2, 8]);
  cache.delete('b');
  cache.delete('never');
  expect(cache.get('b')).toBeUndefined();
});
