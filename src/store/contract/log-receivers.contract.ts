import { beforeEach, describe, expect, test } from 'vitest';
import { type KeptLogReceiver, nothingSent } from '../../domain/log-receiver.ts';
import type { Bench } from '../store.contract.ts';
import { noon, sampleEnvironment } from '../store.testkit.ts';
import { refusal } from './environments.contract.ts';

const receiverOf = (environment: string, given: Partial<KeptLogReceiver> = {}): KeptLogReceiver => ({
  receiver: { environment, target: 'collector.example.com', headers: ['authorization'], since: noon },
  secrets: {
    url: 'https://collector.example.com/v1/logs',
    headers: { authorization: 'Bearer geheim' },
  },
  progress: nothingSent,
  ...given,
});

export function describeLogReceivers(bench: Bench): void {
  describe('log receivers', () => {
    beforeEach(async () => {
      await bench.store.addEnvironment(sampleEnvironment('shop'));
      await bench.store.addEnvironment(sampleEnvironment('blog'));
    });

    test('are kept, one for an environment, with how far the output is sent', async () => {
      await bench.store.saveLogReceiver(receiverOf('shop'));
      await bench.store.saveLogReceiver(receiverOf('blog'));
      const progress = { cursor: 'c1', sentLines: 7, refusedLines: 2, gaps: 1, sentAt: noon + 1 };
      await bench.store.saveLogProgress('shop', progress);
      await bench.reopen();
      expect(await bench.store.logReceivers()).toEqual([
        receiverOf('blog'),
        receiverOf('shop', { progress }),
      ]);
      const secrets = { url: 'https://other.example.com/v1/logs', headers: {} };
      await bench.store.saveLogReceiver(receiverOf('blog', { secrets }));
      expect((await bench.store.logReceivers())[0]).toEqual(receiverOf('blog', { secrets }));
    });

    test('are of environments that are there, and go with them', async () => {
      await expect(bench.store.saveLogReceiver(receiverOf('none'))).rejects.toThrow(
        refusal('environment.unknown'),
      );
      await bench.store.saveLogProgress('none', nothingSent);
      await bench.store.saveLogReceiver(receiverOf('shop'));
      await bench.store.removeEnvironment('shop');
      await bench.store.saveLogProgress('shop', { ...nothingSent, sentLines: 1 });
      await bench.store.addEnvironment(sampleEnvironment('shop'));
      expect(await bench.store.logReceivers()).toEqual([]);
    });

    test('that were removed say no more how far they are', async () => {
      await bench.store.saveLogReceiver(receiverOf('shop'));
      await bench.store.removeLogReceiver('shop');
      await bench.store.removeLogReceiver('shop');
      await bench.store.saveLogProgress('shop', { ...nothingSent, sentLines: 1 });
      expect(await bench.store.logReceivers()).toEqual([]);
    });
  });
}
