/** Deployments of code that came another way (design §2.5), and remote commands, which they wait for. */
import type { Environment } from '../domain/environment.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { Execution } from '../platforms/platform.ts';
import type { Deployment } from '../store/store.ts';
import type { Actor, Control } from './control.ts';
import { orUnavailable } from './platform-failure.ts';
import type { Tools } from './tools.ts';
import { waitForCrons } from './waiting-crons.ts';

type DeploymentCases = Pick<Control, 'exec' | 'deploy' | 'deployments'>;

/** The key under which deployments of one environment wait for each other; changes of settings don't wait for them. */
const deploying = (environment: string): string => `${environment}/deploy`;

export function deploymentCases(tools: Tools): DeploymentCases {
  const { parts, changes } = tools;
  const remote = new RemoteCommands();
  return {
    async exec(actor, name, request) {
      const environment = await changes.usable(actor, name);
      if (environment.plan === null) throw new Refusal('component.not-booked', { environment: name });
      const command = typeof request.command === 'string' ? request.command : request.command.join(' ');
      if (command.trim() === '') throw new Refusal('job.command-empty');
      if (command.length > limits.commandCharacters || command.includes('\0')) {
        const why = `it is longer than ${limits.commandCharacters} characters, or holds a NUL character`;
        throw new Refusal('job.command-invalid', { why });
      }
      const execution = await orUnavailable(name, parts.platform.exec(name, request));
      remote.began(name, execution);
      await changes.note(actor, name, 'remote command', command);
      return execution;
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
  try {
    await remote.ended(name, (ms, act) => clock.after(ms, act));
    const environment = await tools.changes.usable(actor, name);
    const say = (reason: string): Promise<void> => store.saveDeployment({ ...deployment, reason });
    waited = await waitForCrons(tools, name, await store.jobs(name), say);
    await restartJobs(tools, environment);
  } catch (error) {
    failure = error;
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

/** The remote commands that run; they end with the daemon, so that memory is the place for them. */
class RemoteCommands {
  readonly #running = new Map<string, Set<string>>();
  #waiting: { environment: string; tell: () => void }[] = [];

  running(environment: string): number {
    return this.#running.get(environment)?.size ?? 0;
  }

  began(environment: string, execution: Execution): void {
    const running = this.#running.get(environment) ?? new Set();
    this.#running.set(environment, running.add(execution.runId));
    const over = (): void => this.#over(environment, execution.runId);
    execution.ended.then(over, over);
  }

  /** Resolves when none runs; rejects with Refusal `deploy.remote-command-runs` after the bound. */
  async ended(environment: string, after: (ms: number, act: () => void) => () => void): Promise<void> {
    if (this.running(environment) === 0) return;
    await new Promise<void>((resolve, reject) => {
      const cancel = after(limits.deployWaitSecondsMax * 1000, () => {
        this.#waiting = this.#waiting.filter((each) => each.tell !== tell);
        reject(new Refusal('deploy.remote-command-runs', { environment }));
      });
      const tell = (): void => {
        cancel();
        resolve();
      };
      this.#waiting.push({ environment, tell });
    });
  }

  #over(environment: string, runId: string): void {
    this.#running.get(environment)?.delete(runId);
    if (this.running(environment) > 0) return;
    this.#running.delete(environment);
    const waiting = this.#waiting.filter((each) => each.environment === environment);
    this.#waiting = this.#waiting.filter((each) => each.environment !== environment);
    for (const { tell } of waiting) tell();
  }
}
