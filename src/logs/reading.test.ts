import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { record, recordsOfRead, writeRun } from './cri-writer.testkit.ts';
import { LogScene, textOf } from './log-scene.testkit.ts';
import type { ToldEntry } from './log-store.ts';

const t0 = Date.UTC(2026, 10, 22, 12, 0, 0);
const run = (number: number): string => `01j${String(number).padStart(13, '0')}`;

let scene: LogScene;
beforeEach(async () => {
  scene = await LogScene.make();
});
afterEach(() => scene.dispose());

/** A finished run with these lines, as [ms after t0, text] or with a stream. */
async function finished(
  job: string,
  id: string,
  lines: readonly (readonly [number, string, ('stdout' | 'stderr')?])[],
) {
  const path = await scene.store.prepare('demo', job, id);
  writeRun(
    path,
    lines.map(([ms, text, stream]) => record(t0 + ms, stream ?? 'stdout', 'F', text)),
  );
  const last = new Date(t0 + (lines.at(-1)?.[0] ?? 0));
  utimesSync(path, last, last);
  scene.store.closed(id);
  return path;
}

/** Lines every ms, `count` of them, named by run and number. */
const many = (name: string, count: number, from = 0, step = 1) =>
  Array.from({ length: count }, (_, index) => [from + index * step, `${name} ${index}`] as const);

describe('reading', () => {
  test('tells nothing of an environment without logs, or with a name that is none', async () => {
    expect(await scene.read()).toEqual([]);
    expect(await scene.read({ environment: '../..' })).toEqual([]);
    expect(await scene.read({ environment: '' })).toEqual([]);
  });

  test('merges the runs of all jobs by time, with job, run, stream and level', async () => {
    await finished('a', run(1), [
      [0, 'a1'],
      [2, 'a2', 'stderr'],
      [5, 'a3'],
    ]);
    await finished('b', run(2), [
      [1, 'b1'],
      [3, 'b2'],
      [4, 'b3'],
    ]);
    const told = await scene.read();
    expect(told.map(textOf)).toEqual(['a1', 'b1', 'a2', 'b2', 'b3', 'a3']);
    expect(told[2]?.entry).toEqual({
      time: t0 + 2,
      job: 'a',
      run: run(1),
      stream: 'stderr',
      level: 'ERR',
      message: Buffer.from('a2'),
    });
  });

  test('never changes the order inside a run, also when the clock was set back', async () => {
    await finished('a', run(1), [
      [0, 'a1'],
      [9_000_000, 'a2'],
      [10, 'a3'],
      [11, 'a4'],
    ]);
    await finished('b', run(2), [
      [5, 'b1'],
      [9_000_001, 'b2'],
    ]);
    expect(await scene.texts()).toEqual(['a1', 'b1', 'a2', 'a3', 'a4', 'b2']);
  });

  test('filters by job, run, level, time and text', async () => {
    await finished('a', run(1), [
      [0, 'apple'],
      [1000, 'pear', 'stderr'],
      [2000, 'apple pie'],
    ]);
    await finished('b', run(2), [
      [500, 'apple juice'],
      [1500, 'plum', 'stderr'],
    ]);
    expect(await scene.texts({ jobs: ['b'] })).toEqual(['apple juice', 'plum']);
    expect(await scene.texts({ jobs: [] })).toHaveLength(5);
    expect(await scene.texts({ jobs: ['..', 'nobody'] })).toEqual([]);
    expect(await scene.texts({ run: run(1) })).toEqual(['apple', 'pear', 'apple pie']);
    expect(await scene.texts({ level: 'ERR' })).toEqual(['pear', 'plum']);
    expect(await scene.texts({ level: 'INFO', jobs: ['a'] })).toEqual(['apple', 'apple pie']);
    expect(await scene.texts({ contains: 'apple' })).toEqual(['apple', 'apple juice', 'apple pie']);
    expect(await scene.texts({ since: t0 + 500, until: t0 + 1500 })).toEqual(['apple juice', 'pear']);
    expect(await scene.texts({ since: t0 + 501, until: t0 + 1501, last: 2 })).toEqual(['pear', 'plum']);
  });

  test('finds a moment in a large file without reading what lies before it', async () => {
    await finished('a', run(1), many('a', 40_000, 0, 100));
    expect((await scene.texts({ since: t0 + 3_900_000 }))[0]).toBe('a 39000');
    expect(await scene.texts({ since: t0 + 100_000, until: t0 + 100_300 })).toEqual([
      'a 1000',
      'a 1001',
      'a 1002',
    ]);
    expect(await scene.texts({ since: t0 + 2_000_000, until: t0 + 2_000_200, last: 1 })).toEqual(['a 20001']);
  });

  test('reads the last lines over all runs and segments', async () => {
    await finished('a', run(1), many('a', 30_000, 0, 2));
    const path = await finished('a', run(2), many('b', 5, 59_990, 2));
    renameSync(path, `${path}.1`);
    writeRun(path, [record(t0 + 60_001, 'stdout', 'F', 'newest')]);
    expect(await scene.texts({ last: 4 })).toEqual(['b 3', 'a 29999', 'b 4', 'newest']);
    expect(await scene.texts({ last: 0 })).toEqual([]);
    expect(await scene.texts({ last: 1 })).toEqual(['newest']);
    expect(await scene.texts({ last: 5_000 })).toEqual(await lastOf(5_000));
    expect(await scene.texts({ last: 100_000 })).toEqual(await scene.texts());
    expect(await scene.texts({ last: 3, contains: 'a 1' })).toEqual(['a 19997', 'a 19998', 'a 19999']);
  });

  const lastOf = async (count: number): Promise<string[]> => (await scene.texts()).slice(-count);

  test('gives a line whole also when it begins far before the others that are asked for', async () => {
    const path = await scene.store.prepare('demo', 'a', run(1));
    const rest = many('noise', 3000).map(([ms, text]) => record(t0 + ms, 'stdout', 'F', text));
    writeRun(path, [
      record(t0, 'stderr', 'P', 'began early, '),
      ...rest,
      record(t0 + 3000, 'stderr', 'F', 'ended late'),
    ]);
    scene.store.closed(run(1));
    expect(await scene.texts({ last: 1 })).toEqual(['began early, ended late']);
  });

  test('gives every byte, however large and however the output was rotated', async () => {
    const sizes = fc.array(fc.constantFrom(0, 1, 100, 8_192, 40_000, 300_000), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        fc.nat(3),
        async (lengths, pattern, rotations) => {
          const own = await LogScene.make();
          try {
            const text = pattern.map((byte) => (byte === 10 ? 0 : byte));
            const lines = lengths.map((length) => Buffer.alloc(length, text));
            const output = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
            const records: Buffer[] = [];
            for (let at = 0; at < output.length; at += 8_192)
              records.push(recordsOfRead(t0 + at, 'stdout', output.subarray(at, at + 8_192)));
            const path = await own.store.prepare('demo', 'a', run(1));
            const each = Math.ceil(records.length / (rotations + 1));
            for (let segment = 0; segment <= rotations; segment++) {
              const part = records.slice(segment * each, (segment + 1) * each);
              writeRun(segment === rotations ? path : `${path}.${segment + 1}`, part);
            }
            own.store.closed(run(1));
            const told = await own.read();
            expect(told.length).toBe(lines.length);
            told.forEach(({ entry }, index) => {
              expect(Buffer.compare(entry.message, lines[index] ?? Buffer.alloc(0))).toBe(0);
            });
            const last = await own.read({ last: 3 });
            expect(last.map(({ entry }) => entry.message.length)).toEqual(lengths.slice(-3));
          } finally {
            await own.dispose();
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('makes a line of an unfinished end only when its run has ended', async () => {
    const writer = await scene.begin('a', run(1));
    writer.write(record(t0, 'stdout', 'P', 'name? '));
    expect(await scene.texts()).toEqual([]);
    scene.store.closed(run(1));
    expect(await scene.texts()).toEqual(['name? ']);
  });

  test('says which file it can not read, and reads the others', async () => {
    await finished('a', run(1), [[0, 'a']]);
    await finished('b', run(2), [[1, 'b']]);
    await finished('c', run(3), [[2, 'c']]);
    // Reading the first page of a process's memory fails, for root as well.
    rmSync(scene.path('b', run(2)));
    symlinkSync('/proc/self/mem', scene.path('b', run(2)));
    mkdirSync(scene.path('c', run(4)));
    writeFileSync(`${scene.folder}/demo/not-a-folder`, '');
    symlinkSync('loop', `${scene.folder}/demo/a/loop.log`);
    expect(await scene.texts()).toEqual(['a', 'c']);
    expect(await scene.texts({ last: 5 })).toEqual(['a', 'c']);
    expect(await scene.follow().texts(2)).toEqual(['a', 'c']);
    expect(scene.troubles.map(({ sentence }) => sentence)).toEqual([
      expect.stringContaining(`the log of run ${run(2)} of b can't be read`),
    ]);
  });

  test('holds back what a cursor is for: a text that is none is refused with a sentence', async () => {
    for (const after of [
      '',
      'x',
      Buffer.from('{}').toString('base64url'),
      Buffer.from('[1,2,[["r",1,-1,0,0]]]').toString('base64url'),
    ])
      await expect(scene.read({ after })).rejects.toThrow(/no place in a log/);
  });
});

const byRun = (told: readonly ToldEntry[]) =>
  [0, 1, 2, 3].map((each) => told.filter(({ entry }) => entry.run === run(each)).map(textOf));

describe('a cursor', () => {
  test('goes on after any line, in another store too, and tells each line once', async () => {
    const line = fc.record({
      run: fc.nat(3),
      gap: fc.constantFrom(0, 0, 1, 3, 400, 700, 2_600),
      tag: fc.constantFrom('F' as const, 'F' as const, 'P' as const),
      stream: fc.constantFrom('stdout' as const, 'stderr' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 40 }), fc.nat(), async (lines, pick) => {
        const own = await LogScene.make();
        try {
          let time = t0;
          for (let each = 0; each < 4; each++) {
            const path = await own.store.prepare('demo', `job-${each % 2}`, run(each));
            time = t0;
            const records = lines.map(({ run: of, gap, tag, stream }, index) => {
              time += gap;
              return of === each ? [record(time, stream, tag, `${index}`)] : [];
            });
            writeRun(path, records.flat());
            const end = new Date(time);
            utimesSync(path, end, end);
            own.store.closed(run(each));
          }
          const told = await own.read();
          const at = told[pick % Math.max(1, told.length)];
          if (at === undefined) return;
          const rest = told.slice(told.indexOf(at) + 1);
          // A line that was open for long may meet lines of other runs elsewhere; inside its run it keeps its place.
          expect(byRun(await own.read({ after: at.cursor }))).toEqual(byRun(rest));
          expect(byRun(await own.read({ after: at.cursor, level: 'ERR' }, own.open()))).toEqual(
            byRun(rest.filter(({ entry }) => entry.level === 'ERR')),
          );
          // Taken up again after each single line, from the last ten on.
          const last = await own.read({ last: 10 });
          const one: ToldEntry[] = last.slice(0, 1);
          for (let each = one[0]; each !== undefined; ) {
            const value = await own.first({ after: each.cursor });
            if (value !== undefined) one.push(value);
            each = value;
          }
          expect(byRun(one)).toEqual(byRun(last));
        } finally {
          await own.dispose();
        }
      }),
      { numRuns: 60 },
    );
  });

  test('can be asked for the last lines after it', async () => {
    await finished('a', run(1), many('a', 2000));
    const told = await scene.read();
    const after = told[9]?.cursor ?? '';
    expect(await scene.texts({ after, last: 2 })).toEqual(['a 1998', 'a 1999']);
    expect(await scene.texts({ after, last: 0 })).toEqual([]);
    expect(await scene.texts({ after: told[1998]?.cursor ?? '', last: 5 })).toEqual(['a 1999']);
  });

  test('holds while files are rotated and runs come and go', async () => {
    const path = await finished('a', run(1), many('a', 100, 0, 100));
    await finished('b', run(2), many('b', 100, 50, 100));
    const told = await scene.read();
    const at = told[80];
    renameSync(path, `${path}.1`);
    writeRun(path, [record(t0 + 20_000, 'stdout', 'F', 'after rotation')]);
    await finished('c', run(3), [[30_000, 'new run']]);
    expect(await scene.texts({ after: at?.cursor ?? '' })).toEqual([
      ...told.slice(81).map(textOf),
      'after rotation',
      'new run',
    ]);
  });

  test('stays short with many runs, and can be asked for after reading has gone on', async () => {
    for (let each = 0; each < 300; each++) await finished('a', run(each), many(`${each}`, 3, each * 20, 10));
    const told = await scene.read();
    expect(told).toHaveLength(900);
    const at = told[500];
    expect((at?.cursor ?? '').length).toBeLessThan(4096);
    expect(await scene.texts({ after: at?.cursor ?? '' })).toEqual(told.slice(501).map(textOf));
  });
});
