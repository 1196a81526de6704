/** Deployments, by push and of code that came another way (design §2.5), and remote commands: neither while the other runs. */
import { codeStays, type Deployment, newDeployment } from '../domain/deployment.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { Actor, Control } from './control.ts';
import { type DeployFile, noDeployFile, parseDeployFile, usualBranch } from './deploy-file.ts';
import { deployKeyVariables } from './deploy-key.ts';
import { DeploymentRecord } from './deployment-record.ts';
import { carryOut, type PushedCode, placeOf, waitsForCommand } from './deployment-run.ts';
import { orUnavailable } from './platform-failure.ts';
import { RemoteCommands } from './remote-commands.ts';
import type { Tools } from './tools.ts';

type DeploymentCases = Pick<
  Control,
  'exec' | 'deploy' | 'deployments' | 'deployment' | 'repository' | 'push'
>;

/** The key under which deployments of one environment wait for each other; changes of settings don't wait for them. */
const deploying = (environment: string): string => `${environment}/deploy`;

export function deploymentCases(tools: Tools): DeploymentCases {
  const { parts, changes } = tools;
  const remote = new RemoteCommands((ms, act) => parts.clock.after(ms, act));
  const lane: Lane = { tools, remote };
  return {
    async exec(actor, name, request, waiting) {
      await usableAndBooked(tools, actor, name);
      const command = typeof request.command === 'string' ? request.command : request.command.join(' ');
      if (command.trim() === '') throw new Refusal('job.command-empty');
      if (command.length > limits.commandCharacters || command.includes('\0')) {
        const why = `it is longer than ${limits.commandCharacters} characters, or holds a NUL character`;
        throw new Refusal('job.command-invalid', { why });
      }
      const maxRuntimeSeconds = Math.min(request.maxRuntimeSeconds, limits.remoteCommandSecondsMax);
      const over = await remote.enter(name, waiting);
      try {
        // It may be gone, or without a plan, by now.
        if (waiting !== undefined) await usableAndBooked(tools, actor, name);
        const execution = await orUnavailable(
          name,
          parts.platform.exec(name, {
            ...request,
            maxRuntimeSeconds,
            variables: { ...deployKeyVariables(await parts.store.deployKey(name)), ...request.variables },
          }),
        );
        execution.ended.then(over, over);
        await changes.note(actor, name, 'remote command', command);
        return execution;
      } catch (error) {
        over();
        throw error;
      }
    },

    async deploy(actor, name, trigger, change) {
      await changes.usable(actor, name);
      const commit = await parts.store.deployedCommit(name);
      const { record, done } = await begin(lane, actor, name, { trigger, commit, branch: null }, null);
      if (change.wait) return await done;
      done.catch((error: unknown) =>
        parts.onTrouble(name, error instanceof Error ? error.message : String(error)),
      );
      return record.deployment;
    },

    async deployments(actor, name, limit) {
      await changes.known(actor, name);
      return await parts.store.deployments(name, limit);
    },

    async deployment(actor, name, id) {
      await changes.known(actor, name);
      const deployment = await parts.store.deployment(name, id);
      if (deployment === undefined)
        throw new Refusal('deployment.unknown', { environment: name, deployment: id });
      return { deployment, output: await parts.store.deploymentOutput(name, id) };
    },

    async repository(actor, name) {
      return placeOf(await changes.usable(actor, name));
    },

    async push(actor, name, push) {
      const environment = await changes.usable(actor, name);
      const deployed = await deployedBranches(tools, name);
      if (push.commit === null) {
        if (!deployed.includes(push.branch)) return false;
        throw new Refusal('deploy.branch-removed', { branch: push.branch });
      }
      const commit = await parts.code.commit(placeOf(environment), push.commit);
      const file = fileOf(commit.file, deployed, push.branch);
      if (push.branch !== file.branch) {
        push.say(
          `${push.branch} is stored, and nothing is deployed: "${name}" deploys the branch ${file.branch}`,
        );
        return false;
      }
      const about = { trigger: 'git', commit: commit.id, branch: push.branch } as const;
      const pushed: PushedCode = { code: parts.code, file, signal: push.signal };
      push.say(`deploys ${commit.id.slice(0, 10)} (${commit.subject}) to "${name}"`);
      const { record, done } = await begin(lane, actor, name, about, pushed, push.say);
      const deployment = await done.catch((error: unknown) => {
        // What fails afterwards is said, and is no reason to keep the branch from where the code is.
        if (codeStays(record.deployment)) return record.deployment;
        throw error;
      });
      if (!codeStays(deployment)) throw new Refusal('deploy.failed', { why: deployment.reason });
      return true;
    },
  };
}

async function usableAndBooked(tools: Tools, actor: Actor, name: string): Promise<void> {
  const { plan } = await tools.changes.usable(actor, name);
  if (plan === null) throw new Refusal('component.not-booked', { environment: name });
}

interface Lane {
  readonly tools: Tools;
  readonly remote: RemoteCommands;
}

/** Records a deployment and has it carried out when it is its turn. */
async function begin(
  { tools, remote }: Lane,
  actor: Actor,
  name: string,
  about: Pick<Deployment, 'trigger' | 'commit' | 'branch'>,
  pushed: PushedCode | null,
  listener?: (line: string) => void,
): Promise<{ readonly record: DeploymentRecord; readonly done: Promise<Deployment> }> {
  const { parts, serial, changes } = tools;
  const reason =
    serial.waiting(deploying(name)) > 0
      ? 'waits for the deployment before it'
      : remote.running(name) > 0
        ? waitsForCommand
        : null;
  const deployment = newDeployment({
    ...about,
    id: parts.newId(),
    environment: name,
    askedBy: actor.name,
    startedAt: parts.clock.wall(),
    reason,
  });
  const record = new DeploymentRecord(parts, deployment, listener);
  await parts.store.saveDeployment(deployment);
  const what = about.trigger === 'git' ? `${about.branch} at ${about.commit}` : (reason ?? '');
  await changes.note(actor, name, 'deploy', what);
  if (reason !== null) record.say(reason);
  const done = serial.run(deploying(name), () => carryOut(tools, remote, actor, record, pushed));
  return { record, done };
}

/** The usual branch, and the one that was deployed last. */
async function deployedBranches({ parts }: Tools, name: string): Promise<string[]> {
  const last = (await parts.store.deployments(name, 20)).find((each) => each.branch !== null);
  return [usualBranch, ...(last === undefined ? [] : [String(last.branch)])];
}

/** A broken file on a branch that is not deployed as far as anybody knows is no reason to refuse the branch. */
function fileOf(text: string | null, deployed: readonly string[], branch: string): DeployFile {
  if (text === null) return noDeployFile;
  try {
    return parseDeployFile(text);
  } catch (error) {
    if (!deployed.includes(branch)) return noDeployFile;
    throw error;
  }
}
