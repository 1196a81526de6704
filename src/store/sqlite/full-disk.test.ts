/** A disk that is full: calls are refused with the reason, nothing is half-kept, and all works again once there is room. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { keySealer } from '../rows/sealer.ts';
import { noon, sampleCron, sampleDue, sampleEnd, sampleEnvironment } from '../store.testkit.ts';
import type { Store } from '../store.ts';
import { DatabaseFile } from './database-file.ts';
import { openSqliteStore } from './open.ts';
import { makeSqlitePlace, noonClock } from './sqlite.testkit.ts';
import { storeOver } from './sqlite-store.ts';

const cleaning: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleaning.splice(0).reverse()) await clean();
});

/** A file system of its own of two megabytes; undefined where mounting is not possible. */
function smallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-disk-'));
  cleaning.push(() => rmSync(folder, { recursive: true, force: true }));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', folder], { stdio: 'pipe' });
  } catch (error) {
    process.stderr.write(`no disk of its own for the test of a full disk: ${String(error)}\n`);
    return undefined;
  }
  cleaning.push(() => void execFileSync('umount', ['--lazy', folder]));
  return folder;
}

async function prepare(store: Store): Promise<void> {
  await store.addEnvironment(sampleEnvironment('shop'));
  for (const name of ['mail', 'feed']) await store.addJob(sampleCron('shop', name));
}

/** Begins and ends runs of 8 kB until the store refuses; answers the ids that were acknowledged. */
async function writeUntilFull(store: Store): Promise<{ begun: string[]; refusal: unknown }> {
  const begun: string[] = [];
  for (let number = 0; number < 5_000; number += 1) {
    const { run, dueTime } = sampleDue('shop', 'mail', noon + number, `r${number}`);
    try {
      begun.push(...(await store.beginRuns([{ ...run, command: 'x'.repeat(8_000) }], [dueTime])));
    } catch (refusal) {
      return { begun, refusal };
    }
  }
  throw new Error('the disk was never full');
}

async function expectWhole(store: Store, begun: readonly string[]): Promise<void> {
  const due = await store.dueTimes({ environment: 'shop', limit: 9_999 });
  const runs = await store.runs({ environment: 'shop', limit: 9_999 });
  expect(runs.map((run) => run.id).sort()).toEqual([...begun].sort());
  expect(due.map((each) => each.run).sort()).toEqual([...begun].sort());
}

const unavailable = { code: 'store.unavailable', parameters: { why: 'the disk is full' } };

test('a full disk refuses writes, keeps what was acknowledged, and writes again once it has room', async (context) => {
  const disk = smallDisk();
  if (disk === undefined) return context.skip('this machine may not mount');
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, Buffer.alloc(700_000));
  const folder = join(disk, 'data');
  const store = await openSqliteStore({ folder, clock: noonClock });
  cleaning.push(() => store.close());
  await prepare(store);
  const { begun, refusal } = await writeUntilFull(store);
  expect(refusal).toMatchObject(unavailable);
  expect(begun.length).toBeGreaterThan(5);
  await expectWhole(store, begun);

  const many = Array.from({ length: 20 }, (_, index) => {
    const { run, dueTime } = sampleDue('shop', 'feed', noon + index, `full-${index}`);
    return store.beginRuns([{ ...run, command: 'x'.repeat(8_000) }], [dueTime]);
  });
  const answers = await Promise.allSettled(many);
  expect(answers.some((answer) => answer.status === 'rejected')).toBe(true);
  begun.push(...answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])));
  await expectWhole(store, begun);

  rmSync(ballast);
  const after = sampleDue('shop', 'feed', noon + 1e6, 'after');
  begun.push(...(await store.beginRuns([after.run], [after.dueTime])));
  expect(await store.runEnded('after', sampleEnd(), [])).toBe(true);
  await expectWhole(store, begun);
  await store.close();

  const again = await openSqliteStore({ folder, clock: noonClock });
  await expectWhole(again, begun);
  await again.close();
});

test('a disk that is full already refuses the opening, and nothing is left behind', async (context) => {
  const disk = smallDisk();
  if (disk === undefined) return context.skip('this machine may not mount');
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize));
  const folder = join(disk, 'data');
  await expect(openSqliteStore({ folder, clock: noonClock })).rejects.toMatchObject({
    code: 'data.not-writable',
    message: expect.stringContaining('the disk is full'),
  });
  mkdirSync(folder);
});

test.each(['core', 'history'] as const)(
  'a %s file that may not grow refuses what is too large for it and goes on with the rest',
  async (which) => {
    const place = await makeSqlitePlace();
    cleaning.push(() => place.remove());
    const first = await place.open();
    await prepare(first);
    await first.close();
    const core = new DatabaseFile(join(place.folder, 'nightshift.db'), 'FULL');
    const history = new DatabaseFile(join(place.folder, 'history.db'), 'NORMAL');
    const sealer = keySealer(new Uint8Array(32));
    const { store } = storeOver({ core, history, sealer, historySince: 0 });
    cleaning.push(() => store.close());
    const grown = which === 'core' ? core : history;
    const pages = Number(grown.query('PRAGMA page_count')[0]?.page_count);
    grown.execute(`PRAGMA max_page_count = ${pages + 8}`);

    const calls = [10, 60_000, 10, 60_000, 10].map((characters, index) => {
      const { run, dueTime } = sampleDue('shop', 'mail', noon + index, `r${index}`);
      return store.beginRuns([{ ...run, command: 'x'.repeat(characters) }], [dueTime]);
    });
    const answers = await Promise.allSettled(calls);
    const ids = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : 'refused'));
    expect(ids).toEqual([['r0'], 'refused', ['r2'], 'refused', ['r4']]);
    expect(answers[1]).toMatchObject({ reason: unavailable });
    await expectWhole(store, ['r0', 'r2', 'r4']);
    grown.execute('PRAGMA max_page_count = 1000000');
    const { run, dueTime } = sampleDue('shop', 'mail', noon + 1, 'again');
    expect(await store.beginRuns([run], [dueTime])).toEqual(['again']);
    await store.close();
  },
);
