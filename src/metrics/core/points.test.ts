import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bucket, measureNames, measures, together } from './measures.ts';
import { between, bucketAt, foldIn, joined, noPoints, type Points, rolledUp, sumOf } from './points.ts';

const aBucket: fc.Arbitrary<Bucket> = fc
  .dictionary(fc.constantFrom(...measureNames), fc.nat(2 ** 40), { maxKeys: 5 })
  .map((bucket) => ({ samples: 1, ...bucket }));

const looks = fc.array(fc.tuple(fc.nat(2_000), aBucket), { maxLength: 60 });

const pointsOf = (all: readonly (readonly [number, Bucket])[]): Points => {
  const points = noPoints();
  for (const [at, bucket] of all) foldIn(points, at, bucket);
  return points;
};

/** All buckets by number, without zeros. */
const asMap = (points: Points): Map<number, Bucket> =>
  new Map(points.at.map((at, index) => [at, bucketAt(points, index)]));

describe('points', () => {
  test('hold for each bucket the sum or the maximum of what was folded in, in whatever order it came', () => {
    fc.assert(
      fc.property(looks, (all) => {
        const model = new Map<number, Bucket>();
        for (const [at, bucket] of all) model.set(at, together(model.get(at) ?? {}, bucket));
        const points = pointsOf(all);
        expect(asMap(points)).toEqual(model);
        expect(points.at).toEqual([...model.keys()].sort((a, b) => a - b));
        expect(asMap(pointsOf([...all].reverse()))).toEqual(model);
      }),
    );
  });

  test('rolled up are the sum or the maximum of their samples at every level, whichever steps lie between', () => {
    fc.assert(
      fc.property(looks, (all) => {
        const points = pointsOf(all);
        const minutes = rolledUp(points, 6);
        for (const [at, bucket] of asMap(minutes)) {
          for (const name of measureNames) {
            const own = all
              .filter(([each]) => Math.floor(each / 6) === at)
              .map(([, each]) => each[name] ?? 0);
            const whole =
              measures[name] === 'sum' ? own.reduce((sum, each) => sum + each, 0) : Math.max(...own);
            expect(bucket[name] ?? 0).toBe(whole);
          }
        }
        expect(asMap(rolledUp(rolledUp(minutes, 10), 6))).toEqual(asMap(rolledUp(points, 360)));
      }),
    );
  });

  test('keep a gap a gap', () => {
    const points = pointsOf([
      [1, { samples: 1 }],
      [60, { samples: 1 }],
    ]);
    expect(rolledUp(points, 6).at).toEqual([0, 10]);
  });

  test('are cut where they are asked to be', () => {
    fc.assert(
      fc.property(looks, fc.nat(2_000), fc.nat(2_000), (all, from, length) => {
        const cut = between(pointsOf(all), from, from + length);
        const model = [...asMap(pointsOf(all))].filter(([at]) => at >= from && at < from + length);
        expect([...asMap(cut)]).toEqual(model);
      }),
    );
  });

  test('are joined so that the later ones stand in place of the earlier', () => {
    fc.assert(
      fc.property(looks, looks, (a, b) => {
        const [earlier, later] = [pointsOf(a), pointsOf(b)];
        const both = joined(earlier, later);
        expect(asMap(both)).toEqual(new Map([...asMap(earlier), ...asMap(later)]));
        expect(both.at).toEqual([...new Set([...earlier.at, ...later.at])].sort((x, y) => x - y));
      }),
    );
  });

  test('sum up to one bucket', () => {
    fc.assert(
      fc.property(looks, (all) => {
        const whole = all.map(([, bucket]) => bucket).reduce(together, {});
        expect(sumOf(pointsOf(all))).toEqual(whole);
      }),
    );
  });
});
