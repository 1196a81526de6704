/** Jobs: what people define, and what they do with them (design §2.2, §2.3). */
import type { Environment } from '../domain/environment.ts';
import { Refusal } from '../domain/errors.ts';
import { enabledPlaces, type Job } from '../domain/job.ts';
import { limits } from '../domain/limits.ts';
import { checkPlanHolds } from '../domain/plan.ts';
import type { Actor, Change, Control, Expected, Forced, JobSettingsInput, JobView } from './control.ts';
import { edited, jobOf } from './job-settings.ts';
import { scheduleOfJob } from './moments.ts';
import { orUnavailable } from './platform-failure.ts';
import type { Spread } from './schedule-settings.ts';
import { checkJobFresh } from './stale.ts';
import type { Tools } from './tools.ts';
import { bookedPlan } from './wishes.ts';

type JobCases = Pick<
  Control,
  | 'jobs'
  | 'job'
  | 'addJob'
  | 'editJob'
  | 'removeJob'
  | 'startJob'
  | 'stopJob'
  | 'restartJob'
  | 'setJobPaused'
  | 'runJob'
  | 'resetStatistics'
>;

export function jobCases(tools: Tools): JobCases {
  const { parts, changes, views, moments, runEnds } = tools;
  const { store, platform, clock } = parts;

  return {
    jobs: async (actor, environment, page) =>
      await views.jobs(await changes.known(actor, environment), page ?? { limit: limits.jobsPerEnvironment }),
    job: async (actor, environment, name) => await views.job(await changes.known(actor, environment), name),

    async addJob(actor, environment, input, change) {
      const job = await changes.make(actor, environment, async (found) => {
        const own = await store.jobs(environment);
        if (own.some((each) => each.name === input.name))
          throw new Refusal('job.exists', { environment, job: input.name });
        if (own.length >= limits.jobsPerEnvironment)
          throw new Refusal('job.too-many', { environment, limit: limits.jobsPerEnvironment });
        await moments.load();
        const spread: Spread = (wish) => moments.choose(environment, input.name, wish);
        const result = jobOf(input, { environment, now: clock.wall(), spread });
        checkPlaces(tools, found, own, [...own, result]);
        await placed(tools, undefined, result, () => store.addJob(result));
        return { act: 'add job', detail: `${result.name}: ${result.command}`, result };
      });
      return await seen(tools, actor, job, change);
    },

    async editJob(actor, environment, name, input, change) {
      const job = await changes.make(actor, environment, async (found) => {
        const result = await editInPlace(tools, found, name, change, (before) => {
          checkUnmanaged(before, change);
          return input;
        });
        const named = Object.entries(input).flatMap(([key, value]) => (value === undefined ? [] : [key]));
        return { act: 'edit job', detail: `${name}: ${named.sort().join(', ')}`, result };
      });
      return await seen(tools, actor, job, change);
    },

    async removeJob(actor, environment, name, options = {}) {
      await changes.make(actor, environment, async () => {
        const job = jobIn(await store.jobs(environment), environment, name);
        await checkJobFresh(parts, job, options);
        checkUnmanaged(job, options);
        await moments.load();
        await store.removeJob(environment, name);
        moments.place(environment, name, null);
        return { act: 'remove job', detail: `${name}: ${job.command}`, result: undefined };
      });
      await platform.settled(environment, name);
    },

    startJob: (actor, environment, name, change) =>
      setStatus(tools, actor, environment, name, 'enabled', change),
    stopJob: (actor, environment, name, change) =>
      setStatus(tools, actor, environment, name, 'disabled', change),

    async restartJob(actor, environment, name, change) {
      const job = await runnable(tools, actor, environment, name);
      if (job.type !== 'worker') throw new Refusal('job.not-a-worker', { job: name, field: 'a restart' });
      await changes.note(actor, environment, 'restart job', name);
      const restarted = orUnavailable(environment, platform.restart(environment, [name], 'manual'));
      if (change.wait) await restarted;
      else unwatched(tools, environment, restarted);
      return await views.job(await changes.known(actor, environment), name);
    },

    async setJobPaused(actor, environment, name, paused, expected = {}) {
      const job = await changes.make(actor, environment, async (found) => {
        const result = await editInPlace(tools, found, name, expected, (job) =>
          job.type === 'cron' && job.paused === paused ? null : { paused },
        );
        return { act: paused ? 'pause job' : 'resume job', detail: name, result };
      });
      return await seen(tools, actor, job, { wait: false });
    },

    async runJob(actor, environment, name, change) {
      const job = await runnable(tools, actor, environment, name);
      if (job.type !== 'cron') throw new Refusal('job.not-a-cron', { job: name, field: 'a run by hand' });
      const run = await orUnavailable(environment, platform.runNow(environment, name, actor.name));
      await changes.note(actor, environment, 'run job', `${name}: run ${run.id}`);
      return change.wait ? await runEnds.of(run) : run;
    },

    async resetStatistics(actor, environment) {
      await changes.usable(actor, environment);
      await store.resetStatistics(environment, clock.wall());
      await changes.note(actor, environment, 'reset statistics', '');
    },
  };
}

/** Edits one job by its rules and writes it; null leaves it as it is. */
async function editInPlace(
  tools: Tools,
  found: Environment,
  name: string,
  expected: Expected,
  inputFor: (job: Job) => JobSettingsInput | null,
): Promise<Job> {
  const { parts, moments } = tools;
  const own = await parts.store.jobs(found.name);
  const before = jobIn(own, found.name, name);
  await checkJobFresh(parts, before, expected);
  const input = inputFor(before);
  if (input === null) return before;
  await moments.load();
  const spread: Spread = (wish) => moments.choose(found.name, name, wish);
  const after = edited(before, input, { now: parts.clock.wall(), spread });
  const all = own.map((job) => (job.name === name ? after : job));
  checkPlaces(tools, found, own, all);
  await placed(tools, before, after, () => parts.store.saveJob(after));
  return after;
}

/** Writes a job whose moment was chosen in this very step: its place is taken before the write, and given back when that fails. */
async function placed(
  tools: Tools,
  before: Job | undefined,
  after: Job,
  write: () => Promise<void>,
): Promise<void> {
  tools.moments.place(after.environment, after.name, scheduleOfJob(after));
  try {
    await write();
  } catch (error) {
    tools.moments.place(after.environment, after.name, scheduleOfJob(before));
    throw error;
  }
}

/** What a file states is changed there. Starting, stopping and pausing are people's in any case. */
function checkUnmanaged(job: Job, forced: Forced = {}): void {
  if (job.managedBy === null || forced.force === true) return;
  throw new Refusal('job.managed', { job: job.name, file: job.managedBy });
}

function jobIn(jobs: readonly Job[], environment: string, name: string): Job {
  const job = jobs.find((each) => each.name === name);
  if (job === undefined) throw new Refusal('job.unknown', { environment, job: name });
  return job;
}

/** A job that something can be asked of now: booked for and enabled. */
async function runnable(tools: Tools, actor: Actor, environment: string, name: string): Promise<Job> {
  const found = await tools.changes.usable(actor, environment);
  const job = jobIn(await tools.parts.store.jobs(environment), environment, name);
  if (found.plan === null) throw new Refusal('component.not-booked', { environment });
  if (job.status === 'disabled') throw new Refusal('job.disabled', { environment, job: name });
  return job;
}

/**
 * Refuses what would take more places than the plan holds. Without a plan that is checked when one is booked; a change that
 * takes no place more is never refused, so that an environment beyond its plan (plans.yml was changed) can be mended.
 */
function checkPlaces(tools: Tools, environment: Environment, before: readonly Job[], after: readonly Job[]) {
  const plan = bookedPlan(tools.parts.plans, environment);
  const places = enabledPlaces(after);
  if (plan !== null && places > enabledPlaces(before)) checkPlanHolds(plan, places, environment.name);
}

/** Enables or disables; a job that is so already is left as it is, and told again to the platform. */
async function setStatus(
  tools: Tools,
  actor: Actor,
  environment: string,
  name: string,
  status: Job['status'],
  change: Change,
): Promise<JobView> {
  const job = await tools.changes.make(actor, environment, async (found) => {
    const result = await editInPlace(tools, found, name, change, (job) =>
      job.status === status ? null : { status },
    );
    return { act: status === 'enabled' ? 'start job' : 'stop job', detail: name, result };
  });
  return await seen(tools, actor, job, change);
}

/** The job after a change; with `wait` when the change has had its effects. */
async function seen(tools: Tools, actor: Actor, job: Job, change: Change): Promise<JobView> {
  if (change.wait) await tools.parts.platform.settled(job.environment, job.name);
  return await tools.views.job(await tools.changes.known(actor, job.environment), job.name);
}

/** Nobody waits for it: its failure is the operator's to hear. */
export function unwatched(tools: Tools, environment: string, work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    tools.parts.onTrouble(environment, error instanceof Error ? error.message : String(error));
  });
}
