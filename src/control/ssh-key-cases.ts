/** SSH keys: who may hold them, and what they open. */
import { sees } from '../domain/access.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { ownerInWords, type SshKey, type SshKeyOwner } from '../domain/ssh-key.ts';
import type { Actor, Control, NewSshKey } from './control.ts';
import { makeDeployKey } from './deploy-key.ts';
import { readPublicKey } from './public-key.ts';
import type { Tools } from './tools.ts';

type SshKeyCases = Pick<Control, 'sshKeys' | 'addSshKey' | 'removeSshKey' | 'sshActor' | 'deployKey'>;

export function sshKeyCases(tools: Tools): SshKeyCases {
  const { parts, changes, serial } = tools;
  const { store } = parts;
  const ofEnvironment = (name: string): SshKeyOwner => ({ kind: 'environment', name });
  return {
    async sshKeys(actor, name) {
      await changes.known(actor, name);
      return await store.sshKeys(ofEnvironment(name));
    },

    async addSshKey(actor, name, input) {
      await changes.usable(actor, name);
      return await serial.run(name, async () => {
        await changes.usable(actor, name);
        const key = await newKey(tools, actor, ofEnvironment(name), input);
        await store.addSshKey(key);
        await changes.note(actor, name, 'add SSH key', `${key.name} (${key.fingerprint})`);
        return key;
      });
    },

    async removeSshKey(actor, name, asked) {
      await changes.usable(actor, name);
      await serial.run(name, async () => {
        const owner = ofEnvironment(name);
        const key = oneOf(owner, await store.sshKeys(owner), asked);
        await store.removeSshKey(owner, key.fingerprint);
        await changes.note(actor, name, 'remove SSH key', `${key.name} (${key.fingerprint})`);
      });
    },

    async deployKey(actor, name) {
      await changes.usable(actor, name);
      return await serial.run(name, async () => {
        await changes.usable(actor, name);
        const known = await store.deployKey(name);
        if (known !== undefined) return known.publicKey;
        const made = makeDeployKey(`${name}@nightshift`);
        await store.setDeployKey(name, made);
        await changes.note(actor, name, 'make deploy key', '');
        return made.publicKey;
      });
    },

    async sshActor(environment, fingerprint) {
      const key = await store.sshKey(ofEnvironment(environment), fingerprint);
      if (key === undefined || tools.removals.has(environment)) return undefined;
      const actor: Actor = {
        name: `ssh key "${key.name}"`,
        role: 'member',
        environments: [environment],
        via: 'ssh',
      };
      return sees(actor, environment) ? actor : undefined;
    },
  };
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
