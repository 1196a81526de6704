/** Deployments of code that came another way (design §2.5), and remote commands, which they wait for. */
import type { Environment } from '../domain/environment.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { Deployment } from '../store/store.ts';
import type { Actor, Control } from './control.ts';
import { deployKeyVariables } from './deploy-key.ts';
import { orUnavailable } from './platform-failure.ts';
import { RemoteCommands } from './remote-commands.ts';
import type { Tools } from './tools.ts';
import { waitForCrons } from './waiting-crons.ts';

type DeploymentCases = Pick<Control, 'exec' | 'deploy' | 'deployments'>;

/** The key under which deployments of one environment wait for each other; changes of settings don't wait for them. */
const deploying = (environment: string): string => `${environment}/deploy`;

export function deploymentCases(tools: Tools): DeploymentCases {
  const { parts, changes } = tools;
  const remote = new RemoteCommands((ms, act) => parts.clock.after(ms, act));
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
      const deployment = begun(tools, name, trigger);
      const reason = waitReason(tools, remote, name);
      await parts.store.saveDeployment({ ...deployment, reason });
      await changes.note(actor, name, 'deploy', reason ?? '');
      const done = tools.serial.run(deploying(name), () => carryOut(tools, remote, actor, deployment));
      if (change.wait) return await done;
      done.catch((error: unknown) =>
        parts.onTrouble(name, error instanceof Error ? error.message : String(error)),
      );
      return { ...deployment, reason };
    },

    async deployments(actor, name, limit) {
      await changes.known(actor, name);
      return await parts.store.deployments(name, limit);
    },
  };
}

async function usableAndBooked(tools: Tools, actor: Actor, name: string): Promise<void> {
  const { plan } = await tools.changes.usable(actor, name);
  if (plan === null) throw new Refusal('component.not-booked', { environment: name });
}

const begun = (tools: Tools, environment: string, trigger: Deployment['trigger']): Deployment => ({
  id: tools.parts.newId(),
  environment,
  trigger,
  commit: null,
  startedAt: tools.parts.clock.wall(),
  endedAt: null,
  outcome: null,
  reason: null,
});

/** What a deployment waits for, said where people see it. */
function waitReason(tools: Tools, remote: RemoteCommands, name: string): string | null {
  if (tools.serial.waiting(deploying(name)) > 0) return 'waits for the deployment before it';
  return remote.running(name) > 0 ? 'waits for a remote command to end' : null;
}

/** One deployment, when it is its turn. Answers with its record, also when it failed. */
async function carryOut(
  tools: Tools,
  remote: RemoteCommands,
  actor: Actor,
  deployment: Deployment,
): Promise<Deployment> {
  const { store, clock } = tools.parts;
  const name = deployment.environment;
  let failure: unknown = null;
  let waited: string | null = null;
  let letCommandsGoOn = (): void => undefined;
  try {
    letCommandsGoOn = await remote.holdBack(name);
    const environment = await tools.changes.usable(actor, name);
    const say = (reason: string): Promise<void> => store.saveDeployment({ ...deployment, reason });
    waited = await waitForCrons(tools, name, await store.jobs(name), say);
    await restartJobs(tools, environment);
  } catch (error) {
    failure = error;
  } finally {
    letCommandsGoOn();
  }
  const ended: Deployment = {
    ...deployment,
    endedAt: clock.wall(),
    outcome: failure === null ? 'ok' : 'failed',
    reason: failure === null ? waited : failure instanceof Error ? failure.message : String(failure),
  };
  // One that went with its environment leaves nothing for another of that name to find.
  if ((await store.environment(name)) !== undefined) await store.saveDeployment(ended);
  // What the rules refuse is refused to the caller as well, beside the record.
  if (failure instanceof Refusal) throw failure;
  return ended;
}

/** All enabled workers, and the crons that ask for it and run now. */
async function restartJobs(tools: Tools, environment: Environment): Promise<void> {
  if (environment.plan === null) return;
  const jobs = await tools.parts.store.jobs(environment.name);
  const restarted = jobs.filter(
    (job) => job.status === 'enabled' && (job.type === 'worker' || job.onDeploy === 'restart'),
  );
  if (restarted.length === 0) return;
  await tools.parts.platform.restart(
    environment.name,
    restarted.map((job) => job.name),
    'deploy',
  );
}
