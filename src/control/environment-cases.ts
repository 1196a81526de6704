/** Environments, their trial and their variables. */
import { checkOperator, checkSees, sees } from '../domain/access.ts';
import type { Environment } from '../domain/environment.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { checkEnvironmentName, checkVariable } from '../domain/names.ts';
import type { Actor, Control, Expected, NewEnvironment } from './control.ts';
import { checkRoot } from './root-folder.ts';
import { chooseUser } from './root-user.ts';
import { checkEnvironmentFresh } from './stale.ts';
import type { Looked } from './system.ts';
import type { Tools } from './tools.ts';

type EnvironmentCases = Pick<
  Control,
  | 'environments'
  | 'environment'
  | 'createEnvironment'
  | 'removeEnvironment'
  | 'setTrial'
  | 'setPaused'
  | 'setMaskSecrets'
  | 'variables'
  | 'setVariables'
>;

/** Creations wait for each other: names and roots are checked against all the others. No environment can have this name. */
const creating = '*';

export function environmentCases(tools: Tools): EnvironmentCases {
  const { parts, changes, views, wishes, serial } = tools;
  const { store, platform } = parts;
  return {
    async environments(actor) {
      const all = await store.environments();
      return await views.environments(all.filter((each) => sees(actor, each.name)));
    },

    async environment(actor, name) {
      return await views.environment(await changes.known(actor, name));
    },

    async createEnvironment(actor, input) {
      checkOperator(actor, 'create environments');
      return await serial.run(creating, async () => {
        const environment = await newEnvironment(tools, input);
        const { name, root, user, trial } = environment;
        await serial.run(name, async () => {
          await store.addEnvironment(environment);
          const detail = `root ${root}, user ${user}${trial ? ', on trial' : ''}`;
          await changes.note(actor, name, 'create environment', detail);
          await wishes.apply(name);
        });
        return await views.environment(environment);
      });
    },

    removeEnvironment: (actor, name, expected) => removeEnvironment(tools, actor, name, expected),

    async setTrial(actor, name, trial, expected) {
      checkSees(actor, name);
      checkOperator(actor, 'begin or end a trial');
      const changed = await changes.make(
        actor,
        name,
        async (environment) => {
          if (trial && environment.plan !== null) {
            throw new Refusal('environment.trial-booked', { environment: name, plan: environment.plan });
          }
          const result: Environment = { ...environment, trial };
          await store.saveEnvironment(result);
          return { act: trial ? 'begin trial' : 'end trial', detail: '', result };
        },
        expected,
      );
      return await views.environment(changed);
    },

    async setPaused(actor, name, paused, expected) {
      const changed = await changes.make(
        actor,
        name,
        async (environment) => {
          const result: Environment = { ...environment, paused };
          await store.saveEnvironment(result);
          return { act: paused ? 'pause crons' : 'resume crons', detail: '', result };
        },
        expected,
      );
      return await views.environment(changed);
    },

    async setMaskSecrets(actor, name, maskSecrets, expected) {
      const changed = await changes.make(
        actor,
        name,
        async (environment) => {
          const result: Environment = { ...environment, maskSecrets };
          await store.saveEnvironment(result);
          return { act: maskSecrets ? 'mask secrets' : 'show secrets', detail: '', result };
        },
        expected,
      );
      return await views.environment(changed);
    },

    async variables(actor, name) {
      await changes.known(actor, name);
      return await store.variables(name);
    },

    async setVariables(actor, name, asked, change) {
      await changes.make(actor, name, async () => {
        await checkVariables(tools, name, asked);
        await store.setVariables(name, asked);
        // Names only: values are secrets.
        return { act: 'set variables', detail: Object.keys(asked).sort().join(', '), result: undefined };
      });
      if (change.wait) await platform.settled(name);
    },
  };
}

/** A checked environment with its user made; nothing of it is kept yet. */
async function newEnvironment(tools: Tools, input: NewEnvironment): Promise<Environment> {
  const { store, system, clock, dataFolder } = tools.parts;
  const name = checkEnvironmentName(input.name);
  const others = await store.environments();
  if (tools.removals.has(name)) throw new Refusal('environment.busy', { environment: name });
  if (others.some((other) => other.name === name))
    throw new Refusal('environment.exists', { environment: name });
  if (others.length >= limits.environments)
    throw new Refusal('environment.too-many', { limit: limits.environments });
  if (!input.root.startsWith('/')) throw new Refusal('environment.root-relative', { root: input.root });
  const folder = folderOf(input.root, await system.look(input.root));
  checkRoot(folder.realPath, dataFolder, others);
  return {
    name,
    root: folder.realPath,
    user: await chooseUser(system, name, folder, input.user),
    trial: input.trial ?? false,
    plan: null,
    paused: false,
    maskSecrets: false,
    createdAt: clock.wall(),
  };
}

function folderOf(root: string, looked: Looked): Extract<Looked, { kind: 'folder' }> {
  if (looked.kind === 'missing') throw new Refusal('environment.root-missing', { root });
  if (looked.kind === 'not-a-folder') throw new Refusal('environment.root-not-folder', { root });
  if (looked.kind === 'unreadable')
    throw new Refusal('environment.root-unreadable', { root, why: looked.why });
  return looked;
}

async function checkVariables(
  tools: Tools,
  environment: string,
  asked: Readonly<Record<string, string | null>>,
): Promise<void> {
  const now = await tools.parts.store.variables(environment);
  let count = Object.keys(now).length;
  for (const [name, value] of Object.entries(asked)) {
    const known = Object.hasOwn(now, name);
    if (value === null) {
      if (!known) throw new Refusal('variable.unknown', { environment, name });
      count -= 1;
    } else {
      checkVariable(name, value);
      if (!known) count += 1;
    }
  }
  if (count > limits.variablesPerEnvironment) {
    throw new Refusal('variable.too-many', { limit: limits.variablesPerEnvironment });
  }
}

/** Takes everything of an environment away; its root folder and its system user stay. Completes one that was cut short, too. */
async function removeEnvironment(
  tools: Tools,
  actor: Actor,
  name: string,
  expected: Expected = {},
): Promise<void> {
  const { changes, removals, moments, summaries, watch, alerts, shipping, wishes, serial } = tools;
  checkSees(actor, name);
  checkOperator(actor, 'remove environments');
  await serial.run(name, async () => {
    if (!removals.has(name)) {
      await checkEnvironmentFresh(tools.parts, await changes.known(actor, name), expected);
      await removals.mark(name);
      await changes.note(actor, name, 'remove environment', '');
    }
    wishes.forget(name);
    try {
      await removals.finish(name);
      moments.removeEnvironment(name);
      summaries.forget(name);
      watch.forget(name);
      shipping.forget(name);
      await alerts.forget(name);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Refusal('environment.removal-failed', { environment: name, why }, { cause: error });
    }
  });
}
