import {
  appendFileSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/testkit/fake-clock.ts';
import { record, writeRun } from './cri-writer.testkit.ts';
import { createFileLogStore } from './file-log-store.ts';
import { LogScene, textOf } from './log-scene.testkit.ts';
import type { ToldEntry } from './log-store.ts';
import { packJob } from './packing.ts';

const t0 = Date.UTC(2026, 10, 22, 12, 0, 0);
const run = (number: number): string => `01j${String(number).padStart(13, '0')}`;
const minuteMs = 60_000;

let clock: FakeClock;
let scene: LogScene;
beforeEach(async () => {
  clock = new FakeClock(t0 + 86_400_000);
  scene = await LogScene.make({}, clock);
});
afterEach(() => scene.dispose());

/** A run that ended long ago; each array of lines is a segment of its own. */
async function ended(job: string, id: string, startMs: number, ...segments: Buffer[][]): Promise<void> {
  const path = await scene.store.prepare('demo', job, id);
  segments.forEach((records, index) => {
    const file = index === segments.length - 1 ? path : `${path}.${index + 1}`;
    writeRun(file, records);
    const last = new Date(t0 + startMs + index);
    utimesSync(file, last, last);
  });
  scene.store.closed(id);
}

const line = (ms: number, text: string, stream: 'stdout' | 'stderr' = 'stdout') =>
  record(t0 + ms, stream, 'F', text);

/** Two jobs with many short runs, one long one in segments with a line across two of them, one without output, one that is written. */
async function someRuns(): Promise<void> {
  for (let each = 0; each < 30; each++) {
    const at = each * minuteMs;
    await ended('cron', run(each), at, [line(at, `begin ${each}`), line(at + 5, `end ${each}`, 'stderr')]);
  }
  await ended('cron', run(30), 31 * minuteMs, []);
  await ended(
    'long',
    run(40),
    9 * minuteMs,
    [line(1, 'first'), record(t0 + 2, 'stderr', 'P', 'half ')],
    [line(minuteMs, 'x'.repeat(300_000)), record(t0 + minuteMs, 'stderr', 'F', 'whole')],
    [line(9 * minuteMs, 'last'), record(t0 + 9 * minuteMs, 'stdout', 'P', 'no end')],
  );
  const live = await scene.begin('long', run(41));
  live.line('rotated', t0 + 3 * minuteMs);
  renameSync(live.path, `${live.path}.1`);
  utimesSync(`${live.path}.1`, new Date(t0), new Date(t0));
  writeFileSync(live.path, line(10 * minuteMs, 'written now'));
}

const seen = (told: readonly ToldEntry[]) => told.map(({ entry }) => entry);

describe('packing', () => {
  test('leaves everything as it reads: order, last lines, moments, filters', async () => {
    await someRuns();
    const queries = [
      {},
      { last: 7 },
      { last: 70 },
      { since: t0 + 4 * minuteMs, until: t0 + 9 * minuteMs },
      { run: run(40) },
      { run: run(12) },
      { jobs: ['cron'], level: 'ERR' as const, last: 3 },
      { since: t0 + 8 * minuteMs, last: 2 },
    ];
    const before = [];
    for (const query of queries) before.push(seen(await scene.read(query)));
    await scene.store.compact('demo');
    expect(scene.files('cron')).toEqual([expect.stringMatching(/^\d+\.pack\.zst$/)]);
    expect(scene.files('long')).toEqual([`${run(41)}.log`, expect.stringMatching(/^\d+\.pack\.zst$/)].sort());
    for (const [index, query] of queries.entries())
      expect(seen(await scene.read(query))).toEqual(before[index]);
    expect(scene.troubles).toEqual([]);
  });

  test('takes what comes later into the pack of the same day, and none of another day', async () => {
    await ended('cron', run(1), 0, [line(0, 'one')]);
    await scene.store.compact('demo');
    await ended('cron', run(2), minuteMs, [line(minuteMs, 'two')]);
    await ended('cron', run(3), 13 * 60 * minuteMs, [line(13 * 60 * minuteMs, 'next day')]);
    await clock.advanceAsync(2 * 86_400_000);
    await scene.store.compact('demo');
    expect(scene.files('cron')).toHaveLength(2);
    expect(await scene.texts()).toEqual(['one', 'two', 'next day']);
    await scene.store.compact('demo');
    expect(scene.files('cron')).toHaveLength(2);
  });

  test('leaves young output alone, and all of a run that is written but its earlier segments', async () => {
    await scene.begin('cron', run(1)).then((writer) => writer.line('silent for long', t0));
    utimesSync(scene.path('cron', run(1)), new Date(t0), new Date(t0));
    await ended('cron', run(2), 86_400_000 - 1000, [line(86_399_000, 'young')]);
    await scene.store.compact('demo');
    expect(scene.files('cron')).toEqual([`${run(1)}.log`, `${run(2)}.log`]);
  });

  test('makes a file that zstd reads by itself', async () => {
    const records = [line(0, 'one'), line(1, 'two')];
    await ended('cron', run(1), 0, records);
    await scene.store.compact('demo');
    const { zstdDecompressSync } = await import('node:zlib');
    const [name = ''] = scene.files('cron');
    expect(zstdDecompressSync(readFileSync(join(scene.folder, 'demo/cron', name)))).toEqual(
      Buffer.concat(records),
    );
  });

  test('waits in its thread at each place that it passes, while that is told', async () => {
    await ended('cron', run(1), 0, [line(0, 'one')]);
    await ended('cron', run(2), 1, [line(1, 'two')]);
    const told: string[] = [];
    const packingAt = (place: string): void => {
      const kinds = scene.files('cron').map((name) => name.replace(/^\d+\.|^01j.*\./, ''));
      told.push(`${place}: ${kinds.join(' ')}`);
    };
    const store = createFileLogStore({ folder: scene.folder, clock, packingAt });
    await store.compact('demo');
    await store.close();
    expect(told).toEqual([
      'joined: log log tmp',
      'copied: log log tmp',
      'copied: log log tmp',
      'written: log log tmp',
      'renamed: log log new.zst',
      'removed: log new.zst',
      'removed: new.zst',
      'gone: new.zst',
      'settled: pack.zst',
    ]);
  });

  test('loses no line and tells none twice, wherever it is killed', async () => {
    await someRuns();
    const expected = seen(await scene.read());
    const places: string[] = [];
    const request = { root: scene.folder, environment: 'demo', live: [run(41)] };
    const bounds = { bytesPerStep: 400_000, packBytes: 1_000_000, packEntries: 12 };
    let killed = 0;
    for (let step = 0, more = true; more; step++) {
      more = false;
      for (const job of ['cron', 'long']) {
        // Each kill is one place later than the one before, until a pass gets through.
        for (let at = 0; ; at++) {
          let left = at;
          const now = t0 + 86_400_000 + step;
          const attempt = packJob({ ...request, job, before: now, now, bounds }, (place) => {
            places.push(place);
            if (left-- === 0) throw new Error('killed');
          });
          const answer = await attempt.catch((error: Error) => error.message);
          expect(seen(await scene.read())).toEqual(expected);
          if (answer !== 'killed') {
            more ||= typeof answer !== 'string' && answer.more;
            break;
          }
          killed++;
        }
      }
    }
    expect(killed).toBeGreaterThan(20);
    expect(new Set(places)).toEqual(
      new Set(['joined', 'copied', 'written', 'renamed', 'removed', 'gone', 'settled']),
    );
    expect(
      [...scene.files('cron'), ...scene.files('long')].filter((name) => !name.endsWith('.pack.zst')),
    ).toEqual([`${run(41)}.log`]);
    expect((await scene.read({ last: 5 })).map(textOf)).toEqual(
      expected.slice(-5).map(({ message }) => Buffer.from(message).toString()),
    );
    // A busy machine needs its time for all these passes.
  }, 120_000);

  test('keeps its hands off a file that somebody writes to after all', async () => {
    await ended('cron', run(1), 0, [line(0, 'one')]);
    const path = scene.path('cron', run(1));
    const answer = await packJob(
      {
        root: scene.folder,
        environment: 'demo',
        job: 'cron',
        live: [],
        before: clock.wall(),
        now: clock.wall(),
      },
      (place) => place === 'joined' && appendFileSync(path, line(1, 'two')),
    );
    expect(answer).toEqual({ segments: 0, more: false });
    expect(scene.files('cron')).toEqual([`${run(1)}.log`]);
    expect(await scene.texts()).toEqual(['one', 'two']);
  });

  test('says which pack is damaged, and reads the others', async () => {
    await ended('a', run(1), 0, [line(0, 'a')]);
    await ended('b', run(2), 1, [line(1, 'b')]);
    await ended('c', run(3), 2, [line(2, 'c')]);
    await scene.store.compact('demo');
    const packOf = (job: string) => join(scene.folder, 'demo', job, scene.files(job)[0] ?? '');
    truncateSync(packOf('a'), statSync(packOf('a')).size - 3);
    const bytes = readFileSync(packOf('b'));
    bytes[10] = (bytes[10] ?? 0) ^ 0xff;
    writeFileSync(packOf('b'), bytes);
    expect(await scene.texts()).toEqual(['c']);
    expect(scene.troubles.map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(/a\/\d+\.pack\.zst can't be read: it is left out: it is no whole pack/),
      expect.stringContaining(`the log of run ${run(2)} of b can't be read`),
    ]);
  });
});

describe('reading while it is packed', () => {
  test('a cursor goes on after any line, from before to after', async () => {
    await someRuns();
    const told = await scene.read();
    await scene.store.compact('demo');
    for (let each = 0; each < told.length; each += 3) {
      const after = told[each]?.cursor ?? '';
      expect((await scene.read({ after })).map(textOf)).toEqual(told.slice(each + 1).map(textOf));
    }
  });

  test('a reader in the middle goes on, through every pass', async () => {
    await someRuns();
    const expected = await scene.texts();
    const texts: string[] = [];
    for await (const told of scene.store.read({ environment: 'demo' })) {
      texts.push(textOf(told));
      if (texts.length % 20 === 0) {
        const [now, job] = [clock.wall() + texts.length, texts.length % 40 === 0 ? 'cron' : 'long'];
        const bounds = { bytesPerStep: 20_000, packBytes: 1_000_000, packEntries: 9 };
        const request = { root: scene.folder, environment: 'demo', job, live: [run(41)], bounds };
        await packJob({ ...request, before: clock.wall(), now });
      }
    }
    expect(texts).toEqual(expected);
  });

  test('who follows hears of a run that came, ended and was packed before it looked', async () => {
    await ended('cron', run(1), 0, [line(0, 'one')]);
    await scene.store.compact('demo');
    const follower = scene.follow();
    expect(await follower.texts(1)).toEqual(['one']);
    await ended('cron', run(2), minuteMs, [line(minuteMs, 'two')]);
    await scene.store.compact('demo');
    await ended('cron', run(3), 2 * minuteMs, [line(2 * minuteMs, 'three')]);
    const next = follower.texts(2);
    for (let each = 0; each < 20; each++) {
      await clock.advanceAsync(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await next).toEqual(['two', 'three']);
  });
});

describe('bounds', () => {
  test('drop packs with what they hold, and say how many runs and bytes went', async () => {
    await someRuns();
    const live = scene.path('long', run(41));
    await scene.store.compact('demo');
    const later = t0 + 16 * 86_400_000;
    utimesSync(live, new Date(later), new Date(later));
    const old = scene.open({}, new FakeClock(later));
    expect(await old.enforce('demo')).toBeGreaterThan(1000);
    expect((await scene.texts()).sort()).toEqual([
      expect.stringMatching(/^nightshift: [\d.]+ KB of output of 1 run dropped here \(older than 14 days\)$/),
      expect.stringMatching(
        /^nightshift: [\d.]+ KB of output of 30 runs dropped here \(older than 14 days\)$/,
      ),
      'nightshift: 53 B of output dropped here (older than 14 days)',
      'written now',
    ]);
    expect(await old.enforce('demo')).toBe(0);
    await old.close();
  });

  test('count packs by what they take of the disk', async () => {
    const small = scene.open({ logBytesPerEnvironment: 4_000, logPackAfterSeconds: 0 }, clock);
    for (let each = 0; each < 40; each++)
      await ended('cron', run(each), each, [line(each, `${each} ${'x'.repeat(1000)}`)]);
    await small.compact('demo');
    // 40 KB of text, in less than 4 KB of file.
    expect(await small.enforce('demo')).toBe(0);
    expect(await scene.texts()).toHaveLength(40);
    await small.close();
  });
});
