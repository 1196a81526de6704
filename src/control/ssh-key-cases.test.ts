import { generateKeyPairSync } from 'node:crypto';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../domain/limits.ts';
import type { Actor } from './control.ts';
import { readPublicKey } from './public-key.ts';
import { makeWorld, member, operator, refused, type World, withShop } from './world.testkit.ts';

const aKey = (comment = 'ada@laptop'): string => `${keyLine()} ${comment}`;

/** The line of a fresh ed25519 key, written by hand: its layout is what is tested. */
function keyLine(): string {
  const { publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return `ssh-ed25519 ${Buffer.concat([lengthed(Buffer.from('ssh-ed25519')), lengthed(raw)]).toString('base64')}`;
}

const lengthed = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

const rsaLine = (bits: number): string => ssh2.utils.generateKeyPairSync('rsa', { bits }).public;

describe('a public key', () => {
  it('is read with its comment and named by its fingerprint', () => {
    const key = readPublicKey(
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIWpmlRbRsbV4Ojx4h3T+xHrzGmpSsOYpGpEiTtwQxwJ ada at home\r\n',
    );
    expect(key).toMatchObject({ type: 'ssh-ed25519', comment: 'ada at home' });
    expect(key.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  });

  it.each([256, 384, 521] as const)('of ECDSA with %i bits is taken', (bits) => {
    const { public: line } = ssh2.utils.generateKeyPairSync('ecdsa', { bits });
    const parsed = ssh2.utils.parseKey(line);
    if (parsed instanceof Error) throw parsed;
    expect(readPublicKey(line).base64).toBe(parsed.getPublicSSH().toString('base64'));
  });

  it('of RSA is taken with 2048 bits and refused with fewer', () => {
    expect(readPublicKey(rsaLine(2_048)).type).toBe('ssh-rsa');
    expect(() => readPublicKey(rsaLine(1_024))).toThrow(
      'this RSA key has 1024 bits, and 2048 are the least: make a better one with "ssh-keygen -t ed25519"',
    );
  });

  it.each([
    ['nothing', '', 'key.invalid'],
    ['comments alone', '# my keys\n\n', 'key.invalid'],
    ['two keys', `${keyLine()}\n${keyLine()}`, 'key.invalid'],
    ['options before the key', `command="x" ${keyLine()}`, 'key.invalid'],
    ['some other text', 'hello world', 'key.invalid'],
    ['a key that is cut', keyLine().slice(0, -8), 'key.invalid'],
    ['a key with more behind it', `${keyLine().replace(/=*$/, '')}AAAA`, 'key.invalid'],
    ['a key that says to be another', keyLine().replace('ssh-ed25519', 'ssh-rsa'), 'key.invalid'],
    ['no base64', 'ssh-ed25519 !!!!', 'key.invalid'],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n', 'key.private'],
    ['DSA', 'ssh-dss AAAAB3NzaC1kc3M=', 'key.type'],
    ['a key in hardware', 'sk-ssh-ed25519@openssh.com AAAA', 'key.type'],
    ['a certificate', 'ssh-ed25519-cert-v01@openssh.com AAAA', 'key.type'],
  ])('is not %s', (_, text, code) => {
    expect(() => readPublicKey(text)).toThrow(expect.objectContaining({ code }));
  });
});

describe('the SSH keys of an environment', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
    await withShop(world);
    await world.control.createEnvironment(operator, { name: 'blog', root: '/srv/blog' });
  });
  afterEach(() => world.dispose());

  it('open that one and no other', async () => {
    const { fingerprint } = await world.control.addSshKey(member('shop'), 'shop', { key: aKey() });
    expect(await world.control.sshActor('shop', fingerprint, null)).toEqual({
      name: 'ssh key "ada@laptop"',
      role: 'member',
      environments: ['shop'],
      via: 'ssh',
      address: null,
    });
    expect(await world.control.sshActor('blog', fingerprint, null)).toBeUndefined();
    expect(await world.control.sshActor('nowhere', fingerprint, null)).toBeUndefined();
    expect(await world.control.sshActor('../shop', fingerprint, null)).toBeUndefined();
  });

  it('may open several, and are there once in each', async () => {
    const key = aKey();
    const { fingerprint } = await world.control.addSshKey(operator, 'shop', { key });
    await world.control.addSshKey(operator, 'blog', { key, name: 'deploy' });
    const again = await refused('key.exists', world.control.addSshKey(operator, 'shop', { key, name: 'x' }));
    expect(again.message).toBe('that key is there already: "shop" has it as "ada@laptop"');
    expect((await world.control.sshActor('blog', fingerprint, null))?.name).toBe('ssh key "deploy"');
  });

  it('are taken away by name or fingerprint, and open nothing then', async () => {
    const one = await world.control.addSshKey(operator, 'shop', { key: aKey() });
    const two = await world.control.addSshKey(operator, 'shop', { key: aKey() });
    await refused('key.ambiguous', world.control.removeSshKey(operator, 'shop', 'ada@laptop'));
    await world.control.removeSshKey(operator, 'shop', one.fingerprint);
    await world.control.removeSshKey(operator, 'shop', 'ada@laptop');
    await refused('key.unknown', world.control.removeSshKey(operator, 'shop', two.fingerprint));
    expect(await world.control.sshKeys(operator, 'shop')).toEqual([]);
    expect(await world.control.sshActor('shop', one.fingerprint, null)).toBeUndefined();
  });

  it('go with the environment, so that another of its name begins with none', async () => {
    const { fingerprint } = await world.control.addSshKey(operator, 'blog', { key: aKey() });
    await world.control.removeEnvironment(operator, 'blog');
    expect(await world.control.sshActor('blog', fingerprint, null)).toBeUndefined();
    await world.control.createEnvironment(operator, { name: 'blog', root: '/srv/blog' });
    expect(await world.control.sshKeys(operator, 'blog')).toEqual([]);
  });

  it('are the business of those who see it, and stand in the activity log', async () => {
    await refused('environment.unknown', world.control.addSshKey(member('blog'), 'shop', { key: aKey() }));
    await refused('environment.unknown', world.control.sshKeys(member('blog'), 'shop'));
    const { fingerprint } = await world.control.addSshKey(member('shop'), 'shop', { key: aKey('') });
    const [entry] = await world.control.activity(operator, { environment: 'shop', limit: 1 });
    expect(entry).toMatchObject({ act: 'add SSH key', detail: `${fingerprint} (${fingerprint})` });
  });

  it('have names that can be printed, and are not without number', async () => {
    await refused(
      'key.name',
      world.control.addSshKey(operator, 'shop', { key: aKey(), name: 'a\u001b[31m' }),
    );
    for (let count = 0; count < limits.sshKeysPerOwner; count++)
      await world.control.addSshKey(operator, 'shop', { key: aKey() });
    await refused('key.too-many', world.control.addSshKey(operator, 'shop', { key: aKey() }));
  });
});

describe('the SSH keys of an account', () => {
  let world: World;
  let fingerprint: string;
  beforeEach(async () => {
    world = await makeWorld();
    await withShop(world);
    await world.control.createEnvironment(operator, { name: 'blog', root: '/srv/blog' });
    for (const [name, role] of [
      ['ada', 'member'],
      ['bob', 'operator'],
    ] as const)
      await world.store.addAccount(
        { name, role, createdAt: world.clock.wall(), password: 'a hash', secondFactor: null },
        null,
        role === 'member' ? ['shop'] : [],
      );
    fingerprint = (await world.control.addUserSshKey(ada, 'ada', { key: aKey() })).fingerprint;
  });
  afterEach(() => world.dispose());

  const ada: Actor = { ...member('shop'), account: 'ada' };

  it('open what the account sees, for as long as it sees it, and name their owner', async () => {
    expect(await world.control.sshActor('shop', fingerprint, '192.0.2.7')).toEqual({
      name: 'ada',
      account: 'ada',
      role: 'member',
      environments: ['shop'],
      via: 'ssh',
      address: '192.0.2.7',
    });
    expect(await world.control.sshActor('blog', fingerprint, null)).toBeUndefined();
    await world.store.setMember('shop', 'ada', false);
    expect(await world.control.sshActor('shop', fingerprint, null)).toBeUndefined();
  });

  it('of an operator open every environment, one at a time', async () => {
    const key = await world.control.addUserSshKey(operator, 'bob', { key: aKey('bob') });
    for (const name of ['shop', 'blog'])
      expect(await world.control.sshActor(name, key.fingerprint, null)).toMatchObject({
        name: 'bob',
        environments: [name],
      });
    expect(await world.control.sshActor('nowhere', key.fingerprint, null)).toBeUndefined();
  });

  it('open nothing while the account has no password, and go with it', async () => {
    const account = await world.store.account('ada');
    if (account === undefined) throw new Error('no account');
    await world.store.saveAccount({ ...account, password: null });
    expect(await world.control.sshActor('shop', fingerprint, null)).toBeUndefined();
    await world.control.removeUser(operator, 'ada');
    expect(await world.store.sshKey('any account', fingerprint)).toBeUndefined();
  });

  it('are their owner’s business and that of operators', async () => {
    await refused('access.denied', world.control.addUserSshKey(ada, 'bob', { key: aKey() }));
    await refused('access.denied', world.control.userSshKeys(member('shop'), 'ada'));
    await refused('account.unknown', world.control.userSshKeys(operator, 'nobody'));
    expect(await world.control.userSshKeys(operator, 'ada')).toHaveLength(1);
    await world.control.removeUserSshKey(ada, 'ada', fingerprint);
    expect(await world.control.userSshKeys(ada, 'ada')).toEqual([]);
  });

  it('can’t be added with a token: the key would outlive it', async () => {
    const token: Actor = { ...ada, via: 'token', scope: 'write', token: 'ci' };
    await refused('access.scope', world.control.addUserSshKey(token, 'ada', { key: aKey() }));
    await refused('access.scope', world.control.addSshKey(token, 'shop', { key: aKey() }));
  });
});
