import { describe, expect, test, vi } from 'vitest';
import { boundaries, injectedFaults, withBoundaries } from './injected-faults.ts';

describe('injected faults', () => {
  test.each([undefined, '', '  '])('are none without words (%j): nobody is handed a hook', (words) => {
    expect(injectedFaults(words)).toEqual({ boundary: undefined, container: {}, logs: {} });
  });

  test('kill at the boundary that is named, and only when it is passed for that time', () => {
    const kill = vi.fn();
    const { boundary, container } = injectedFaults('kill=exit-seen:2', kill);
    for (const name of boundaries) boundary?.(name);
    expect(kill).not.toHaveBeenCalled();
    container.boundary?.('exit-seen');
    expect(kill).toHaveBeenCalledOnce();
    boundary?.('exit-seen');
    expect(kill).toHaveBeenCalledOnce();
  });

  test('are told to the parts that they concern', () => {
    expect(injectedFaults('deaf oci=/opt/runc segment=65536 pack=2')).toMatchObject({
      container: { watchExits: false, ociRuntimes: ['/opt/runc'] },
      logs: { limits: { logSegmentBytes: 65_536, logPackAfterSeconds: 2 } },
      packEveryMs: 2_000,
    });
  });

  test('kill where packing is, as the log store names it', () => {
    const kill = vi.fn();
    const { logs } = injectedFaults('pack=5 kill=pack-renamed:1', kill);
    logs.packingAt?.('written');
    expect(kill).not.toHaveBeenCalled();
    logs.packingAt?.('renamed');
    expect(kill).toHaveBeenCalledOnce();
  });

  test.each(['kill', 'kill=nowhere:1', 'kill=exit-seen:0', 'oci=runc', 'segment=', 'pack=0', 'hang'])(
    'are refused when they are not understood: %s',
    (words) => {
      expect(() => injectedFaults(words)).toThrow(/NIGHTSHIFT_FAULTS/);
    },
  );

  test('are told of what lies before and after a call, and change nothing about it', async () => {
    const told: string[] = [];
    const store = {
      count: 1,
      async add(by: number) {
        told.push('added');
        this.count += by;
        return this.count;
      },
    };
    const names = { before: { add: 'before' }, after: { add: 'after' } };
    const wrapped = withBoundaries(store, (name) => told.push(name), names);
    expect(await wrapped.add(2)).toBe(3);
    expect(told).toEqual(['before', 'added', 'after']);
    expect(withBoundaries(store, undefined, names)).toBe(store);
  });
});
