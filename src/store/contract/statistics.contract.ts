import { beforeEach, describe, expect, test } from 'vitest';
import { noStatistics } from '../../domain/statistics.ts';
import type { Bench } from '../store.contract.ts';
import { noon, sampleEnvironment, sampleWorker } from '../store.testkit.ts';

export function describeStatistics(bench: Bench): void {
  describe('statistics', () => {
    beforeEach(async () => {
      await bench.store.addEnvironment(sampleEnvironment('shop'));
      for (const name of ['mail', 'backup']) await bench.store.addJob(sampleWorker('shop', name));
    });

    test('are there for each job, in order of their names, also before anything happened', async () => {
      const found = await bench.store.statistics('shop');
      expect(found.map((each) => ({ ...each, since: 0 }))).toEqual([
        noStatistics('shop', 'backup', 0),
        noStatistics('shop', 'mail', 0),
      ]);
      expect(await bench.store.statistics('none')).toEqual([]);
    });

    test('of one job are the same as among all', async () => {
      await bench.store.addStatistics([{ environment: 'shop', job: 'mail', fails: 2 }]);
      const [backup, mail] = await bench.store.statistics('shop');
      expect(await bench.store.statistics('shop', 'backup')).toEqual([backup]);
      expect(await bench.store.statistics('shop', 'mail')).toEqual([mail]);
      expect(await bench.store.statistics('shop', 'gone')).toEqual([]);
      expect(await bench.store.statistics('none', 'mail')).toEqual([]);
    });

    test('add up, keep the largest, and survive closing', async () => {
      const delta = { environment: 'shop', job: 'mail' };
      await bench.store.addStatistics([
        { ...delta, durationSeconds: 2.5, memoryMaxBytes: 5e9, exitsOk: 1 },
        { ...delta, durationSeconds: 1, memoryMaxBytes: 3, fails: 2 },
      ]);
      await bench.reopen();
      await bench.store.addStatistics([
        { ...delta, memoryByteSeconds: 1e15, memorySeconds: 0.5, restarts: 1 },
        { environment: 'shop', job: 'gone', fails: 9 },
        { environment: 'none', job: 'mail', fails: 9 },
      ]);
      const [backup, mail] = await bench.store.statistics('shop');
      expect(backup).toEqual(noStatistics('shop', 'backup', backup?.since ?? -1));
      expect(mail).toEqual({
        environment: 'shop',
        job: 'mail',
        ended: 2,
        durationSumSeconds: 3.5,
        durationMaxSeconds: 2.5,
        memoryByteSeconds: 1e15,
        memorySeconds: 0.5,
        memoryMaxBytes: 5e9,
        fails: 2,
        exitsOk: 1,
        restarts: 1,
        since: mail?.since,
      });
    });

    test('begin anew with a reset, and nothing else does', async () => {
      await bench.store.addEnvironment(sampleEnvironment('blog'));
      await bench.store.addJob(sampleWorker('blog', 'mail'));
      for (const environment of ['shop', 'blog'])
        await bench.store.addStatistics([{ environment, job: 'mail', fails: 3, durationSeconds: 1 }]);
      const since = noon + 1e12;
      await bench.store.resetStatistics('shop', since);
      await bench.reopen();
      expect(await bench.store.statistics('shop')).toEqual([
        noStatistics('shop', 'backup', since),
        noStatistics('shop', 'mail', since),
      ]);
      expect((await bench.store.statistics('blog'))[0]?.fails).toBe(3);
      await bench.store.addStatistics([{ environment: 'shop', job: 'mail', fails: 1 }]);
      expect((await bench.store.statistics('shop'))[1]).toMatchObject({ fails: 1, since });
      expect(await bench.store.jobs('shop')).toHaveLength(2);
    });
  });
}
