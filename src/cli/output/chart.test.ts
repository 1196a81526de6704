import { describe, expect, test } from 'vitest';
import { chartLines, fitted } from './chart.ts';

describe('a chart in the terminal', () => {
  test('fills columns of dots from the bottom', () => {
    expect(chartLines([0, 1, 2, 3, 4, 4], { width: 3, height: 1, top: 4 })).toEqual(['⢀⣴⣿']);
    expect(chartLines([8, 4], { width: 1, height: 2, top: 8 })).toEqual(['⡇', '⣿']);
  });

  test('leaves a gap blank, and shows little as a dot where nothing is none', () => {
    expect(chartLines([4, 4, null, null, 4, 4], { width: 3, height: 1, top: 4 })).toEqual(['⣿ ⣿']);
    expect(chartLines([0.001, 0], { width: 1, height: 1, top: 4 })).toEqual(['⡀']);
    expect(chartLines([0, 0], { width: 1, height: 1, top: 0 })).toEqual(['']);
  });

  test('has in a column the peak or the sum of its points, and nothing where all are gaps', () => {
    expect(fitted([1, 3, null, 2, null, null], 3, 'peak')).toEqual([3, 2, null]);
    expect(fitted([1, 3, null, 2, null, null], 3, 'sum')).toEqual([4, 2, null]);
    expect(fitted([5, null], 4, 'peak')).toEqual([5, 5, null, null]);
    expect(fitted([], 2, 'peak')).toEqual([null, null]);
  });
});
