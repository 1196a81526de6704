import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/testkit/fake-clock.ts';
import { record } from './cri-writer.testkit.ts';
import { LogScene } from './log-scene.testkit.ts';
import type { LogQuery, ToldEntry } from './log-store.ts';
import { blockOf } from './pack-reader.ts';
import { entriesWithout } from './pack-search.ts';
import { indexOf, type Pack, type PackedSegment, shelfOf } from './pack-shelf.ts';
import { packJob } from './packing.ts';
import { ReadSession } from './read-session.ts';

const t0 = Date.UTC(2026, 10, 22, 12, 0, 0);
const idOf = (number: number): string => `01j${String(number).padStart(13, '0')}`;

let scene: LogScene | undefined;
afterEach(async () => {
  await scene?.dispose();
  scene = undefined;
});

/** Runs of a job, each as its bytes, in packs; nothing is left beside them. */
async function packed(runs: readonly Buffer[]): Promise<LogScene> {
  await scene?.dispose();
  scene = await LogScene.make({}, new FakeClock(t0 + 86_400_000));
  for (const [number, bytes] of runs.entries()) {
    const path = await scene.store.prepare('demo', 'a', idOf(number));
    writeFileSync(path, bytes);
    const last = new Date(t0 + number * 1_000 + 900);
    utimesSync(path, last, last);
    scene.store.closed(idOf(number));
  }
  const request = { root: scene.folder, environment: 'demo', job: 'a', live: [] };
  while ((await packJob({ ...request, before: t0 + 86_400_000, now: t0 + 86_400_000 })).more);
  expect(scene.files('a').filter((name) => name.endsWith('.log'))).toEqual([]);
  return scene;
}

/** What a session tells, without the thread that it usually runs in. */
async function read(folder: string, query: Partial<LogQuery>): Promise<ToldEntry[]> {
  const surroundings = {
    root: folder,
    lineBytes: 8_192,
    wall: () => t0 + 86_400_000,
    finished: () => true,
    live: () => false,
    trouble: (sentence: string) => expect.unreachable(sentence),
  };
  const session = new ReadSession(
    { environment: 'demo', ...query },
    surroundings,
    new AbortController().signal,
  );
  await session.begin();
  const told: ToldEntry[] = [];
  for (let lines = await session.next(); lines !== undefined; lines = await session.next())
    told.push(...lines);
  return told;
}

const shown = ({ entry }: ToldEntry) => ({
  ...entry,
  message: Buffer.from(entry.message).toString('latin1'),
});

/** Texts with what a search may stumble over. */
const text = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('ab', 'b', 'a', 'ba', 'abab', ' ', 'AB', 'é', 'ü😀') },
      fc.constantFrom(
        '2026-11-22T12:00:00.123456789+00:00 stdout F ',
        ' stdout P ',
        'stderr P',
        'torn',
        '12 B',
      ),
      fc
        .uint8Array({ maxLength: 3 })
        .map((bytes) => Buffer.from(bytes).toString('latin1').replaceAll('\n', '')),
    ),
    { maxLength: 6 },
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));

const line = fc.record({
  text,
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  tag: fc.constantFrom('F' as const, 'F' as const, 'F' as const, 'P' as const),
  /** Now and then a long one: runs of more than one block, and lines that are cut. */
  repeated: fc.constantFrom(1, 1, 1, 1, 1, 1, 40, 2_000),
  /** So many bytes of its end are lost. */
  torn: fc.constantFrom(0, 0, 0, 0, 0, 1, 5, 40),
});

const runOf = (lines: readonly (typeof line extends fc.Arbitrary<infer T> ? T : never)[], number: number) =>
  Buffer.concat(
    lines.map((each, index) => {
      const whole = Buffer.concat(Array.from({ length: each.repeated }, () => each.text));
      const bytes = record(t0 + number * 1_000 + index, each.stream, each.tag, whole);
      return bytes.subarray(0, Math.max(0, bytes.length - each.torn));
    }),
  );

const runs = fc
  .array(fc.array(line, { maxLength: 5 }), { minLength: 1, maxLength: 12 })
  .map((all) => all.map(runOf));

describe('a pack that is searched as a whole', () => {
  test('gives what reading line by line finds, whatever stands in it', async () => {
    const place = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.integer({ min: 1, max: 12 }),
    });
    const others = fc.constantFrom('ab', 'torn record', '1 B of', 'stdout', 'F ', '😀', 'nightshift: ', 'zz');
    let found = 0;
    await fc.assert(
      fc.asyncProperty(runs, fc.array(place, { maxLength: 4 }), others, async (bytes, places, other) => {
        const { folder } = await packed(bytes);
        const all = await read(folder, {});
        // Any part of what was written, also over the borders of lines and runs.
        const whole = Buffer.concat(bytes);
        const parts = places.map(({ at, length }) => {
          const from = Math.floor(at * whole.length);
          return whole.subarray(from, from + length).toString();
        });
        for (const contains of [other, ...parts]) {
          if (contains === '') continue;
          const meant = all.filter(({ entry }) => Buffer.from(entry.message).includes(contains));
          found += meant.length;
          const told = await read(folder, { contains });
          expect(told.map(shown)).toEqual(meant.map(shown));
          const range = { since: t0 + 2_001, until: t0 + 6_002 };
          const within = meant.filter(({ entry: { time } }) => time >= range.since && time < range.until);
          expect((await read(folder, { contains, ...range })).map(shown)).toEqual(within.map(shown));
          // What is said of a torn record stands nowhere: the last lines may begin just behind it.
          if (meant.some(({ entry }) => Buffer.from(entry.message).includes('nightshift: '))) continue;
          const last = await read(folder, { contains, last: 2 });
          expect(last.map(shown)).toEqual(meant.slice(-2).map(shown));
          if (told[0] === undefined) continue;
          const rest = await read(folder, { contains, after: told[0].cursor });
          expect(rest.map(shown)).toEqual(meant.slice(1).map(shown));
        }
      }),
      { numRuns: 25 },
    );
    expect(found).toBeGreaterThan(20);
  }, 120_000);

  const pack = (): Pack => shelfOf(`${scene?.folder}/demo/a`).packs[0] as Pack;
  const entries = (): PackedSegment[] => indexOf(pack()).entries.map((entry) => ({ pack: pack(), entry }));
  const without = (needle: string) =>
    [...entriesWithout(Buffer.from(needle), entries())].map(({ entry }) => Number(entry.run.slice(3)));
  const said = (number: number, message: string) => record(t0 + number * 1_000, 'stdout', 'F', message);

  test('leaves out whole runs without the text, also where it stands across the border of two', async () => {
    await packed([said(0, 'hay'), said(1, 'a needle'), said(2, 'hay need'), said(3, 'le hay')]);
    expect(without('needle')).toEqual([0, 2, 3]);
    expect(without('\n2026')).toEqual([0, 1, 2, 3]);
    expect(without('hay')).toEqual([1]);
  });

  test('leaves out none that reading may make other lines of: with pieces, torn records, or in two blocks', async () => {
    const piece = record(t0 + 1_000, 'stdout', 'P', 'a piece');
    const torn = Buffer.concat([said(2, 'x').subarray(0, 20), said(2, 'whole')]);
    const long = Buffer.concat(Array.from({ length: 3_000 }, () => said(3, 'hay hay hay')));
    await packed([said(0, 'hay'), piece, torn, long, said(4, 'hay')]);
    expect(without('needle')).toEqual([0, 4]);
  });

  test('leaves out none of a block that can not be read', async () => {
    await packed([said(0, 'hay'), said(1, 'hay')]);
    const known = entries();
    const { path } = pack();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 0, 20);
    rmSync(path);
    writeFileSync(path, bytes);
    expect(() => blockOf(pack(), 0)).toThrow();
    expect([...entriesWithout(Buffer.from('needle'), known)]).toEqual([]);
  });
});
