import { beforeEach, describe, expect, test } from 'vitest';
import type { OneTimeLink } from '../../domain/account.ts';
import type { Bench } from '../store.contract.ts';
import { noon, sampleAccount, sampleEnvironment, sampleSession } from '../store.testkit.ts';
import { refusal } from './environments.contract.ts';

const link = (id: string, account: string | null, given: Partial<OneTimeLink> = {}): OneTimeLink => ({
  id,
  kind: account === null ? 'set-up' : 'invitation',
  account,
  expiresAt: noon + 1_000,
  ...given,
});

export function describeAccounts(bench: Bench): void {
  describe('accounts', () => {
    test('are kept whole, in order of their names', async () => {
      const factor = { secret: 'JBSWY3DPEHPK3PXP', recovery: ['a', 'b'], lastStep: 7 };
      const ada = sampleAccount('ada', { role: 'operator', password: 'scrypt$…', secondFactor: factor });
      await bench.store.addAccount(sampleAccount('bob'), null, []);
      await bench.store.addAccount(ada, null, []);
      await bench.reopen();
      expect(await bench.store.accounts()).toEqual([ada, sampleAccount('bob')]);
      expect(await bench.store.account('ada')).toEqual(ada);
      expect(await bench.store.account('eve')).toBeUndefined();
    });

    test('are added as members of environments, or not at all', async () => {
      await bench.store.addEnvironment(sampleEnvironment('shop'));
      await bench.store.addAccount(sampleAccount('ada'), null, ['shop']);
      expect(await bench.store.members('shop')).toEqual(['ada']);
      const nowhere = bench.store.addAccount(sampleAccount('bob'), null, ['shop', 'none']);
      await expect(nowhere).rejects.toThrow(refusal('environment.unknown'));
      expect(await bench.store.account('bob')).toBeUndefined();
    });

    test('are not added twice, and a link of the second is not kept', async () => {
      await bench.store.addAccount(sampleAccount('ada'), null, []);
      const second = bench.store.addAccount(sampleAccount('ada', { role: 'operator' }), link('l', 'ada'), []);
      await expect(second).rejects.toThrow(refusal('account.exists'));
      expect(await bench.store.accounts()).toEqual([sampleAccount('ada')]);
      expect(await bench.store.link('l')).toBeUndefined();
    });

    test('are replaced, with all sessions, all but one, or none ended', async () => {
      await bench.store.addAccount(sampleAccount('ada'), null, []);
      for (const id of ['s1', 's2', 's3']) await bench.store.addSession(sampleSession('ada', id), 9);
      await bench.store.saveAccount(sampleAccount('ada', { role: 'operator' }));
      expect(await bench.store.account('ada')).toEqual(sampleAccount('ada', { role: 'operator' }));
      expect(await bench.store.sessions('ada')).toHaveLength(3);
      await bench.store.saveAccount(sampleAccount('ada'), 's2');
      expect(await bench.store.sessions('ada')).toEqual([sampleSession('ada', 's2')]);
      await bench.store.saveAccount(sampleAccount('ada'), null);
      expect(await bench.store.sessions('ada')).toEqual([]);
      await expect(bench.store.saveAccount(sampleAccount('eve'))).rejects.toThrow(refusal('account.unknown'));
    });

    test('that are removed leave nothing to a later one of that name', async () => {
      await bench.store.addEnvironment(sampleEnvironment('shop'));
      await bench.store.addAccount(sampleAccount('ada'), link('l', 'ada'), []);
      await bench.store.setMember('shop', 'ada', true);
      await bench.store.addSession(sampleSession('ada', 's'), 9);
      await bench.store.removeAccount('ada');
      await bench.store.removeAccount('ada');
      await bench.store.addAccount(sampleAccount('ada'), null, []);
      expect(await bench.store.session('s')).toBeUndefined();
      expect(await bench.store.link('l')).toBeUndefined();
      expect(await bench.store.members('shop')).toEqual([]);
      expect(await bench.store.environmentsOf('ada')).toEqual([]);
    });
  });

  describe('one-time links', () => {
    beforeEach(() => bench.store.addAccount(sampleAccount('ada'), link('first', 'ada'), []));

    test('are kept, one for each account and one for setting up', async () => {
      await bench.store.saveLink(link('second', 'ada', { kind: 'reset' }));
      await bench.store.saveLink(link('third', null));
      await bench.store.saveLink(link('fourth', null));
      await bench.reopen();
      expect(await bench.store.link('first')).toBeUndefined();
      expect(await bench.store.link('second')).toEqual(link('second', 'ada', { kind: 'reset' }));
      expect(await bench.store.link('third')).toBeUndefined();
      expect(await bench.store.link('fourth')).toEqual(link('fourth', null));
    });

    test('are used once: the account, its session and the end of the others come in one step', async () => {
      await bench.store.addSession(sampleSession('ada', 'old'), 9);
      const changed = sampleAccount('ada', { password: 'new' });
      const uses = ['s1', 's2'].map((id) => bench.store.useLink('first', changed, sampleSession('ada', id)));
      expect(await Promise.all(uses)).toEqual([true, false]);
      expect(await bench.store.account('ada')).toEqual(changed);
      expect(await bench.store.sessions('ada')).toEqual([sampleSession('ada', 's1')]);
    });

    test('for setting up make the account, and are of no use once there is one', async () => {
      const operator = sampleAccount('root', { role: 'operator', password: 'x' });
      await bench.store.saveLink(link('set-up', null));
      expect(await bench.store.useLink('set-up', operator, sampleSession('root', 's'))).toBe(true);
      expect(await bench.store.account('root')).toEqual(operator);
      await bench.store.saveLink(link('set-up', null));
      await bench.store.addAccount(sampleAccount('bob'), null, []);
      expect(await bench.store.link('set-up')).toBeUndefined();
    });

    test('go when a new one is made with a reset, which ends the sessions', async () => {
      await bench.store.addSession(sampleSession('ada', 's'), 9);
      await bench.store.resetAccount(sampleAccount('ada'), link('reset', 'ada', { kind: 'reset' }));
      expect(await bench.store.link('first')).toBeUndefined();
      expect(await bench.store.link('reset')).toBeDefined();
      expect(await bench.store.sessions('ada')).toEqual([]);
    });

    test('are swept when they have expired', async () => {
      await bench.store.housekeep(noon + 999);
      expect(await bench.store.link('first')).toBeDefined();
      await bench.store.housekeep(noon + 1_000);
      expect(await bench.store.link('first')).toBeUndefined();
    });
  });

  describe('members', () => {
    beforeEach(async () => {
      for (const name of ['shop', 'blog']) await bench.store.addEnvironment(sampleEnvironment(name));
      for (const name of ['bob', 'ada']) await bench.store.addAccount(sampleAccount(name), null, []);
    });

    test('are added and removed, and it is told whether that changed anything', async () => {
      expect(await bench.store.setMember('shop', 'bob', true)).toBe(true);
      expect(await bench.store.setMember('shop', 'bob', true)).toBe(false);
      await bench.store.setMember('shop', 'ada', true);
      await bench.store.setMember('blog', 'ada', true);
      await bench.reopen();
      expect(await bench.store.members('shop')).toEqual(['ada', 'bob']);
      expect(await bench.store.environmentsOf('ada')).toEqual(['blog', 'shop']);
      expect(await bench.store.setMember('shop', 'ada', false)).toBe(true);
      expect(await bench.store.setMember('shop', 'ada', false)).toBe(false);
      expect(await bench.store.environmentsOf('ada')).toEqual(['blog']);
    });

    test('are of accounts and environments that there are', async () => {
      await expect(bench.store.setMember('none', 'ada', true)).rejects.toThrow(
        refusal('environment.unknown'),
      );
      await expect(bench.store.setMember('shop', 'eve', true)).rejects.toThrow(refusal('account.unknown'));
      expect(await bench.store.members('none')).toEqual([]);
    });

    test('of a removed environment are not those of the next one of that name', async () => {
      await bench.store.setMember('shop', 'ada', true);
      await bench.store.removeEnvironment('shop');
      await bench.store.addEnvironment(sampleEnvironment('shop'));
      expect(await bench.store.members('shop')).toEqual([]);
      expect(await bench.store.environmentsOf('ada')).toEqual([]);
    });
  });
}
