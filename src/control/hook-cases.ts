/** Deploy hooks: addresses that others call when there is new code. Whoever knows one may do that, and nothing else. */
import { timingSafeEqual } from 'node:crypto';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { CallRate } from './call-rate.ts';
import type { Actor, Control } from './control.ts';
import { drawSecret, hashOf } from './secrets.ts';
import type { Tools } from './tools.ts';

type HookCases = Pick<Control, 'deployHook' | 'rotateDeployHook' | 'removeDeployHook' | 'deployByHook'>;

/** One deployment runs and one waits: that one will find all code that came before it. */
const pendingMost = 2;

export function hookCases(tools: Tools, deploy: Control['deploy']): HookCases {
  const { parts, changes, serial } = tools;
  const { store, clock } = parts;
  const calls = new CallRate(limits.deployHookCallsPerMinute);
  const wrong = new CallRate(limits.wrongHookSecretsPerMinute);
  return {
    async deployHook(actor, name) {
      await changes.known(actor, name);
      const hook = await store.deployHook(name);
      if (hook === undefined) throw new Refusal('hook.none', { environment: name });
      return hook;
    },

    async rotateDeployHook(actor, name) {
      await changes.usable(actor, name);
      const secret = drawSecret();
      return await serial.run(name, async () => {
        await changes.usable(actor, name);
        const hook = { environment: name, hash: hashOf(secret), createdAt: clock.wall(), usedAt: null };
        await store.saveDeployHook(name, hook);
        await changes.note(actor, name, 'rotate deploy hook', '');
        return { hook, path: `/hooks/deploy/${secret}`, dashboard: parts.dashboard?.() ?? null };
      });
    },

    async removeDeployHook(actor, name) {
      await changes.usable(actor, name);
      await serial.run(name, async () => {
        if ((await store.deployHook(name)) === undefined)
          throw new Refusal('hook.none', { environment: name });
        await store.saveDeployHook(name, null);
        await changes.note(actor, name, 'remove deploy hook', '');
      });
    },

    async deployByHook(secret, address, change) {
      const now = clock.monotonic();
      const most = limits.wrongHookSecretsPerMinute;
      if (wrong.isFull(address, now)) throw new Refusal('hook.too-often', { limit: most });
      const hash = hashOf(secret);
      // The lookup goes by a digest, whose beginnings tell nothing of the secret; the comparison takes the same time anyhow.
      const hook = await store.deployHookOf(hash);
      if (hook === undefined || !timingSafeEqual(Buffer.from(hook.hash), Buffer.from(hash))) {
        wrong.take(address, now);
        throw new Refusal('hook.unknown');
      }
      const { environment } = hook;
      if (!calls.take(environment, now) || serial.waiting(`${environment}/deploy`) >= pendingMost)
        throw new Refusal('hook.too-often', { limit: limits.deployHookCallsPerMinute });
      await store.saveDeployHook(environment, { ...hook, usedAt: clock.wall() });
      const actor: Actor = {
        name: 'deploy hook',
        role: 'member',
        environments: [environment],
        via: 'http',
        address,
      };
      return await deploy(actor, environment, 'hook', change);
    },
  };
}
