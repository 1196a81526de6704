import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FailurePlan, failingStore, failMethod } from '../store/failing/failing-store.ts';
import { makeSqlitePlace, type SqlitePlace } from '../store/sqlite/sqlite.testkit.ts';
import { describeStore } from '../store/store.contract.ts';
import { sampleCron, sampleEnvironment, sampleWorker } from '../store/store.testkit.ts';
import type { Store } from '../store/store.ts';
import { rememberingStore } from './remembering-store.ts';

describeStore('that remembers jobs', async () => {
  const place = await makeSqlitePlace();
  return { ...place, open: async () => rememberingStore(await place.open()) };
});

describe('a store that remembers jobs', () => {
  let place: SqlitePlace;
  let inner: Store;
  let reads: number;
  let plan: FailurePlan;
  let store: Store;

  beforeEach(async () => {
    place = await makeSqlitePlace();
    inner = await place.open();
    reads = 0;
    plan = () => undefined;
    const counting: FailurePlan = (call) => {
      if (call.method === 'jobs') reads += 1;
      return plan(call);
    };
    store = rememberingStore(failingStore(inner, counting));
    await store.addEnvironment(sampleEnvironment('shop'));
    for (const name of ['b', 'd']) await store.addJob(sampleWorker('shop', name));
    await store.jobs('shop');
    reads = 0;
  });
  afterEach(async () => {
    await inner.close();
    await place.remove();
  });

  const names = async (): Promise<string[]> => (await store.jobs('shop')).map((job) => job.name);
  const asKept = async (): Promise<void> =>
    expect(await store.jobs('shop')).toEqual(await inner.jobs('shop'));

  test('reads them once, whatever is changed', async () => {
    const before = await store.jobs('shop');
    for (const name of ['c', 'a', 'e']) await store.addJob(sampleCron('shop', name));
    await store.saveJob(sampleWorker('shop', 'b', { command: 'other' }));
    await store.removeJob('shop', 'd');
    expect(await names()).toEqual(['a', 'b', 'c', 'e']);
    expect(await store.job('shop', 'b')).toMatchObject({ command: 'other' });
    expect(await store.job('shop', 'd')).toBeUndefined();
    expect(reads).toBe(0);
    await asKept();
    expect(before.map((job) => job.name)).toEqual(['b', 'd']);
  });

  test('gives a job that has not changed as the same object', async () => {
    const [, before] = await store.jobs('shop');
    await store.saveJob(sampleWorker('shop', 'b', { command: 'other' }));
    expect((await store.jobs('shop'))[1]).toBe(before);
  });

  test.each(['before', 'after'] as const)(
    'reads them anew when a write fails %s it was kept',
    async (when) => {
      plan = failMethod('addJob', when);
      await expect(store.addJob(sampleWorker('shop', 'c'))).rejects.toThrow();
      expect(await names()).toEqual(when === 'after' ? ['b', 'c', 'd'] : ['b', 'd']);
      plan = failMethod('removeJob', when);
      await expect(store.removeJob('shop', 'b')).rejects.toThrow();
      await asKept();
    },
  );

  test('does not keep what it was reading while something changed', async () => {
    await store.removeEnvironment('shop');
    await store.addEnvironment(sampleEnvironment('shop'));
    await store.addJob(sampleWorker('shop', 'x'));
    const [, added] = await Promise.all([store.jobs('shop'), store.addJob(sampleWorker('shop', 'y'))]);
    expect(added).toBeUndefined();
    expect(await names()).toEqual(['x', 'y']);
    await store.applyFile(sampleEnvironment('shop'), { put: [sampleWorker('shop', 'z')], removed: ['x'] });
    expect(await names()).toEqual(['y', 'z']);
  });
});
