import { expect, test } from 'vitest';
import { editDistance } from './edit-distance.ts';

test.each([
  ['', '', 0],
  ['', 'abc', 3],
  ['berlin', 'berlin', 0],
  ['berln', 'berlin', 1],
  ['berilns', 'berlin', 2],
  ['ebrlin', 'berlin', 1],
  ['kitten', 'sitting', 3],
])('from "%s" to "%s" it takes %i changes', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});
