import { existsSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/testkit/fake-clock.ts';
import { criTime, record, writeRun } from './cri-writer.testkit.ts';
import { LogScene, textOf } from './log-scene.testkit.ts';

const run = (number: number): string => `01j${String(number).padStart(13, '0')}`;
const t0 = Date.UTC(2026, 0, 14, 12, 0, 0);
const small = { logBytesPerEnvironment: 2_000_000, logSegmentBytes: 200_000 };

let clock: FakeClock;
let scene: LogScene;
beforeEach(async () => {
  clock = new FakeClock(t0);
  scene = await LogScene.make(small, clock);
});
afterEach(() => scene.dispose());

/** Bytes on the disk below the environment. */
const bytesOf = (...jobs: string[]): number =>
  jobs
    .flatMap((job) => scene.files(job).map((file) => statSync(`${scene.folder}/demo/${job}/${file}`).size))
    .reduce((all, each) => all + each, 0);

async function finished(job: string, id: string, text: string, bytes: number, modified = t0): Promise<void> {
  const path = await scene.store.prepare('demo', job, id);
  writeRun(path, [record(modified, 'stdout', 'F', text)]);
  const rest = Math.max(0, bytes - statSync(path).size);
  if (rest > 60) writeRun(path, [record(modified, 'stdout', 'F', 'x'.repeat(rest - 50))]);
  utimesSync(path, new Date(modified), new Date(modified));
  scene.store.closed(id);
}

/** Lets the looks at open files that are due happen, and what they begin. */
async function pass(ms: number): Promise<void> {
  await clock.advanceAsync(ms);
  await scene.store.enforce('nobody');
  await settleFiles();
}

/** What `enforce` does happens after all that is under way for the environment. */
const settleFiles = (): Promise<number> => scene.store.enforce('demo');

describe('rotation', () => {
  test('numbers segments from the oldest, and asks the writer once for each', async () => {
    const writer = await scene.begin('a', run(1));
    await pass(0);
    const lines: string[] = [];
    for (let segment = 1; segment <= 3; segment++) {
      for (let each = 0; each < 300; each++) {
        lines.push(`${segment}-${each} ${'x'.repeat(1000)}`);
        writer.line(lines.at(-1) ?? '', t0 + lines.length);
      }
      await pass(1000);
      expect(writer.asked).toBe(segment);
      // Nobody has written since: the old file is still the writer's, and it is not asked again.
      await pass(5000);
      expect(writer.asked).toBe(segment);
      expect(existsSync(writer.path)).toBe(false);
      writer.line('kept in the new file', t0 + lines.length);
      lines.push('kept in the new file');
      await pass(1000);
    }
    expect(scene.files('a')).toEqual([
      `${run(1)}.log`,
      `${run(1)}.log.1`,
      `${run(1)}.log.2`,
      `${run(1)}.log.3`,
    ]);
    expect(await scene.texts()).toEqual(lines);
    expect(scene.troubles).toEqual([]);
  });

  test('asks again when the writer could not be asked, and says so', async () => {
    const path = await scene.store.prepare('demo', 'a', run(1));
    writeFileSync(path, `${criTime(t0)} stdout F x\n`.repeat(6000));
    let asked = 0;
    const reopen = () => {
      asked++;
      if (asked === 1) return Promise.reject(new Error('no reader at the pipe'));
      writeFileSync(path, `${criTime(t0 + 1)} stdout F new\n`);
      return Promise.resolve();
    };
    scene.store.opened({ environment: 'demo', job: 'a', runId: run(1), reopen });
    await pass(1000);
    expect(asked).toBe(1);
    expect(scene.troubles.map(({ sentence }) => sentence)).toEqual([
      `the writer of run ${run(1)} could not be asked for a new file: no reader at the pipe`,
    ]);
    await pass(2000);
    expect(asked).toBe(2);
    expect((await scene.texts()).at(-1)).toBe('new');
  });

  test('goes on where a daemon ended between the rename and the request', async () => {
    const path = await scene.store.prepare('demo', 'a', run(1));
    writeFileSync(`${path}.1`, `${criTime(t0)} stdout F old\n`);
    let asked = 0;
    const restarted = scene.open(small, clock);
    restarted.opened({
      environment: 'demo',
      job: 'a',
      runId: run(1),
      reopen: async () => {
        asked++;
        writeFileSync(path, `${criTime(t0 + 1)} stdout F new\n`);
      },
    });
    for (let each = 0; each < 3; each++) {
      await restarted.enforce('demo');
      await clock.advanceAsync(1000);
    }
    expect(asked).toBe(1);
    await restarted.close();
    expect(await scene.texts()).toEqual(['old', 'new']);
  });

  test('says when a writer does not go on in a new file', async () => {
    const path = await scene.store.prepare('demo', 'a', run(1));
    writeFileSync(path, 'x'.repeat(300_000));
    scene.store.opened({ environment: 'demo', job: 'a', runId: run(1), reopen: async () => undefined });
    await pass(1000);
    await pass(11_000);
    await pass(11_000);
    expect(scene.troubles.map(({ sentence }) => sentence)).toEqual([
      `the output of run ${run(1)} was rotated, and its writer does not go on in a new file`,
    ]);
  });
});

describe('bounds', () => {
  test('hold while a job floods; the other jobs keep all they wrote, and the log says what is missing', async () => {
    await finished('cron', run(1), 'cron before', 0);
    const quiet = await scene.begin('quiet', run(2));
    quiet.line('quiet before', t0);
    const flood = await scene.begin('flood', run(3));
    await pass(0);
    let number = 0;
    let most = 0;
    for (let second = 0; second < 40; second++) {
      for (let each = 0; each < 300; each++) flood.line(`${number++} ${'x'.repeat(500)}`, t0 + second * 1000);
      await pass(200);
      most = Math.max(most, bytesOf('cron', 'quiet', 'flood'));
    }
    expect(number * 550).toBeGreaterThan(3 * small.logBytesPerEnvironment);
    expect(most).toBeLessThan(small.logBytesPerEnvironment + 3 * small.logSegmentBytes);
    const texts = await scene.texts();
    expect(texts.slice(0, 3)).toEqual(expect.arrayContaining(['cron before', 'quiet before']));
    const said = texts.filter((text) => text.startsWith('nightshift'));
    expect(said).toEqual([
      expect.stringMatching(
        /^nightshift: \d\.\d MB of output dropped here \(1\.9 MB limit of the environment\)$/,
      ),
    ]);
    const numbers = texts.flatMap((text) => (/^\d+ /.test(text) ? [Number.parseInt(text, 10)] : []));
    // Gap-free from the first that is left to the last that was written.
    expect(numbers).toEqual(
      Array.from({ length: numbers.length }, (_, index) => number - numbers.length + index),
    );
    expect(numbers.length).toBeGreaterThan(1000);
  });

  test('hold by age: whole runs go, and the job says so', async () => {
    const old = t0 - 15 * 86_400_000;
    await finished('a', run(1), 'old', 1000, old);
    await finished('a', run(2), 'older', 1000, old - 1);
    await finished('a', run(3), 'young', 1000, t0 - 13 * 86_400_000);
    expect(await scene.store.enforce('demo')).toBeGreaterThanOrEqual(1900);
    expect(scene.files('a')).toEqual(['.dropped', `${run(3)}.log`]);
    const told = await scene.read();
    expect(told.map(textOf)[0]).toMatch(
      /^nightshift: 1\.9 KB of output of 2 runs dropped here \(older than 14 days\)$/,
    );
    expect(told[0]?.entry).toMatchObject({ job: 'a', level: 'ERR', stream: 'stderr', time: old });
    expect(told.map(textOf)[1]).toBe('young');
    expect(await scene.texts({ after: told[0]?.cursor ?? '' })).toEqual(told.slice(1).map(textOf));
    expect((await scene.texts({ last: 1 }))[0]).toMatch(/^x+$/);
    expect(await scene.texts({ run: run(3), contains: 'young' })).toEqual(['young']);
    expect(await scene.store.enforce('demo')).toBe(0);
  });

  test('hold for finished runs: the oldest go first', async () => {
    for (let each = 1; each <= 30; each++)
      await finished('a', run(each), `run ${each}`, 100_000, t0 + each * 1000);
    await scene.store.enforce('demo');
    expect(bytesOf('a')).toBeLessThanOrEqual(small.logBytesPerEnvironment);
    const left = scene.files('a').filter((file) => file.endsWith('.log'));
    expect(left).toHaveLength(19);
    expect(left.at(-1)).toBe(`${run(30)}.log`);
  });

  test('are said to the operator when they can not be kept', async () => {
    await finished('a', run(1), 'old', 100, t0 - 20 * 86_400_000);
    // A folder in the marker's place: the run goes all the same.
    await mkdir(`${scene.folder}/demo/a/.dropped`);
    expect(await scene.store.enforce('demo')).toBeGreaterThan(0);
    expect(existsSync(scene.path('a', run(1)))).toBe(false);
    expect(scene.troubles.map(({ sentence }) => sentence)).toEqual([
      expect.stringContaining("what was dropped of a can't be noted"),
    ]);
  });
});

describe('removing', () => {
  test('takes the whole environment', async () => {
    const live = await scene.begin('a', run(1));
    live.line('x', t0);
    await scene.store.removeEnvironment('demo');
    expect(existsSync(`${scene.folder}/demo`)).toBe(false);
    await scene.store.removeEnvironment('../demo');
    await scene.store.removeEnvironment('never-was');
  });

  test('survives that files and folders go behind its back', async () => {
    const live = await scene.begin('a', run(1));
    live.line('x', t0);
    await pass(1000);
    truncateSync(live.path, 0);
    await pass(1000);
    await rm(`${scene.folder}/demo`, { recursive: true });
    await pass(1000);
    expect(await scene.texts()).toEqual([]);
    expect(scene.troubles).toEqual([]);
  });
});
