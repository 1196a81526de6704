/** `job add`, `job edit` and the acts on one job. */
import type { RestartedWorkers } from '../../contract/environment.ts';
import type { Job, JobSettings, NewJob } from '../../contract/job.ts';
import type { Run } from '../../contract/run.ts';
import { path } from '../client.ts';
import type { Context } from '../context.ts';
import { CliFailure } from '../failure.ts';
import { momentHere } from '../output/moments.ts';
import { inWords } from '../output/states.ts';
import { printable } from '../output/table.ts';

interface ChangeOptions {
  readonly wait?: boolean;
}

/** The settings as the command line names them; numbers are read already. */
export interface SettingsOptions extends ChangeOptions {
  readonly command?: string;
  readonly signal?: string;
  readonly timeout?: number;
  readonly instances?: number;
  readonly handover?: 'stop-first' | 'start-first';
  readonly disabled?: boolean;
  readonly enabled?: boolean;
  readonly every?: string;
  readonly crontab?: string;
  readonly timezone?: string;
  readonly maxRuntime?: number;
  readonly maxInstances?: number;
  readonly catchUp?: 'none' | 'latest' | 'all';
  readonly catchUpMaxAge?: number;
  readonly onDeploy?: 'finish' | 'restart' | 'wait';
  readonly retries?: number;
  readonly retryDelay?: number;
  readonly retryOn?: readonly number[];
  readonly warnLate?: number | 'none';
  readonly warnLonger?: number | 'none';
  readonly warnShorter?: number | 'none';
  /** Also of a job that nightshift.yml manages. */
  readonly force?: boolean;
}

function settingsOf(options: SettingsOptions): JobSettings {
  const settings: JobSettings = {
    command: options.command,
    status: options.disabled === true ? 'disabled' : options.enabled === true ? 'enabled' : undefined,
    exitSignal: options.signal,
    exitTimeoutSeconds: options.timeout,
    instances: options.instances,
    handover: options.handover,
    interval: options.every,
    crontab: options.crontab,
    timezone: options.timezone,
    maxRuntimeSeconds: options.maxRuntime,
    maxInstances: options.maxInstances,
    catchUp: options.catchUp,
    catchUpMaxAgeSeconds: options.catchUpMaxAge,
    onDeploy: options.onDeploy,
    retries: options.retries,
    retryDelaySeconds: options.retryDelay,
    retryOn: options.retryOn === undefined ? undefined : [...options.retryOn],
    warnLateSeconds: limitOf(options.warnLate),
    warnLongerSeconds: limitOf(options.warnLonger),
    warnShorterSeconds: limitOf(options.warnShorter),
  };
  return settings;
}

const forced = ({ force }: { readonly force?: boolean }): { force?: boolean } =>
  force === true ? { force } : {};

const limitOf = (stated: number | 'none' | undefined): number | null | undefined =>
  stated === 'none' ? null : stated;

export async function addJob(
  context: Context,
  [environment = '', name = '', type = '']: readonly string[],
  options: SettingsOptions,
) {
  const body: NewJob = { name, type: type as NewJob['type'], ...settingsOf(options) };
  const query = { wait: options.wait !== false };
  const added = await context.client.call<Job>('POST', path`/environments/${environment}/jobs`, query, body);
  context.show(added, () => `${added.type} "${added.name}" is added: ${nowOf(context, added)}`);
}

export async function editJob(
  context: Context,
  [environment = '', name = '']: readonly string[],
  options: SettingsOptions,
) {
  if (options.enabled === true && options.disabled === true) {
    throw new CliFailure(
      'usage',
      'a job is either enabled or disabled: leave one of the two options away',
      2,
    );
  }
  const query = { wait: options.wait !== false, ...forced(options) };
  const url = path`/environments/${environment}/jobs/${name}`;
  const edited = await context.client.call<Job>('PATCH', url, query, settingsOf(options));
  context.show(edited, () => `${edited.type} "${edited.name}" is changed: ${nowOf(context, edited)}`);
}

const nowOf = (context: Context, job: Job): string => {
  const next =
    job.type === 'cron' && job.nextDueAt !== null ? `, due ${momentHere(context, job.nextDueAt)}` : '';
  return inWords(context, job) + next;
};

export async function removeJob(
  context: Context,
  [environment = '', name = '']: readonly string[],
  options: { readonly yes?: boolean; readonly force?: boolean },
) {
  const url = path`/environments/${environment}/jobs/${name}`;
  if (options.yes !== true) {
    const doomed = await context.client.get<Job>(url);
    const open = doomed.openRuns.length;
    await context.confirm(
      `removes the ${doomed.type} "${doomed.name}" with its statistics and due times, and stops ${open} ${open === 1 ? 'run' : 'runs'}`,
      false,
    );
  }
  await context.client.call('DELETE', url, forced(options));
  context.show({ removed: name }, () => `job "${name}" is removed`);
}

/** `start`, `stop`, `restart`. */
export async function actOnJob(
  act: 'start' | 'stop' | 'restart',
  context: Context,
  [environment = '', name = '']: readonly string[],
  options: ChangeOptions,
) {
  const query = { wait: options.wait !== false };
  const job = await context.client.call<Job>(
    'POST',
    `${path`/environments/${environment}/jobs/${name}`}/${act}`,
    query,
  );
  context.show(job, () => `${job.type} "${job.name}": ${nowOf(context, job)}`);
}

/** All enabled workers of an environment, at once. */
export async function restartWorkers(
  context: Context,
  [environment = '']: readonly string[],
  { wait }: ChangeOptions,
) {
  const url = path`/environments/${environment}/restart`;
  const done = await context.client.call<RestartedWorkers>('POST', url, { wait: wait !== false });
  context.show(done, () => {
    const { workers } = done;
    if (workers.length === 0)
      return `"${environment}" has no enabled worker: "nightshift jobs ${environment}" lists its jobs`;
    const count = workers.length === 1 ? '1 worker' : `${workers.length} workers`;
    const what = wait === false ? 'asked to restart' : 'restarted';
    return `${count} of "${environment}" ${what}: ${workers.join(', ')}`;
  });
}

export async function pauseJob(
  act: 'pause' | 'resume',
  context: Context,
  [environment = '', name = '']: readonly string[],
) {
  const url = `${path`/environments/${environment}/jobs/${name}`}/${act}`;
  const job = await context.client.call<Job>('POST', url);
  context.show(job, () => `${job.type} "${job.name}": ${nowOf(context, job)}`);
}

/** Runs a cron now; the exit code says whether the run went well. */
export async function runJob(
  context: Context,
  [environment = '', name = '']: readonly string[],
  options: ChangeOptions,
): Promise<number> {
  const query = { wait: options.wait !== false };
  const url = path`/environments/${environment}/jobs/${name}/run`;
  const run = await context.client.call<Run>('POST', url, query);
  const logs = `nightshift logs ${environment} --run ${run.id}`;
  if (run.outcome === null || run.outcome === 'ok') {
    const how = run.outcome === null ? 'began' : 'went well';
    context.show(run, () => `run ${run.id} of "${name}" ${how}; its output: ${logs}`);
    return 0;
  }
  if (context.json) context.show(run, () => '');
  const why = run.reason === null ? run.outcome : `${run.outcome}, ${printable(run.reason)}`;
  throw new CliFailure(
    'run.failed',
    `run ${run.id} of "${name}" did not go well: ${why}; its output: ${logs}`,
  );
}
