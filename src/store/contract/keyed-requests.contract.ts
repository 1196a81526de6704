import { describe, expect, test } from 'vitest';
import { limits } from '../../domain/limits.ts';
import type { Bench } from '../store.contract.ts';
import { noon } from '../store.testkit.ts';
import type { KeyedRequest } from '../store.ts';

const request = (key: string, given: Partial<KeyedRequest> = {}): KeyedRequest => ({
  ...{ user: 'u', key, fingerprint: 'f', beganAt: noon, answer: null },
  ...given,
});

export function describeKeyedRequests(bench: Bench): void {
  describe('requests with a key', () => {
    test('are remembered as begun, and then with their answer', async () => {
      await bench.store.beginKeyedRequest(request('k'), 9);
      await bench.reopen();
      expect(await bench.store.keyedRequest('u', 'k')).toEqual(request('k'));
      await bench.store.answerKeyedRequest('u', 'k', '{"token":"secret"}');
      await bench.reopen();
      expect(await bench.store.keyedRequest('u', 'k')).toEqual(
        request('k', { answer: '{"token":"secret"}' }),
      );
      expect(await bench.store.keyedRequest('other', 'k')).toBeUndefined();
    });

    test('that are begun again have no answer any more, and none that were dropped', async () => {
      await bench.store.beginKeyedRequest(request('k'), 9);
      await bench.store.answerKeyedRequest('u', 'k', 'a');
      await bench.store.beginKeyedRequest(request('k', { fingerprint: 'g' }), 9);
      expect(await bench.store.keyedRequest('u', 'k')).toEqual(request('k', { fingerprint: 'g' }));
      await bench.store.dropKeyedRequest('u', 'k');
      await bench.store.answerKeyedRequest('u', 'k', 'too late');
      expect(await bench.store.keyedRequest('u', 'k')).toBeUndefined();
    });

    test('are so many of one user at most: the oldest give way', async () => {
      await bench.store.beginKeyedRequest(request('k', { user: 'other' }), 2);
      for (const n of [1, 2, 3])
        await bench.store.beginKeyedRequest(request(`k${n}`, { beganAt: noon + n }), 2);
      expect(await bench.store.keyedRequest('u', 'k1')).toBeUndefined();
      expect(await bench.store.keyedRequest('u', 'k2')).toBeDefined();
      expect(await bench.store.keyedRequest('other', 'k')).toBeDefined();
    });

    test('go after a day', async () => {
      await bench.store.beginKeyedRequest(request('old'), 9);
      await bench.store.beginKeyedRequest(request('young', { beganAt: noon + 1 }), 9);
      await bench.store.housekeep(noon + 1 + limits.idempotencySeconds * 1000);
      expect(await bench.store.keyedRequest('u', 'old')).toBeUndefined();
      expect(await bench.store.keyedRequest('u', 'young')).toBeDefined();
    });
  });
}
