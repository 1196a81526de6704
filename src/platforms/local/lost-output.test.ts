import { describe, expect, test } from 'vitest';
import type { Handle } from '../../domain/run.ts';
import { OutputOnFullDisk } from './lost-output.ts';

describe('output on a full disk', () => {
  const printed = new Map<string, number>();
  const handle = (runId: string): Handle => ({ runtime: 'fake', version: 1, runId });
  const printer = (id: string, environment = 'shop') => ({ id, environment, handle: handle(id) });
  const counter = (each: Handle): number | undefined => printed.get(each.runId);

  test('is counted for each environment, from the moment at which the disk was full', () => {
    printed.set('a', 1_000).set('b', 500).set('c', 7);
    const output = new OutputOnFullDisk(counter, [printer('a'), printer('b'), printer('c', 'blog')], 0);
    printed.set('a', 3_048).set('new', 1_024);
    const open = [printer('a'), printer('b'), printer('new'), printer('c', 'blog')];
    expect(output.over(open, 9_000)).toEqual([
      {
        environment: 'shop',
        sentence: 'the disk was full for 9s: missing from the log may be up to 3.0 KB that 2 runs printed',
      },
    ]);
  });

  test('of runs that ended meanwhile is named without a figure', () => {
    printed.set('a', 1_000);
    const output = new OutputOnFullDisk(counter, [printer('a')], 0);
    output.ended(printer('a'));
    expect(output.over([], 61_000)[0]?.sentence).toBe(
      'the disk was full for 1m 1s: missing from the log may be what one run printed last that ended meanwhile',
    );
  });

  test('is no matter when nobody printed, or nobody can count', () => {
    const silent = new OutputOnFullDisk(() => undefined, [printer('x')], 0);
    expect(silent.over([printer('x')], 5_000)).toEqual([]);
  });
});
