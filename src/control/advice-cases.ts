/** Advice about an environment: whether its plan fits, and what could be better about its jobs. */
import { growthOf, type JobAdvice, moveOf, overlapOf } from '../domain/advice-jobs.ts';
import type { Environment } from '../domain/environment.ts';
import type { Cron, Job } from '../domain/job.ts';
import type { Run } from '../domain/run.ts';
import type { Control } from './control.ts';
import type { Tools } from './tools.ts';
import { bookedPlan } from './wishes.ts';

const dayMs = 86_400_000;
/** Runs of the last days say how crons are; of a busy environment the newest of them. */
const daysBack = 7;
const runsRead = 5_000;
/** Of so many workers the memory is looked at, those that hold most. */
const workersRead = 200;
const growthStepSeconds = 600;
const growthBackMs = 3 * dayMs;

export function adviceCases(tools: Tools): Pick<Control, 'advice'> {
  return {
    async advice(actor, name) {
      const { changes, views, parts } = tools;
      const environment = await changes.known(actor, name);
      const [view, jobs, runs] = await Promise.all([
        views.environments([environment]),
        parts.store.jobs(name),
        parts.store.runs({ environment: name, limit: runsRead }),
      ]);
      const enabled = jobs.filter(({ status }) => status === 'enabled');
      const since = parts.clock.wall() - daysBack * dayMs;
      const recent = runs.filter((run) => run.kind === 'cron' && run.createdAt >= since);
      return {
        plan: view[0]?.advice ?? null,
        jobs: [...growing(tools, environment, enabled), ...ofCrons(tools, environment, enabled, recent)],
      };
    },
  };
}

function growing({ parts }: Tools, environment: Environment, jobs: readonly Job[]): JobAdvice[] {
  const { metrics, platform, clock, plans } = parts;
  const now = clock.wall();
  const limit = bookedPlan(plans, environment)?.memoryBytes ?? null;
  const workers = new Set(jobs.flatMap((job) => (job.type === 'worker' ? [job.name] : [])));
  const running = platform
    .observe(environment.name, [...workers])
    .toSorted((a, b) => (b.memoryBytes ?? 0) - (a.memoryBytes ?? 0))
    .slice(0, workersRead);
  return running.flatMap(({ job, state }) => {
    if (state.kind !== 'running') return [];
    const { from, stepSeconds, series } = metrics.read({
      environment: environment.name,
      job,
      from: Math.max(state.since, now - growthBackMs),
      until: now,
      stepSeconds: growthStepSeconds,
    });
    const held = series.memoryBytes.map((bytes, index) => ({
      at: from + index * stepSeconds * 1_000,
      bytes,
    }));
    return growthOf(job, held, state.since, limit) ?? [];
  });
}

function ofCrons(
  { parts }: Tools,
  environment: Environment,
  jobs: readonly Job[],
  runs: readonly Run[],
): JobAdvice[] {
  const crons = jobs.filter((job): job is Cron => job.type === 'cron');
  const byJob = Map.groupBy(runs, ({ job }) => job);
  const overlaps = crons.flatMap(
    ({ name }) => overlapOf(name, byJob.get(name) ?? [], parts.clock.wall()) ?? [],
  );
  const plan = bookedPlan(parts.plans, environment);
  const move = plan === null ? null : moveOf(crons, runs, plan.memoryBytes);
  return move === null ? overlaps : [...overlaps, move];
}
