import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Drop, planAged as planAgedOf, planExcess as planExcessOf, shareOut } from './drop-plan.ts';
import type { RunFiles } from './layout.ts';

const nobody = (): boolean => false;

/** A run whose segments have these sizes and were written at these moments. */
const runOf = (run: string, segments: readonly (readonly [bytes: number, modified: number])[]): RunFiles => ({
  key: { environment: 'demo', job: 'a', run },
  folder: 'demo/a',
  dropped: null,
  modified: segments.at(-1)?.[1] ?? 0,
  segments: segments.map(([bytes, modified], index) => ({
    number: index + 1,
    bytes,
    inode: 0,
    modified,
    rotated: index < segments.length - 1,
  })),
});

type Live = (run: string) => boolean;
const planAged = (runs: readonly RunFiles[], live: Live, before: number) =>
  planAgedOf({ runs, packs: [] }, live, before).runs;
const planExcess = (runs: readonly RunFiles[], live: Live, budget: number) =>
  planExcessOf({ runs, packs: [] }, live, budget).runs;

const gone = (drops: readonly Drop[]) =>
  drops.map(({ run, segments, whole }) => [run.key.run, segments.length, whole]);
const sum = (numbers: Iterable<number>): number => [...numbers].reduce((all, each) => all + each, 0);

describe('sharing out', () => {
  test('leaves those alone who take less than their share', () => {
    const sizes = new Map([
      ['flood', 1000],
      ['quiet', 10],
      ['middle', 50],
    ]);
    expect(shareOut(sizes, 200)).toEqual(
      new Map([
        ['quiet', 10],
        ['middle', 50],
        ['flood', 140],
      ]),
    );
  });

  test('never gives more than there is, nor anybody more than it has, and only takes from the largest', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1 }), fc.nat(20_000), (bytes, limit) => {
        const sizes = new Map(bytes.map((each, index) => [`${index}`, each]));
        const shares = shareOut(sizes, limit);
        expect(sum(shares.values())).toBeLessThanOrEqual(limit);
        const cutTo = Math.min(
          ...[...shares].filter(([job, share]) => share < (sizes.get(job) ?? 0)).map(([, share]) => share),
        );
        for (const [job, share] of shares) {
          expect(share).toBeLessThanOrEqual(sizes.get(job) ?? 0);
          // Whoever keeps all it has, has no more than the one who is cut most gently plus the rounding.
          if (share === sizes.get(job) && Number.isFinite(cutTo))
            expect(share).toBeLessThanOrEqual(cutTo + bytes.length);
        }
      }),
    );
  });
});

describe('what goes for its size', () => {
  test('is nothing while there is room', () => {
    expect(planExcess([runOf('1', [[50, 1]])], nobody, 50)).toEqual([]);
  });

  test('is the oldest first', () => {
    const runs = [runOf('1', [[30, 1]]), runOf('2', [[30, 2]]), runOf('3', [[30, 3]])];
    expect(gone(planExcess(runs, nobody, 65))).toEqual([['1', 1, true]]);
    expect(gone(planExcess(runs, nobody, 30))).toEqual([
      ['1', 1, true],
      ['2', 1, true],
    ]);
  });

  test('is the output of a run that floods before that of older ones', () => {
    const flood = runOf('9', [
      [40, 10],
      [40, 11],
      [40, 12],
    ]);
    const old = runOf('1', [[10, 1]]);
    expect(gone(planExcess([old, flood], nobody, 100))).toEqual([['9', 1, false]]);
  });

  test('is never what is being written', () => {
    const live = runOf('1', [
      [40, 1],
      [40, 2],
    ]);
    expect(gone(planExcess([live], () => true, 10))).toEqual([['1', 1, false]]);
    expect(gone(planExcess([live], nobody, 10))).toEqual([['1', 2, true]]);
  });

  test('is enough wherever that is possible, and always the first segments of a run', () => {
    const segments = fc.array(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.nat(1000)), {
      minLength: 1,
      maxLength: 5,
    });
    const runs = fc.array(fc.record({ segments, live: fc.boolean() }), { maxLength: 8 });
    fc.assert(
      fc.property(runs, fc.nat(1000), (given, budget) => {
        const files = given.map(({ segments: of }, index) =>
          runOf(
            `${index}`,
            [...of].sort((a, b) => a[1] - b[1]),
          ),
        );
        const live = (run: string): boolean => given[Number(run)]?.live === true;
        const drops = planExcess(files, live, budget);
        const all = sum(files.flatMap((run) => run.segments.map(({ bytes }) => bytes)));
        const may = sum(
          files.flatMap((run) =>
            (live(run.key.run) ? run.segments.slice(0, -1) : run.segments).map(({ bytes }) => bytes),
          ),
        );
        const went = sum(drops.flatMap((drop) => drop.segments.map(({ bytes }) => bytes)));
        expect(went).toBeGreaterThanOrEqual(Math.min(all - budget, may));
        for (const { run, segments: first } of drops)
          expect(first).toEqual(run.segments.slice(0, first.length));
      }),
    );
  });
});

test('what goes for its age is what was last written before the moment, but not what is being written', () => {
  const runs = [
    runOf('1', [[1, 10]]),
    runOf('2', [
      [1, 10],
      [1, 30],
    ]),
    runOf('3', [
      [1, 10],
      [1, 11],
    ]),
  ];
  expect(gone(planAged(runs, (run) => run === '3', 20))).toEqual([
    ['1', 1, true],
    ['2', 1, false],
    ['3', 1, false],
  ]);
});
