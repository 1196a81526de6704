import { beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../domain/limits.ts';
import type { Bench } from '../store.contract.ts';
import { noon, sampleAccount, sampleEnvironment, sampleSession, sampleToken } from '../store.testkit.ts';
import { refusal } from './environments.contract.ts';

export function describeSessions(bench: Bench): void {
  describe('sessions', () => {
    beforeEach(() => bench.store.addAccount(sampleAccount('ada'), null, []));

    test('are kept, newest first, with when they were used last', async () => {
      const [old, young] = [sampleSession('ada', 's1'), sampleSession('ada', 's2', { createdAt: noon + 1 })];
      await bench.store.addSession(old, 9);
      await bench.store.addSession(young, 9);
      await bench.store.sessionUsed('s1', noon + 7);
      await bench.reopen();
      expect(await bench.store.sessions('ada')).toEqual([young, { ...old, usedAt: noon + 7 }]);
      expect(await bench.store.session('s2')).toEqual(young);
      expect(await bench.store.session('none')).toBeUndefined();
      expect(await bench.store.sessions('none')).toEqual([]);
    });

    test('end one by one, and an end is an end', async () => {
      await bench.store.addSession(sampleSession('ada', 's1', { address: null }), 9);
      await bench.store.endSession('s1');
      await bench.store.sessionUsed('s1', noon + 7);
      await bench.store.endSession('s1');
      expect(await bench.store.session('s1')).toBeUndefined();
    });

    test('are so many at most: the oldest give way', async () => {
      for (const n of [1, 2, 3, 4])
        await bench.store.addSession(sampleSession('ada', `s${n}`, { createdAt: noon + n }), 3);
      expect((await bench.store.sessions('ada')).map(({ id }) => id)).toEqual(['s4', 's3', 's2']);
    });

    test('are of accounts that there are', async () => {
      await expect(bench.store.addSession(sampleSession('eve', 's'), 9)).rejects.toThrow(
        refusal('account.unknown'),
      );
    });

    test('that have ended by themselves are swept', async () => {
      await bench.store.addSession(sampleSession('ada', 'idle'), 9);
      await bench.store.addSession(sampleSession('ada', 'busy'), 9);
      const later = noon + limits.sessionIdleSeconds * 1000;
      await bench.store.sessionUsed('busy', later);
      await bench.store.housekeep(later);
      expect((await bench.store.sessions('ada')).map(({ id }) => id)).toEqual(['busy']);
      const end = noon + limits.sessionSeconds * 1000;
      await bench.store.sessionUsed('busy', end);
      await bench.store.housekeep(end);
      expect(await bench.store.sessions('ada')).toEqual([]);
    });
  });

  describe('tokens', () => {
    beforeEach(async () => {
      await bench.store.addAccount(sampleAccount('ada'), null, []);
      for (const name of ['shop', 'blog']) await bench.store.addEnvironment(sampleEnvironment(name));
    });

    test('are kept whole, and found by their hash', async () => {
      const mine = sampleToken('ada', 't1', { environments: ['blog', 'shop'], expiresAt: noon + 5 });
      const machine = sampleToken(null, 't2', { scope: 'operator' });
      await bench.store.addToken(machine);
      await bench.store.addToken(mine);
      await bench.store.tokenUsed('t2', noon + 9);
      await bench.reopen();
      expect(await bench.store.tokens()).toEqual([mine, { ...machine, usedAt: noon + 9 }]);
      expect(await bench.store.tokenOfHash('hash of t1')).toEqual(mine);
      expect(await bench.store.tokenOfHash('none')).toBeUndefined();
    });

    test('are removed, alone or with their account', async () => {
      for (const each of [sampleToken('ada', 't1'), sampleToken('ada', 't2'), sampleToken(null, 't3')])
        await bench.store.addToken(each);
      await bench.store.removeToken('t1');
      await bench.store.removeToken('t1');
      expect((await bench.store.tokens()).map(({ id }) => id)).toEqual(['t2', 't3']);
      await bench.store.removeAccount('ada');
      expect((await bench.store.tokens()).map(({ id }) => id)).toEqual(['t3']);
    });

    test('of a removed environment see nothing, not everything, and not the next one of that name', async () => {
      await bench.store.addToken(sampleToken('ada', 't1', { environments: ['shop'] }));
      await bench.store.removeEnvironment('shop');
      await bench.store.addEnvironment(sampleEnvironment('shop'));
      expect((await bench.store.tokenOfHash('hash of t1'))?.environments).toEqual([]);
    });

    test('are of accounts and environments that there are', async () => {
      await expect(bench.store.addToken(sampleToken('eve', 't'))).rejects.toThrow(refusal('account.unknown'));
      const elsewhere = bench.store.addToken(sampleToken(null, 't', { environments: ['none'] }));
      await expect(elsewhere).rejects.toThrow(refusal('environment.unknown'));
      expect(await bench.store.tokens()).toEqual([]);
    });
  });

  test('activity is kept by its age and by its number', async () => {
    const entry = (at: number) => ({
      at,
      actor: 'ada',
      environment: null,
      act: 'log in',
      detail: '',
      via: 'http',
      address: null,
    });
    await bench.store.addActivity(entry(noon));
    await bench.store.addActivity(entry(noon + 1));
    await bench.store.housekeep(noon + 1 + limits.activityAgeSeconds * 1000);
    expect(await bench.store.activity({ limit: 9 })).toMatchObject([entry(noon + 1)]);
  });
}
