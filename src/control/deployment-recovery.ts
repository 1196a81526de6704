/** Deployments that an earlier daemon has begun and not ended: undone where the root may be a mixture, else finished or given up. */
import { afterCrash, type Deployment } from '../domain/deployment.ts';
import { type DeployFile, noDeployFile, parseDeployFile } from './deploy-file.ts';
import { DeploymentRecord } from './deployment-record.ts';
import { finish, placeOf, undone } from './deployment-run.ts';
import type { Tools } from './tools.ts';

const givenUp = 'the daemon was ended before it was done: deploy again';

/**
 * Before anything is started: every root holds one whole tree then. What fails is said, and tried again by the next start.
 * @returns call it when the platform has started what is wished: restarts what still runs another code
 */
export async function recoverDeployments(tools: Tools): Promise<() => Promise<void>> {
  const later: (() => Promise<void>)[] = [];
  for (const deployment of await tools.parts.store.openDeployments()) {
    await attempt(tools, deployment, async () => {
      const record = await recordOf(tools, deployment);
      const then = await recover(tools, record);
      if (then !== null) later.push(() => attempt(tools, deployment, then));
    });
  }
  await leadBranches(tools);
  return async () => {
    for (const each of later) await each();
  };
}

async function recover(tools: Tools, record: DeploymentRecord): Promise<(() => Promise<void>) | null> {
  const { code, store } = tools.parts;
  const { environment: name, state } = record.deployment;
  const environment = await store.environment(name);
  if (environment === undefined) return null;
  const isPush = record.deployment.trigger === 'git';
  switch (afterCrash[state]) {
    case 'give-up':
      await record.step('fail', givenUp);
      if (isPush) await code.undo(placeOf(environment));
      return null;
    case 'undo': {
      if (state !== 'undoing') await record.step('fail', givenUp);
      await code.undo(placeOf(environment));
      return () => undone(tools, record);
    }
    case 'finish': {
      const pushed = isPush ? await keptCode(tools, record) : null;
      record.say('the daemon was ended meanwhile: finished by its next start');
      return () => finish(tools, environment, record, pushed);
    }
    case 'nothing':
      return null;
  }
}

/** The code stays: what was to be thrown away is, and the branch leads to the commit. */
async function keptCode(tools: Tools, record: DeploymentRecord): Promise<DeployFile | null> {
  const { code, store } = tools.parts;
  const { environment: name, commit, branch } = record.deployment;
  const environment = await store.environment(name);
  if (environment === undefined || commit === null) return null;
  const place = placeOf(environment);
  await code.keep(place, commit, branch ?? '');
  const { file } = await code.commit(place, commit);
  return file === null ? noDeployFile : parseDeployFile(file);
}

/** Branches that were to move when the daemon was ended. */
async function leadBranches({ parts }: Tools): Promise<void> {
  const { code, store, onTrouble } = parts;
  for (const { environment: name, branch, commit } of await code.unled()) {
    const environment = await store.environment(name);
    if (environment === undefined) continue;
    await code.lead(placeOf(environment), branch, commit).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      onTrouble(name, `the branch ${branch} could not be moved to ${commit}: ${why}`);
    });
  }
}

async function recordOf({ parts }: Tools, deployment: Deployment): Promise<DeploymentRecord> {
  const output = await parts.store.deploymentOutput(deployment.environment, deployment.id);
  return new DeploymentRecord(parts, deployment, undefined, output);
}

async function attempt(tools: Tools, deployment: Deployment, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const { environment, id } = deployment;
    tools.parts.onTrouble(environment, `deployment ${id} could not be taken up: ${why}`);
  }
}
