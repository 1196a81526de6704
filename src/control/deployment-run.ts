/**
 * One deployment, when it is its turn: the steps of `src/domain/deployment.ts`, each kept before it is taken. Whatever fails
 * before the code stays leaves the root, the jobs and the workers as they were.
 */
import { codeStays, type Deployment } from '../domain/deployment.ts';
import type { Environment } from '../domain/environment.ts';
import { Refusal } from '../domain/errors.ts';
import type { Job } from '../domain/job.ts';
import type { Code, CodePlace, Staged } from './code.ts';
import type { Actor } from './control.ts';
import { runCommands, throwIfInterrupted } from './deploy-commands.ts';
import type { DeployFile } from './deploy-file.ts';
import type { DeploymentRecord } from './deployment-record.ts';
import { applyFilePlan, changesAnything, differenceInWords, planFile } from './file-plan.ts';
import type { RemoteCommands } from './remote-commands.ts';
import type { Tools } from './tools.ts';
import { waitForCrons } from './waiting-crons.ts';
import { restartBegun, restartWorkers } from './worker-restarts.ts';

/** Code that comes by push; without it, a deployment restarts what runs. */
export interface PushedCode {
  readonly code: Code;
  readonly file: DeployFile;
  /** Aborted when the pusher has gone: until the code stays, that undoes it. */
  readonly signal: AbortSignal;
}

export const waitsForCommand = 'waits for a remote command to end';

export const placeOf = ({ name, root, user }: Environment): CodePlace => ({ environment: name, root, user });

/** Answers with its record, also when it failed; what the rules refuse is thrown, beside the record. */
export async function carryOut(
  tools: Tools,
  remote: RemoteCommands,
  actor: Actor,
  record: DeploymentRecord,
  pushed: PushedCode | null,
): Promise<Deployment> {
  const { store } = tools.parts;
  const name = record.deployment.environment;
  let letCommandsGoOn = (): void => undefined;
  try {
    if (remote.running(name) > 0 && record.deployment.reason !== waitsForCommand)
      await record.waits(waitsForCommand);
    letCommandsGoOn = await remote.holdBack(name);
    const environment = await tools.changes.usable(actor, name);
    await record.step('turn');
    if (pushed === null) {
      await waited(tools, environment, record);
      await record.step('stay');
      await restartAll(tools, environment, record, await store.jobs(name));
    } else await deployCode(tools, environment, record, pushed);
    await record.step('restarted');
    return record.deployment;
  } catch (error) {
    return await failed(tools, record, pushed, error);
  } finally {
    letCommandsGoOn();
  }
}

async function deployCode(
  tools: Tools,
  environment: Environment,
  record: DeploymentRecord,
  { code, file, signal }: PushedCode,
): Promise<void> {
  const { store } = tools.parts;
  const { name } = environment;
  const place = placeOf(environment);
  const commit = record.deployment.commit ?? '';
  // What an undoing could not finish is finished first: on top of a mixture nothing is laid.
  await code.undo(place);
  const plan = await planFile(tools, environment, file);
  if (file.commands.length > 0 && plan.environment.plan === null)
    throw new Refusal('deploy.not-booked', { environment: name });
  for (const line of differenceInWords(plan.difference)) record.say(line);
  throwIfInterrupted(signal);
  const staged = await code.stage(place, commit, await store.deployedCommit(name));
  for (const note of staged.notes) record.say(`note: ${note}`);
  await record.step('checked', filesInWords(staged));
  await waited(tools, environment, record);
  throwIfInterrupted(signal);
  await record.step('lay');
  await code.lay(place);
  record.say(`laid into ${environment.root}: ${filesInWords(staged)}`);
  await record.step('laid', commandsInWords(file));
  if (file.commands.length > 0) await withPlan(tools, environment, plan.environment);
  await runCommands(tools.parts, record, file, signal);
  throwIfInterrupted(signal);
  const before = await stay(tools, environment, record, { code, file });
  const now = (await store.environment(name)) ?? environment;
  await restartAll(tools, now, record, before);
}

/** Where no plan is booked yet and the file wishes for one, its commands run under that. */
async function withPlan(tools: Tools, environment: Environment, wished: Environment): Promise<void> {
  if (environment.plan !== null || wished.plan === null) return;
  await tools.serial.run(environment.name, async () => {
    const now = await tools.parts.store.environment(environment.name);
    if (now === undefined || now.plan !== null) return;
    await tools.parts.store.saveEnvironment({ ...now, plan: wished.plan });
    await tools.wishes.apply(environment.name);
  });
}

/**
 * From here on the new code stays. In the environment's turn, so that nobody changes a job between the last look at the
 * rules and the write.
 * @returns the jobs as they were before
 */
async function stay(
  tools: Tools,
  environment: Environment,
  record: DeploymentRecord,
  { code, file }: Pick<PushedCode, 'code' | 'file'>,
): Promise<readonly Job[]> {
  const { name } = environment;
  return await tools.serial.run(name, async () => {
    const now = await tools.parts.store.environment(name);
    if (now === undefined) throw new Refusal('environment.unknown', { environment: name });
    const plan = await planFile(tools, now, file);
    await record.step('stay');
    if (changesAnything(plan)) await applyFilePlan(tools, plan);
    tools.summaries.forget(name);
    const { commit, branch } = record.deployment;
    await code.keep(placeOf(now), commit ?? '', branch ?? '');
    await tools.wishes.apply(name);
    return plan.before;
  });
}

/** What a daemon that was ended after the code was to stay has left to do: all of it can be done twice. */
export async function finish(
  tools: Tools,
  environment: Environment,
  record: DeploymentRecord,
  file: DeployFile | null,
): Promise<void> {
  const { name } = environment;
  if (file !== null) {
    await tools.serial.run(name, async () => {
      const plan = await planFile(tools, environment, file);
      if (changesAnything(plan)) await applyFilePlan(tools, plan);
      tools.summaries.forget(name);
      await tools.wishes.apply(name);
    });
  }
  const stayedAt = record.deployment.steps.find((step) => step.state === 'restarting')?.startedAt ?? 0;
  const why = 'restarted, because it ran the code of before';
  await restartBegun(
    tools,
    name,
    (createdAt) => createdAt < stayedAt,
    why,
    (line) => record.say(line),
  );
  await record.step('restarted');
}

async function restartAll(
  tools: Tools,
  environment: Environment,
  record: DeploymentRecord,
  before: readonly Job[],
): Promise<void> {
  if (environment.plan === null) {
    record.say('no plan is booked: nothing runs, and nothing is restarted');
    return;
  }
  await restartWorkers(tools, environment.name, before, (line) => record.say(line));
}

async function waited(tools: Tools, { name }: Environment, record: DeploymentRecord): Promise<void> {
  const jobs = await tools.parts.store.jobs(name);
  const done = await waitForCrons(tools, name, jobs, (reason) => record.waits(reason));
  if (done !== null) await record.waits(done);
}

async function failed(
  tools: Tools,
  record: DeploymentRecord,
  pushed: PushedCode | null,
  error: unknown,
): Promise<Deployment> {
  const name = record.deployment.environment;
  const why = error instanceof Error ? error.message : String(error);
  const environment = await tools.parts.store.environment(name);
  // One that went with its environment leaves nothing for another of that name to find.
  if (environment === undefined) throw error;
  const stays = codeStays(record.deployment);
  if (stays) record.say(`the new code stays, but: ${why}`);
  await record.step('fail', why);
  if (pushed !== null && !stays) {
    await pushed.code.undo(placeOf(environment));
    if (record.deployment.state === 'undoing') await undone(tools, record);
  }
  if (error instanceof Refusal) throw error;
  return record.deployment;
}

/** The root is as it was: workers that began while it was not get the old code back, too. */
export async function undone(tools: Tools, record: DeploymentRecord): Promise<void> {
  const { deployment } = record;
  const laidAt = deployment.steps.find((step) => step.state === 'laying')?.startedAt ?? 0;
  record.say('undone: the code of before is back');
  await record.step('undone');
  const why = 'restarted, because it began with the code that was undone';
  const begun = (createdAt: number): boolean => createdAt >= laidAt;
  await restartBegun(tools, deployment.environment, begun, why, (line) => record.say(line));
  await record.keepOutput();
}

const filesInWords = ({ added, replaced, removed }: Staged): string => {
  const parts = [
    ...(added > 0 ? [`${added} added`] : []),
    ...(replaced > 0 ? [`${replaced} replaced`] : []),
    ...(removed > 0 ? [`${removed} removed`] : []),
  ];
  return parts.length === 0 ? 'no file is different' : `files: ${parts.join(', ')}`;
};

const commandsInWords = ({ commands }: DeployFile): string | null =>
  commands.length === 0 ? null : commands.length === 1 ? '1 command' : `${commands.length} commands`;
