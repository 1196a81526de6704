/** Puts together what is wished, what is observed and what was counted. */
import type { Environment } from '../domain/environment.ts';
import { Refusal } from '../domain/errors.ts';
import { type Job, placesOf } from '../domain/job.ts';
import type { ObservedJob } from '../domain/observed.ts';
import { noStatistics, type Statistics } from '../domain/statistics.ts';
import type { EnvironmentView, JobView } from './control.ts';
import type { ControlParts } from './parts.ts';
import type { Removals } from './removals.ts';
import { rootNotices } from './root-user.ts';
import { bookedPlan, type Wishes } from './wishes.ts';

export class Views {
  readonly #parts: ControlParts;
  readonly #wishes: Wishes;
  readonly #removals: Removals;

  constructor(parts: ControlParts, wishes: Wishes, removals: Removals) {
    this.#parts = parts;
    this.#wishes = wishes;
    this.#removals = removals;
  }

  /** One environment, with notices that need a look at its root folder. */
  async environment(environment: Environment): Promise<EnvironmentView> {
    const { store, system } = this.#parts;
    const [jobs, looked] = await Promise.all([store.jobs(environment.name), system.look(environment.root)]);
    const view = await this.#summary(environment, jobs);
    const root = rootNotices(environment, looked, system.currentUser === 'root');
    return { ...view, notices: [...view.notices, ...root] };
  }

  /** Many of them: one look at the store's jobs for all, and none at their folders. */
  async environments(environments: readonly Environment[]): Promise<EnvironmentView[]> {
    const jobs = Map.groupBy(await this.#parts.store.jobs(), (job) => job.environment);
    return await Promise.all(environments.map((each) => this.#summary(each, jobs.get(each.name) ?? [])));
  }

  async job(environment: Environment, name: string): Promise<JobView> {
    const job = await this.#parts.store.job(environment.name, name);
    if (job === undefined) throw new Refusal('job.unknown', { environment: environment.name, job: name });
    const [view] = await this.#jobs(environment, [job]);
    return view as JobView;
  }

  async jobs(environment: Environment): Promise<JobView[]> {
    return await this.#jobs(environment, await this.#parts.store.jobs(environment.name));
  }

  async #jobs(environment: Environment, jobs: readonly Job[]): Promise<JobView[]> {
    const { store, platform, clock } = this.#parts;
    const observed = byJob(platform.observe(environment.name));
    const statistics = byJob(await store.statistics(environment.name));
    return await Promise.all(
      jobs.map(async (job) => {
        const [lastRun] = await store.runs({ environment: environment.name, job: job.name, limit: 1 });
        const seen = observed.get(job.name) ?? unobserved(environment, job);
        return {
          job,
          observed: seen,
          statistics: statistics.get(job.name) ?? this.#nothingCounted(job, clock.wall()),
          lastRun: lastRun ?? null,
          nextDueAt: this.#nextDue(environment, job, seen),
        };
      }),
    );
  }

  #nothingCounted(job: Job, now: number): Statistics {
    return noStatistics(job.environment, job.name, Math.min(job.createdAt, now));
  }

  #nextDue(environment: Environment, job: Job, observed: ObservedJob): number | null {
    if (job.type !== 'cron' || job.status !== 'enabled' || environment.plan === null) return null;
    if (observed.state.kind === 'scheduled') return observed.state.nextDueAt;
    return this.#parts.platform.nextDue(environment.name, 1, job.name)[0]?.dueAt ?? null;
  }

  async #summary(environment: Environment, jobs: readonly Job[]): Promise<EnvironmentView> {
    const { store, platform, plans } = this.#parts;
    const { name } = environment;
    const enabled = jobs.filter((job) => job.status === 'enabled');
    const workers = new Set(jobs.filter((job) => job.type === 'worker').map((job) => job.name));
    const observed = platform.observe(name);
    const plan = bookedPlan(plans, environment);
    return {
      environment,
      plan,
      variableNames: Object.keys(await store.variables(name)).sort(),
      jobsEnabled: enabled.length,
      jobs: jobs.length,
      workersRunning: observed.reduce(
        (sum, each) => sum + (workers.has(each.job) ? each.instancesRunning : 0),
        0,
      ),
      workersExpected:
        plan === null
          ? 0
          : enabled.reduce((sum, job) => sum + (job.type === 'worker' ? placesOf(job) : 0), 0),
      usage: platform.usage(name) ?? null,
      notices: [...this.#troubles(environment), ...crashLoops(observed)],
    };
  }

  #troubles({ name, plan }: Environment): string[] {
    const notices: string[] = [];
    if (this.#removals.has(name))
      notices.push(
        `"${name}" is being removed; where that was cut short, "nightshift env remove ${name}" goes on with it.`,
      );
    const why = this.#wishes.untaken(name);
    if (why !== null)
      notices.push(`The last change is kept and could not be carried out yet (${why}): it is tried again.`);
    if (plan !== null && !this.#parts.plans.some((each) => each.name === plan)) {
      const names = this.#parts.plans.map((each) => each.name).join(', ');
      notices.push(`Plan ${plan} is not in plans.yml any more: book one of ${names}.`);
    }
    return notices;
  }
}

const byJob = <Row extends { readonly job: string }>(rows: readonly Row[]): Map<string, Row> =>
  new Map(rows.map((row) => [row.job, row]));

const crashLoops = (observed: readonly ObservedJob[]): string[] =>
  observed
    .filter((each) => each.state.kind === 'crash-loop')
    .map((each) => `The job "${each.job}" is in a crash loop: ${each.reason}.`);

/** What can be said of a job that the platform has nothing to say about. */
function unobserved(environment: Environment, job: Job): ObservedJob {
  const disabled = job.status === 'disabled';
  const waiting = environment.plan === null ? 'no plan is booked' : 'it is about to be taken in';
  return {
    environment: environment.name,
    job: job.name,
    state: { kind: disabled ? 'disabled' : 'stopped' },
    reason: disabled ? 'it is disabled' : waiting,
    runs: [],
    instancesRunning: 0,
    memoryBytes: null,
  };
}
