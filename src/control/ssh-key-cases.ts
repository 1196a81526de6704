/** SSH keys: who may hold them, and what they open. */
import { checkOperator } from '../domain/access.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { ownerInWords, type SshKey, type SshKeyOwner } from '../domain/ssh-key.ts';
import type { Accounts } from './accounts.ts';
import type { Actor, Control, NewSshKey } from './control.ts';
import { makeOpenSshKey } from './openssh-key.ts';
import { readPublicKey } from './public-key.ts';
import type { Tools } from './tools.ts';

type EnvironmentKeyCases = Pick<Control, 'sshKeys' | 'addSshKey' | 'removeSshKey' | 'deployKey'>;
type UserKeyCases = Pick<Control, 'userSshKeys' | 'addUserSshKey' | 'removeUserSshKey'>;
type SshKeyCases = EnvironmentKeyCases & UserKeyCases & Pick<Control, 'sshActor'>;

export function sshKeyCases(tools: Tools, accounts: Accounts): SshKeyCases {
  return {
    ...environmentKeyCases(tools, accounts),
    ...userKeyCases(tools, accounts),
    sshActor: (environment, fingerprint, address) => sshActor(tools, environment, fingerprint, address),
  };
}

const ofEnvironment = (name: string): SshKeyOwner => ({ kind: 'environment', name });
const ofAccount = (name: string): SshKeyOwner => ({ kind: 'account', name });
const inWords = ({ name, fingerprint }: SshKey): string => `${name} (${fingerprint})`;

function environmentKeyCases(tools: Tools, accounts: Accounts): EnvironmentKeyCases {
  const { parts, changes, serial } = tools;
  const { store } = parts;
  return {
    async sshKeys(actor, name) {
      await changes.known(actor, name);
      return await store.sshKeys(ofEnvironment(name));
    },

    async addSshKey(actor, name, input) {
      await changes.usable(actor, name);
      accounts.checkNoToken(actor, 'add SSH keys');
      return await serial.run(name, async () => {
        await changes.usable(actor, name);
        const key = await newKey(tools, actor, ofEnvironment(name), input);
        await store.addSshKey(key);
        await changes.note(actor, name, 'add SSH key', inWords(key));
        return key;
      });
    },

    async removeSshKey(actor, name, asked) {
      await changes.usable(actor, name);
      await serial.run(name, async () => {
        const key = oneOf(ofEnvironment(name), await store.sshKeys(ofEnvironment(name)), asked);
        await store.removeSshKey(key.owner, key.fingerprint);
        await changes.note(actor, name, 'remove SSH key', inWords(key));
      });
    },

    async deployKey(actor, name) {
      await changes.usable(actor, name);
      return await serial.run(name, async () => {
        await changes.usable(actor, name);
        const known = await store.deployKey(name);
        if (known !== undefined) return known.publicKey;
        const made = makeOpenSshKey(`${name}@nightshift`);
        await store.setDeployKey(name, made);
        await changes.note(actor, name, 'make deploy key', '');
        return made.publicKey;
      });
    },
  };
}

/** One's own; operators manage those of all. */
function userKeyCases(tools: Tools, accounts: Accounts): UserKeyCases {
  const { parts, changes } = tools;
  const { store } = parts;
  const check = async (actor: Actor, user: string): Promise<void> => {
    if (actor.account !== user) checkOperator(actor, 'manage accounts');
    await accounts.known(user);
  };
  return {
    async userSshKeys(actor, user) {
      await check(actor, user);
      return await store.sshKeys(ofAccount(user));
    },

    async addUserSshKey(actor, user, input) {
      await check(actor, user);
      accounts.checkNoToken(actor, 'add SSH keys');
      return await accounts.inTurn(async () => {
        await check(actor, user);
        const key = await newKey(tools, actor, ofAccount(user), input);
        await store.addSshKey(key);
        await changes.note(actor, null, 'add SSH key', `of "${user}": ${inWords(key)}`);
        return key;
      });
    },

    async removeUserSshKey(actor, user, asked) {
      await check(actor, user);
      await accounts.inTurn(async () => {
        const key = oneOf(ofAccount(user), await store.sshKeys(ofAccount(user)), asked);
        await store.removeSshKey(key.owner, key.fingerprint);
        await changes.note(actor, null, 'remove SSH key', `of "${user}": ${inWords(key)}`);
      });
    },
  };
}

/** Whoever comes sees the one environment that was asked for, whatever else the key may open. */
async function sshActor(
  { parts, removals }: Tools,
  name: string,
  fingerprint: string,
  address: string | null,
): Promise<Actor | undefined> {
  const { store } = parts;
  if ((await store.environment(name)) === undefined || removals.has(name)) return undefined;
  const rights = { role: 'member', environments: [name], via: 'ssh', address } as const;
  const own = await store.sshKey(ofEnvironment(name), fingerprint);
  if (own !== undefined) return { ...rights, name: `ssh key "${own.name}"` };
  const key = await store.sshKey('any account', fingerprint);
  const account = key === undefined ? undefined : await store.account(key.owner.name);
  // Without a password it is not in use: invited only, or reset because something was lost.
  if (account === undefined || account.password === null) return undefined;
  const opens = account.role === 'operator' || (await store.environmentsOf(account.name)).includes(name);
  return opens ? { ...rights, name: account.name, account: account.name } : undefined;
}

async function newKey(tools: Tools, actor: Actor, owner: SshKeyOwner, input: NewSshKey): Promise<SshKey> {
  const { comment, ...key } = readPublicKey(input.key);
  const name = (input.name ?? comment).trim() || key.fingerprint;
  if (name.length > limits.sshKeyNameCharacters || /\p{Cc}/u.test(name))
    throw new Refusal('key.name', { name });
  const there = await tools.parts.store.sshKeys(owner);
  if (there.length >= limits.sshKeysPerOwner)
    throw new Refusal('key.too-many', { owner: ownerInWords(owner), limit: limits.sshKeysPerOwner });
  return { ...key, owner, name, addedAt: tools.parts.clock.wall(), addedBy: actor.name };
}

/** By fingerprint, or by a name that only one has. */
function oneOf(owner: SshKeyOwner, keys: readonly SshKey[], asked: string): SshKey {
  const named = keys.filter((key) => key.fingerprint === asked || key.name === asked);
  const [key, ...more] = named;
  if (key === undefined) throw new Refusal('key.unknown', { owner: ownerInWords(owner), key: asked });
  if (more.length > 0) throw new Refusal('key.ambiguous', { owner: ownerInWords(owner), key: asked });
  return key;
}
