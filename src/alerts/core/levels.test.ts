import { describe, expect, test } from 'vitest';
import { calm, diskReading, diskSentence, lastsMs, levelStep, planReading, swapReading } from './levels.ts';

const minute = 60_000;
const gigabyte = 1024 ** 3;

describe('a level', () => {
  test('begins when it has been high for five minutes, and is over when it has been low for as long', () => {
    let state = calm;
    const said: [number, string][] = [];
    const readings = [...'hhhhh', 'l', ...'hhhhhhh', ...'bbbbbb', ...'lllll', 'b', ...'lllllll'];
    for (const [index, letter] of readings.entries()) {
      const reading = letter === 'h' ? 'high' : letter === 'l' ? 'low' : 'between';
      const step = levelStep(state, reading, index * minute);
      state = step.state;
      if (step.verdict !== null) said.push([index, step.verdict]);
    }
    // Minutes 6 to 11 high without a break; 25 to 30 low without one.
    expect(said).toEqual([
      [11, 'begins'],
      [30, 'over'],
    ]);
    expect(lastsMs).toBe(5 * minute);
  });
});

test('nine tenths of the plan are nearly full, and a twentieth of it in swap is much', () => {
  expect([900, 899, 800, 799].map((used) => planReading(used, 1_000))).toEqual([
    'high',
    'between',
    'between',
    'low',
  ]);
  expect([50, 49, 25, 24].map((swap) => swapReading(swap, 1_000))).toEqual([
    'high',
    'between',
    'between',
    'low',
  ]);
});

test('a disk is low by its size, a large one by what is left', () => {
  const disk = (free: number, total: number) =>
    diskReading({ freeBytes: free * gigabyte, totalBytes: total * gigabyte });
  expect([disk(0.9, 20), disk(1.1, 20), disk(1.41, 20)]).toEqual(['high', 'between', 'low']);
  expect([disk(9, 4_000), disk(11, 4_000), disk(12, 4_000)]).toEqual(['high', 'between', 'low']);
  expect(diskSentence([{ path: '/srv', freeBytes: gigabyte / 2, totalBytes: 20 * gigabyte }])).toBe(
    'the disk of /srv has 512.0 MB of 20.0 GB left',
  );
});
