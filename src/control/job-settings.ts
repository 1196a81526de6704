/** From what people state to a job, and nothing else: no store, no clock. Rules that a job breaks are refusals. */

import { Refusal } from '../domain/errors.ts';
import {
  type Cron,
  checkExitSignal,
  checkJob,
  type Job,
  jobDefaults,
  type Schedule,
  type Worker,
} from '../domain/job.ts';
import { checkJobName } from '../domain/names.ts';
import { defaultCatchUp } from '../scheduler/schedule.ts';
import type { JobSettingsInput, NewJob } from './control.ts';
import { type Spread, scheduleOf } from './schedule-settings.ts';

/** Settings that only one type of job has, in the words of a sentence. */
const workersOnly = { instances: 'the number of instances', handover: 'the handover' } as const;
const cronsOnly = {
  interval: 'an interval',
  crontab: 'a crontab expression',
  timezone: 'a time zone',
  maxRuntimeSeconds: 'a max runtime',
  maxInstances: 'a number of max instances',
  catchUp: 'catching up',
  catchUpMaxAgeSeconds: 'a maximum age to catch up',
  onDeploy: 'what to do on a deployment',
  paused: 'a pause',
  retries: 'a number of retries',
  retryDelaySeconds: 'a retry delay',
  retryOn: 'exit codes to retry on',
  warnLateSeconds: 'a warning of late starts',
  warnLongerSeconds: 'a warning of long runs',
  warnShorterSeconds: 'a warning of short runs',
} as const;

/** What a job is made from besides the words of people. */
export interface Making {
  readonly environment: string;
  /** Wall time, ms. */
  readonly now: number;
  /** Chooses the moment of a cron beside all the others of the machine. */
  readonly spread: Spread;
}

/** A new job; what is left out has its default. */
export function jobOf(input: NewJob, making: Making): Job {
  const name = checkJobName(input.name);
  refuseForeign(input.type, name, input);
  const common = {
    environment: making.environment,
    name,
    command: input.command ?? '',
    status: input.status ?? ('enabled' as const),
    exitSignal: checkExitSignal(input.exitSignal ?? jobDefaults.exitSignal),
    exitTimeoutSeconds: input.exitTimeoutSeconds ?? jobDefaults.exitTimeoutSeconds,
    createdAt: making.now,
    version: 1,
    managedBy: null,
  };
  if (input.type === 'worker') {
    return checked<Worker>({
      ...common,
      type: 'worker',
      instances: input.instances ?? jobDefaults.instances,
      handover: input.handover ?? jobDefaults.handover,
    });
  }
  const schedule = scheduleOf(input, null, making.spread);
  return checked<Cron>({
    ...common,
    type: 'cron',
    schedule,
    maxRuntimeSeconds: input.maxRuntimeSeconds ?? jobDefaults.maxRuntimeSeconds,
    maxInstances: input.maxInstances ?? jobDefaults.maxInstances,
    catchUp: input.catchUp ?? defaultCatchUp(schedule),
    catchUpMaxAgeSeconds: input.catchUpMaxAgeSeconds ?? jobDefaults.catchUpMaxAgeSeconds,
    onDeploy: input.onDeploy ?? jobDefaults.onDeploy,
    ...heldAndWatched(input, jobDefaults),
    dueSince: making.now,
  });
}

/** The job with what was stated changed, and its version grown; what is left out stays. */
export function edited(job: Job, input: JobSettingsInput, making: Omit<Making, 'environment'>): Job {
  if (Object.values(input).every((value) => value === undefined)) {
    throw new Refusal('job.nothing-to-change');
  }
  refuseForeign(job.type, job.name, input);
  const common = {
    command: input.command ?? job.command,
    status: input.status ?? job.status,
    exitSignal: input.exitSignal === undefined ? job.exitSignal : checkExitSignal(input.exitSignal),
    exitTimeoutSeconds: input.exitTimeoutSeconds ?? job.exitTimeoutSeconds,
    version: job.version + 1,
  };
  return checked(
    job.type === 'worker' ? editedWorker(job, input, common) : editedCron(job, input, common, making),
  );
}

const editedWorker = (job: Worker, input: JobSettingsInput, common: Partial<Worker>): Worker => ({
  ...job,
  ...common,
  instances: input.instances ?? job.instances,
  handover: input.handover ?? job.handover,
});

function editedCron(
  job: Cron,
  input: JobSettingsInput,
  common: Partial<Cron> & Pick<Cron, 'status'>,
  making: Omit<Making, 'environment'>,
): Cron {
  const schedule = scheduleOf(input, job.schedule, making.spread);
  // A catch-up that was the schedule's default follows the schedule; one that a person chose stays.
  const followed = job.catchUp === defaultCatchUp(job.schedule) ? defaultCatchUp(schedule) : job.catchUp;
  return {
    ...job,
    ...common,
    schedule,
    maxRuntimeSeconds: input.maxRuntimeSeconds ?? job.maxRuntimeSeconds,
    maxInstances: input.maxInstances ?? job.maxInstances,
    catchUp: input.catchUp ?? followed,
    catchUpMaxAgeSeconds: input.catchUpMaxAgeSeconds ?? job.catchUpMaxAgeSeconds,
    onDeploy: input.onDeploy ?? job.onDeploy,
    ...heldAndWatched(input, job),
    dueSince: countsAnew(job, { schedule, status: common.status }) ? making.now : job.dueSince,
  };
}

type HeldAndWatched = Pick<
  Cron,
  | 'paused'
  | 'retries'
  | 'retryDelaySeconds'
  | 'retryOn'
  | 'warnLateSeconds'
  | 'warnLongerSeconds'
  | 'warnShorterSeconds'
>;

/** Null takes a limit away; what is left out stays. */
function heldAndWatched(input: JobSettingsInput, before: HeldAndWatched): HeldAndWatched {
  const or = <Value>(stated: Value | undefined, known: Value): Value =>
    stated === undefined ? known : stated;
  const retryOn = or(input.retryOn, before.retryOn);
  return {
    paused: or(input.paused, before.paused),
    retries: or(input.retries, before.retries),
    retryDelaySeconds: or(input.retryDelaySeconds, before.retryDelaySeconds),
    retryOn: retryOn === null || retryOn.length === 0 ? null : [...new Set(retryOn)].sort((a, b) => a - b),
    warnLateSeconds: or(input.warnLateSeconds, before.warnLateSeconds),
    warnLongerSeconds: or(input.warnLongerSeconds, before.warnLongerSeconds),
    warnShorterSeconds: or(input.warnShorterSeconds, before.warnShorterSeconds),
  };
}

/** Due times begin to count with another schedule, and when a job is enabled. */
const countsAnew = (before: Cron, after: Pick<Cron, 'schedule' | 'status'>): boolean =>
  !sameSchedule(before.schedule, after.schedule) ||
  (before.status === 'disabled' && after.status === 'enabled');

function sameSchedule(a: Schedule, b: Schedule): boolean {
  if (a.kind === 'interval')
    return b.kind === 'interval' && a.interval === b.interval && a.moment === b.moment;
  return (
    b.kind === 'crontab' &&
    a.expression === b.expression &&
    a.timezone === b.timezone &&
    a.moment === b.moment
  );
}

function checked<Kind extends Job>(job: Kind): Kind {
  checkJob(job);
  return job;
}

/** Refuses a setting that the type does not have, instead of dropping it unseen. */
function refuseForeign(type: Job['type'], job: string, input: JobSettingsInput): void {
  const foreign = Object.entries(type === 'worker' ? cronsOnly : workersOnly);
  for (const [setting, field] of foreign) {
    if (input[setting as keyof JobSettingsInput] === undefined) continue;
    throw new Refusal(type === 'worker' ? 'job.not-a-cron' : 'job.not-a-worker', { job, field });
  }
}
