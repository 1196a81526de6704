/** What applying nightshift.yml would change: told to people before it is done, and done from the very same answer. */
import { Refusal } from '../domain/errors.ts';
import type { Job } from '../domain/job.ts';
import type { JobSettingsInput } from './control.ts';
import { type DeployFile, deployFileName, type FileJob } from './deploy-file.ts';
import { fileSettingNames, settingInWords } from './file-settings.ts';
import { edited, jobOf, type Making } from './job-settings.ts';

export interface ChangedSetting {
  readonly setting: string;
  /** As the file writes it; null where the job had, or will have, none. */
  readonly from: string | null;
  readonly to: string | null;
}

export interface FileDifference {
  readonly added: readonly { readonly name: string; readonly type: Job['type']; readonly command: string }[];
  readonly changed: readonly {
    readonly name: string;
    readonly settings: readonly ChangedSetting[];
    /** It was a job of people's until now. */
    readonly taken: boolean;
  }[];
  readonly removed: readonly string[];
  /** The file does not say anything of jobs any more: they stay, and are people's again. */
  readonly released: readonly string[];
  readonly unchanged: readonly string[];
  readonly plan: { readonly from: string | null; readonly to: string } | null;
}

/** What is to be written for it. */
export interface FileChanges {
  readonly put: readonly Job[];
  readonly removed: readonly string[];
}

export type JobMaking = (name: string) => Making;

/** What is stated of an environment's jobs. */
export interface Statement extends Pick<DeployFile, 'jobs' | 'plan'> {
  /** Jobs come from elsewhere, beside those that are there: none is removed, and they are people's. */
  readonly imported?: true;
  /** Variables to set in the same step; imports only. */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * @param own all jobs of the environment as they are
 * @param making what a job of this name is made with
 */
export function differenceOf(
  file: Statement,
  own: readonly Job[],
  making: JobMaking,
): { readonly difference: Omit<FileDifference, 'plan'>; readonly changes: FileChanges } {
  const managed = file.imported ? [] : own.filter((job) => job.managedBy !== null);
  if (file.jobs === null) {
    const difference = { added: [], changed: [], removed: [], unchanged: [], released: managed.map(nameOf) };
    return { difference, changes: { put: managed.map(released), removed: [] } };
  }
  const stated = new Set(file.jobs.map(nameOf));
  const gone = managed.filter((job) => !stated.has(job.name)).map(nameOf);
  const added: Job[] = [];
  const changed: (FileDifference['changed'][number] & { readonly job: Job })[] = [];
  const unchanged: string[] = [];
  const replaced: string[] = [];
  for (const each of file.jobs) {
    const before = own.find((job) => job.name === each.name);
    const state = file.imported ? importedJob : statedJob;
    const after = atLine(each, () => state(each, before, making(each.name)));
    if (before === undefined || before.type !== after.type) {
      added.push(after);
      if (before !== undefined) replaced.push(before.name);
      continue;
    }
    const settings = changedSettings(before, after);
    const taken = before.managedBy === null && !file.imported;
    if (settings.length === 0 && !taken) unchanged.push(before.name);
    else changed.push({ name: before.name, settings, taken, job: after });
  }
  return {
    difference: {
      added: added.map(({ name, type, command }) => ({ name, type, command })),
      changed: changed.map(({ name, settings, taken }) => ({ name, settings, taken })),
      removed: [...gone, ...replaced],
      released: [],
      unchanged,
    },
    changes: { put: [...added, ...changed.map((each) => each.job)], removed: [...gone, ...replaced] },
  };
}

const nameOf = ({ name }: { readonly name: string }): string => name;

const released = (job: Job): Job => ({ ...job, managedBy: null, version: job.version + 1 });

/** What the rules of jobs refuse is told with its place in the file. */
function atLine<Result>(job: FileJob, make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const why = `line ${job.line}: job "${job.name}": ${error.message}`;
    if (job.file !== undefined) throw new Refusal('import.file', { file: job.file, why }, { cause: error });
    throw new Refusal('deploy.file', { why }, { cause: error });
  }
}

/** The job as the file states it: what is left out has its default, except that people's start, stop and pause stay. */
function statedJob(stated: FileJob, before: Job | undefined, making: Making): Job {
  const { line: _, ...input } = stated;
  const fresh: Job = { ...jobOf(input, making), managedBy: deployFileName };
  if (before === undefined || before.type !== fresh.type) return fresh;
  const after = edited(before, wholeOf(fresh, stated.status), making);
  return { ...after, managedBy: deployFileName };
}

/** The job as a file of another program states it: of a job that is there, only what the file says changes. */
function importedJob(stated: FileJob, before: Job | undefined, making: Making): Job {
  const { line: _, file: __, ...input } = stated;
  const { name, type, ...settings } = input;
  if (before === undefined) return jobOf(input, making);
  const { environment } = making;
  if (before.type !== type)
    throw new Refusal('import.other-job', { environment, job: name, type: before.type });
  if (before.managedBy !== null) throw new Refusal('job.managed', { job: name, file: before.managedBy });
  return edited(before, settings, making);
}

/** Every setting of the job as input, so that nothing of before shines through. */
function wholeOf(job: Job, status: JobSettingsInput['status']): JobSettingsInput {
  const common: JobSettingsInput = {
    command: job.command,
    exitSignal: job.exitSignal,
    exitTimeoutSeconds: job.exitTimeoutSeconds,
    ...(status === undefined ? {} : { status }),
  };
  if (job.type === 'worker') return { ...common, instances: job.instances, handover: job.handover };
  const { schedule } = job;
  return {
    ...common,
    ...(schedule.kind === 'interval'
      ? { interval: schedule.interval }
      : { crontab: schedule.expression, timezone: schedule.timezone }),
    maxRuntimeSeconds: job.maxRuntimeSeconds,
    maxInstances: job.maxInstances,
    catchUp: job.catchUp,
    catchUpMaxAgeSeconds: job.catchUpMaxAgeSeconds,
    onDeploy: job.onDeploy,
    retries: job.retries,
    retryDelaySeconds: job.retryDelaySeconds,
    retryOn: job.retryOn,
    warnLateSeconds: job.warnLateSeconds,
    warnLongerSeconds: job.warnLongerSeconds,
    warnShorterSeconds: job.warnShorterSeconds,
  };
}

function changedSettings(before: Job, after: Job): ChangedSetting[] {
  return fileSettingNames.flatMap((setting) => {
    const from = settingInWords(before, setting) ?? null;
    const to = settingInWords(after, setting) ?? null;
    return from === to ? [] : [{ setting, from, to }];
  });
}
