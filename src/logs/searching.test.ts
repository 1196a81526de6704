import { renameSync, utimesSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/testkit/fake-clock.ts';
import { record, writeRun } from './cri-writer.testkit.ts';
import { LogScene, textOf } from './log-scene.testkit.ts';
import type { ReadProgress } from './log-store.ts';
import { newestFirst } from './newest-first.ts';

const t0 = Date.UTC(2026, 10, 22, 12, 0, 0);
const run = (number: number): string => `01j${String(number).padStart(13, '0')}`;

let scene: LogScene;
beforeEach(async () => {
  scene = await LogScene.make({}, new FakeClock(t0 + 86_400_000));
});
afterEach(() => scene.dispose());

async function ended(job: string, id: string, lines: readonly (readonly [number, string])[], packed = false) {
  const path = await scene.store.prepare('demo', job, id);
  writeRun(
    path,
    lines.map(([ms, text]) => record(t0 + ms, 'stdout', 'F', text)),
  );
  const last = new Date(t0 + (lines.at(-1)?.[0] ?? 0));
  utimesSync(path, last, last);
  scene.store.closed(id);
  if (packed) await scene.store.compact('demo');
}

/** 40,000 lines over some hours, the first half packed, with a few needles. */
async function haystack(): Promise<string[]> {
  const needles: string[] = [];
  for (const half of [0, 1]) {
    const lines = Array.from({ length: 20_000 }, (_, index): [number, string] => {
      const number = half * 20_000 + index;
      const text = number % 7_919 === 3 ? `a needle in line ${number}` : `hay hay hay ${number}`;
      if (text.includes('needle')) needles.push(text);
      return [number * 500, text];
    });
    await ended('a', run(half), lines, half === 0);
  }
  return needles;
}

describe('searching', () => {
  test('finds every line in files and packs, oldest or newest first, with all other filters', async () => {
    const needles = await haystack();
    await ended('b', run(9), [[1_000_250, 'a needle of b']]);
    const contains = 'needle';
    expect(await scene.texts({ contains, jobs: ['a'] })).toEqual(needles);
    expect(await scene.texts({ contains, jobs: ['a'], order: 'newest' })).toEqual(needles.toReversed());
    expect(await scene.texts({ contains, order: 'newest', last: 2 })).toEqual(
      needles.toReversed().slice(0, 2),
    );
    expect(await scene.texts({ contains, jobs: ['b'] })).toEqual(['a needle of b']);
    expect(await scene.texts({ contains, run: run(0) })).toEqual(needles.slice(0, 3));
    expect(await scene.texts({ contains, level: 'ERR' })).toEqual([]);
    const range = { since: t0 + 7_922 * 500, until: t0 + 15_842 * 500 };
    expect(await scene.texts({ contains, jobs: ['a'], ...range })).toEqual(needles.slice(1, 3));
    expect(await scene.texts({ contains, jobs: ['a'], ...range, order: 'newest' })).toEqual(
      needles.slice(1, 3).toReversed(),
    );
    const [first] = await scene.read({ contains, jobs: ['a'] });
    expect(await scene.texts({ contains, jobs: ['a'], after: first?.cursor ?? '' })).toEqual(
      needles.slice(1),
    );
    expect(scene.troubles).toEqual([]);
  });

  test('finds a text that lies across two pieces of a long line, and a line across two segments', async () => {
    const path = await scene.store.prepare('demo', 'a', run(1));
    const hay = Array.from({ length: 2_000 }, (_, index) =>
      record(t0 + index, 'stdout', 'F', 'hay'.repeat(30)),
    );
    writeRun(path, [...hay, record(t0 + 5_000, 'stdout', 'P', 'a nee')]);
    renameSync(path, `${path}.1`);
    writeRun(path, [record(t0 + 5_001, 'stdout', 'F', 'dle here'), ...hay]);
    scene.store.closed(run(1));
    expect(await scene.texts({ contains: 'needle' })).toEqual(['a needle here']);
  });

  test('says how far it is, up to all of it', async () => {
    await haystack();
    const said: ReadProgress[] = [];
    let lines = 0;
    const query = { environment: 'demo', bulk: true, cursors: false } as const;
    for await (const { cursor } of scene.store.read(query, undefined, (progress) => said.push(progress))) {
      expect(cursor).toBe('');
      lines++;
    }
    expect(lines).toBe(40_000);
    const last = said.at(-1);
    expect(last?.bytesRead).toBe(last?.bytesToRead);
    expect(last?.bytesToRead).toBeGreaterThan(40_000 * 55);
    said.reduce((before, { bytesRead }) => {
      expect(bytesRead).toBeGreaterThanOrEqual(before);
      return bytesRead;
    }, 0);
  });

  test('ends at once when its reader leaves, and lets the next ones in', async () => {
    await haystack();
    for (let each = 0; each < 5; each++) {
      for await (const told of scene.store.read({ environment: 'demo', contains: 'hay', cursors: false })) {
        expect(textOf(told)).toBe('hay hay hay 0');
        break;
      }
    }
    const leaving = new AbortController();
    leaving.abort();
    for await (const told of scene.store.read({ environment: 'demo', contains: 'hay' }, leaving.signal))
      expect.unreachable(textOf(told));
    const many = Array.from({ length: 6 }, () => scene.texts({ contains: 'in line 31679' }));
    for (const each of await Promise.all(many)) expect(each).toEqual(['a needle in line 31679']);
  });

  test('refuses a cursor that is none with a sentence', async () => {
    await expect(scene.read({ contains: 'x', after: 'nonsense' })).rejects.toThrow(/no place in a log/);
  });
});

describe('newest first', () => {
  /** Reads an array as a log. */
  const reading = (times: readonly number[]) =>
    async function* ({ since = -1, until = Number.POSITIVE_INFINITY }: { since?: number; until?: number }) {
      for (const [index, time] of times.entries()) {
        if (time < since || time >= until) continue;
        const entry = {
          time,
          job: 'a',
          run: 'r',
          stream: 'stdout',
          level: 'INFO',
          message: Buffer.alloc(0),
        } as const;
        yield { entry, cursor: `${index}` };
      }
    };
  const cursors = async (times: readonly number[], last?: number) => {
    const query = { environment: 'demo', order: 'newest', ...(last === undefined ? {} : { last }) } as const;
    const told = newestFirst({
      query,
      now: t0,
      extent: times[0] === undefined ? undefined : { from: times[0], until: times.at(-1) ?? 0 },
      read: reading(times),
    });
    return (await Array.fromAsync(told)).map(({ cursor }) => Number(cursor));
  };
  const downFrom = (count: number) => Array.from({ length: count }, (_, index) => count - 1 - index);

  test('tells each line once, however they are spread over time', async () => {
    const spread = [0, 1, 1, 1, 5, 86_400_000, t0 - 3_600_000, t0 - 1, t0 - 1, t0, t0 + 5_000];
    expect(await cursors(spread)).toEqual(downFrom(spread.length));
    const dense = Array.from({ length: 23_000 }, (_, index) => t0 - 20_000 + (index >> 1));
    expect(await cursors(dense)).toEqual(downFrom(dense.length));
    const same = Array.from({ length: 12_000 }, () => t0 - 7);
    expect(await cursors(same)).toEqual(downFrom(same.length));
    expect(await cursors([])).toEqual([]);
    expect(await cursors(dense, 3)).toEqual([22_999, 22_998, 22_997]);
  });
});
