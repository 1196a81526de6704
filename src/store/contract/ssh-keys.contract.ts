import { beforeEach, describe, expect, test } from 'vitest';
import type { SshKey, SshKeyOwner } from '../../domain/ssh-key.ts';
import type { Bench } from '../store.contract.ts';
import { noon, sampleEnvironment } from '../store.testkit.ts';
import { refusal } from './environments.contract.ts';

const shop: SshKeyOwner = { kind: 'environment', name: 'shop' };
const blog: SshKeyOwner = { kind: 'environment', name: 'blog' };
const ada: SshKeyOwner = { kind: 'account', name: 'ada' };
const bob: SshKeyOwner = { kind: 'account', name: 'bob' };

const keyOf = (owner: SshKeyOwner, fingerprint: string): SshKey => ({
  owner,
  name: `key ${fingerprint}`,
  type: 'ssh-ed25519',
  base64: 'AAAA',
  fingerprint,
  addedAt: noon,
  addedBy: 'root',
});

export function describeSshKeys(bench: Bench): void {
  describe('SSH keys', () => {
    beforeEach(async () => {
      await bench.store.addEnvironment(sampleEnvironment('shop'));
      await bench.store.addEnvironment(sampleEnvironment('blog'));
    });

    test('are kept in the order in which they were added, each with its owner', async () => {
      for (const key of [keyOf(shop, 'b'), keyOf(shop, 'a'), keyOf(blog, 'a'), keyOf(ada, 'a')])
        await bench.store.addSshKey(key);
      await bench.reopen();
      expect(await bench.store.sshKeys(shop)).toEqual([keyOf(shop, 'b'), keyOf(shop, 'a')]);
      expect(await bench.store.sshKeys(ada)).toEqual([keyOf(ada, 'a')]);
      expect(await bench.store.sshKey(blog, 'a')).toEqual(keyOf(blog, 'a'));
      expect(await bench.store.sshKey(blog, 'b')).toBeUndefined();
      expect(await bench.store.sshKey(bob, 'a')).toBeUndefined();
      expect(await bench.store.sshKey('any account', 'a')).toEqual(keyOf(ada, 'a'));
      expect(await bench.store.sshKey('any account', 'b')).toBeUndefined();
    });

    test('are there once in an environment, and once among all accounts', async () => {
      await bench.store.addSshKey(keyOf(shop, 'a'));
      await bench.store.addSshKey(keyOf(ada, 'a'));
      await expect(bench.store.addSshKey(keyOf(shop, 'a'))).rejects.toThrow(refusal('key.exists'));
      await expect(bench.store.addSshKey(keyOf(bob, 'a'))).rejects.toThrow(refusal('key.exists'));
      await expect(bench.store.addSshKey(keyOf({ kind: 'environment', name: 'none' }, 'a'))).rejects.toThrow(
        refusal('environment.unknown'),
      );
    });

    test('go one by one, all of an owner at once, and with their environment', async () => {
      for (const key of [
        keyOf(shop, 'a'),
        keyOf(shop, 'b'),
        keyOf(blog, 'a'),
        keyOf(ada, 'a'),
        keyOf(bob, 'b'),
      ])
        await bench.store.addSshKey(key);
      await bench.store.removeSshKey(shop, 'a');
      await bench.store.removeSshKey(shop, 'nothing');
      await bench.store.removeSshKeys(ada);
      await bench.store.removeEnvironment('blog');
      await bench.store.addEnvironment(sampleEnvironment('blog'));
      expect(await bench.store.sshKeys(shop)).toEqual([keyOf(shop, 'b')]);
      expect(await bench.store.sshKeys(blog)).toEqual([]);
      expect(await bench.store.sshKeys(ada)).toEqual([]);
      expect(await bench.store.sshKeys(bob)).toEqual([keyOf(bob, 'b')]);
    });

    test('that an environment shows to others are kept until replaced, or gone with it', async () => {
      expect(await bench.store.deployKey('shop')).toBeUndefined();
      await bench.store.setDeployKey('shop', { publicKey: 'one', privateKey: 'secret one' });
      await bench.store.setDeployKey('shop', { publicKey: 'two', privateKey: 'secret two' });
      await bench.reopen();
      expect(await bench.store.deployKey('shop')).toEqual({ publicKey: 'two', privateKey: 'secret two' });
      await bench.store.removeEnvironment('shop');
      await bench.store.addEnvironment(sampleEnvironment('shop'));
      expect(await bench.store.deployKey('shop')).toBeUndefined();
    });
  });
}
