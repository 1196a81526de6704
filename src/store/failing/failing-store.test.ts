import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeSqlitePlace, type SqlitePlace } from '../sqlite/sqlite.testkit.ts';
import { describeStore } from '../store.contract.ts';
import { noon, sampleEnvironment, sampleRun } from '../store.testkit.ts';
import type { Store } from '../store.ts';
import { failingStore, failMethod, failWrite, fullDisk, noFailures } from './failing-store.ts';

describeStore('that could fail and does not', async () => {
  const place = await makeSqlitePlace();
  return { ...place, open: async () => failingStore(await place.open(), noFailures) };
});

describe('a store that fails', () => {
  let place: SqlitePlace;
  let inner: Store;

  beforeEach(async () => {
    place = await makeSqlitePlace();
    inner = await place.open();
    await inner.addEnvironment(sampleEnvironment('shop'));
  });

  afterEach(async () => {
    await inner.close();
    await place.remove();
  });

  const unavailable = { code: 'store.unavailable', status: 503 };

  test('before a write has kept nothing', async () => {
    const store = failingStore(inner, failWrite(2));
    await store.setMeta('a', '1');
    await store.environments();
    await expect(store.setMeta('b', '2')).rejects.toMatchObject(unavailable);
    await store.setMeta('c', '3');
    expect([await store.meta('a'), await store.meta('b'), await store.meta('c')]).toEqual([
      '1',
      undefined,
      '3',
    ]);
  });

  test('after a write has kept it and told nobody', async () => {
    const store = failingStore(inner, failMethod('beginRuns', 'after'));
    await expect(store.beginRuns([sampleRun('shop', 'r1')], [])).rejects.toMatchObject(unavailable);
    expect((await store.openRuns()).map((run) => run.id)).toEqual(['r1']);
    await store.setMeta('other', 'works');
  });

  test('while its disk is full reads, and writes again once it is not', async () => {
    const disk = fullDisk();
    const store = failingStore(inner, disk.plan);
    await expect(store.resetStatistics('shop', noon)).rejects.toMatchObject(unavailable);
    expect(await store.environments()).toHaveLength(1);
    disk.full = false;
    await store.resetStatistics('shop', noon);
  });
});
