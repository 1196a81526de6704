import { expect, test } from 'vitest';
import { pathOf } from './spark-line.tsx';

test('a gap is a gap: the line begins anew behind it', () => {
  expect(pathOf([0, 1, null, 1, 0])?.match(/M/g)).toHaveLength(2);
});

test('fewer than two values are no line', () => {
  expect(pathOf([])).toBe('');
  expect(pathOf([null, 5, null])).toBe('');
});

test('the scale ends at the limit', () => {
  expect(pathOf([0, 200], 100)).toBe('M0.0 17.0L64.0 1.0');
});
