/** Applying nightshift.yml: looked at first, and then done by one write. */
import type { Environment } from '../domain/environment.ts';
import { Refusal } from '../domain/errors.ts';
import { enabledPlaces, type Job } from '../domain/job.ts';
import { limits } from '../domain/limits.ts';
import { checkPlanHolds, findPlan } from '../domain/plan.ts';
import { memoryInUse } from './component-cases.ts';
import { differenceOf, type FileChanges, type FileDifference, type Statement } from './file-difference.ts';
import { scheduleOfJob } from './moments.ts';
import type { Spread } from './schedule-settings.ts';
import type { Tools } from './tools.ts';
import { bookedPlan } from './wishes.ts';

export interface FilePlan {
  readonly difference: FileDifference;
  readonly changes: FileChanges;
  /** With the plan that is wished for. */
  readonly environment: Environment;
  /** All jobs as they were, and as they will be. */
  readonly before: readonly Job[];
  readonly after: readonly Job[];
  readonly bookedBefore: string | null;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * What the file would change now; nothing is changed. Rejects with the Refusal of the first rule that it breaks.
 * Moments that are chosen for new crons are taken only by {@link applyFilePlan}.
 */
export async function planFile(tools: Tools, environment: Environment, file: Statement): Promise<FilePlan> {
  const plan = await draftPlan(tools, environment, file);
  checkRoom(tools, plan);
  return plan;
}

/** The same, whether or not there is room for it: {@link checkRoom} says that. */
export async function draftPlan(tools: Tools, environment: Environment, file: Statement): Promise<FilePlan> {
  const { parts, moments } = tools;
  const { name } = environment;
  const before = await parts.store.jobs(name);
  await moments.load();
  const taken: string[] = [];
  try {
    const { difference, changes } = differenceOf(file, before, (job) => ({
      environment: name,
      now: parts.clock.wall(),
      spread: spreading(tools, name, job, taken),
    }));
    const wished = wishedPlan(tools, environment, file);
    const after = afterChanges(before, changes);
    const plan =
      file.plan === null || file.plan === environment.plan
        ? null
        : { from: environment.plan, to: wished.plan ?? file.plan };
    const { variables = {} } = file;
    const bookedBefore = environment.plan;
    return {
      ...{ difference: { ...difference, plan }, changes, environment: wished },
      ...{ before, after, bookedBefore, variables },
    };
  } finally {
    for (const job of taken)
      moments.place(name, job, scheduleOfJob(before.find((each) => each.name === job)));
  }
}

/** One write to the store. Call it in the environment's turn, right after {@link planFile}. */
export async function applyFilePlan(tools: Tools, plan: FilePlan): Promise<void> {
  const { parts, moments } = tools;
  const { name } = plan.environment;
  const { variables, changes } = plan;
  await parts.store.applyFile(plan.environment, { ...changes, variables });
  for (const job of plan.changes.removed) moments.place(name, job, null);
  for (const job of plan.changes.put) moments.place(name, job.name, scheduleOfJob(job));
}

/** Is there anything to write? */
export const changesAnything = ({ difference, changes, variables }: FilePlan): boolean =>
  changes.put.length + changes.removed.length + Object.keys(variables).length > 0 || difference.plan !== null;

/** Each moment is taken as it is chosen, so that two new crons of one file don't get the same one. */
const spreading =
  ({ moments }: Tools, environment: string, job: string, taken: string[]): Spread =>
  (wish) => {
    const moment = moments.choose(environment, job, wish);
    taken.push(job);
    moments.place(environment, job, { ...wish, moment });
    return moment;
  };

function wishedPlan(tools: Tools, environment: Environment, file: Statement): Environment {
  if (file.plan === null || file.plan === environment.plan) return environment;
  if (environment.trial) throw new Refusal('component.on-trial', { environment: environment.name });
  const plan = findPlan(tools.parts.plans, file.plan);
  const tooMuch = memoryInUse(tools, environment.name, plan);
  if (tooMuch !== null) throw tooMuch.refusal;
  return { ...environment, plan: plan.name };
}

const afterChanges = (before: readonly Job[], { put, removed }: FileChanges): Job[] => [
  ...before.filter((job) => !removed.includes(job.name) && !put.some((each) => each.name === job.name)),
  ...put,
];

/** Throws the Refusal that says which number of the plan, or of all plans, is exceeded. */
export function checkRoom(
  tools: Tools,
  { environment: wished, before, after, bookedBefore }: FilePlan,
): void {
  const { name } = wished;
  if (after.length > limits.jobsPerEnvironment)
    throw new Refusal('job.too-many', { environment: name, limit: limits.jobsPerEnvironment });
  const plan = bookedPlan(tools.parts.plans, wished);
  const places = enabledPlaces(after);
  const grows = places > enabledPlaces(before) || wished.plan !== bookedBefore;
  if (plan !== null && grows) checkPlanHolds(plan, places, name);
}

/** The difference as people read it, a line for each job. */
export function differenceInWords({ added, changed, removed, released, plan }: FileDifference): string[] {
  return [
    ...(plan === null ? [] : [`plan: ${plan.from ?? 'none'} -> ${plan.to}`]),
    ...added.map(({ name, type, command }) => `job added: ${name} (${type}: ${command})`),
    ...changed.map(({ name, settings, taken }) => {
      const said = settings.map(({ setting, from, to }) => `${setting} ${from ?? 'none'} -> ${to ?? 'none'}`);
      return `job changed: ${name}: ${[...(taken ? ['now managed by nightshift.yml'] : []), ...said].join('; ')}`;
    }),
    ...removed.map((name) => `job removed: ${name}`),
    ...released.map((name) => `job no longer managed by nightshift.yml, and kept: ${name}`),
  ];
}
