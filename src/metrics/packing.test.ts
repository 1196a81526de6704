import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measureNames } from './core/measures.ts';
import { foldIn, noPoints, type Points } from './core/points.ts';
import { pack, unpack } from './packing.ts';

/** One day of a worker that holds what it holds, give or take some pages. */
function aDay(wobble: (index: number) => number): Points {
  const points = noPoints();
  for (let index = 0; index < 360; index++) {
    const memoryKb = 81_920 + wobble(index);
    const figures = { samples: 1, elapsedMs: 10_000 + (index % 3), memoryKb, memoryKbMax: memoryKb };
    foldIn(points, 177_000_000 + index, { ...figures, cpuMs: 12, cpuMilliMax: 1 });
  }
  return points;
}

test('what was packed comes out as it was', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(2 ** 32)),
      fc.dictionary(fc.constantFrom(...measureNames), fc.nat(2 ** 51)),
      (numbers, bucket) => {
        const points = noPoints();
        numbers.forEach((at, index) => {
          foldIn(points, at, index % 2 === 0 ? bucket : { samples: 1 });
        });
        const back = unpack(pack(points));
        expect(back?.at).toEqual(points.at);
        for (const name of measureNames) {
          const zeros = new Array<number>(points.at.length).fill(0);
          expect(back?.columns[name] ?? zeros).toEqual(points.columns[name] ?? zeros);
        }
      },
    ),
  );
});

test('an hour of a worker at rest takes next to nothing, that of a restless one some bytes a look', () => {
  expect(pack(aDay(() => 0)).length).toBeLessThan(200);
  expect(pack(aDay((index) => (index * 7_919) % 400)).length).toBeLessThan(360 * 6);
});

test('bytes that are spoilt are told from points', () => {
  expect(unpack(Uint8Array.of())).toBeUndefined();
  expect(unpack(Uint8Array.of(9, 1, 2))).toBeUndefined();
  const packed = pack(aDay((index) => index));
  expect(unpack(packed.subarray(0, packed.length - 9))).toBeUndefined();
});
