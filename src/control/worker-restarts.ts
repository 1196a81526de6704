/** The restart of workers at the end of a deployment, told worker by worker. */
import type { Job } from '../domain/job.ts';
import type { ObservedJob } from '../domain/observed.ts';
import { formatDuration } from '../domain/units.ts';
import type { Tools } from './tools.ts';

type Say = (line: string) => void;

/**
 * All enabled workers, and the crons that ask for it and run now: each as soon as its old run has ended.
 * @param before the jobs before the deployment: what it has added, or given another command, begins anew by itself
 */
export async function restartWorkers(
  tools: Tools,
  environment: string,
  before: readonly Job[],
  say: Say,
): Promise<void> {
  const jobs = await tools.parts.store.jobs(environment);
  const concerned = jobs.filter(
    (job) => job.status === 'enabled' && (job.type === 'worker' || job.onDeploy === 'restart'),
  );
  await Promise.all(
    concerned.map((job) => {
      const was = before.find((each) => each.name === job.name && each.status === 'enabled');
      const begins = job.type === 'worker' && (was === undefined || was.command !== job.command);
      return restartOne(tools, job, begins ? 'starts' : 'restarts', say);
    }),
  );
}

/** Workers with a run that was created (wall time, ms) at such a moment. */
export async function restartBegun(
  { parts }: Tools,
  environment: string,
  concerned: (createdAt: number) => boolean,
  why: string,
  say: Say,
): Promise<void> {
  const open = await parts.store.openRuns();
  const runs = open.filter(
    (run) => run.environment === environment && run.kind === 'worker' && concerned(run.createdAt),
  );
  for (const name of new Set(runs.map((run) => run.job ?? ''))) {
    await parts.platform.restart(environment, [name], 'deploy');
    say(`${name}: ${why}`);
  }
}

async function restartOne({ parts }: Tools, job: Job, how: 'starts' | 'restarts', say: Say): Promise<void> {
  const { platform, clock } = parts;
  const began = clock.monotonic();
  const ran = observed(parts.platform.observe(job.environment), job)?.runs.length ?? 0;
  if (how === 'starts') await platform.settled(job.environment, job.name);
  else await platform.restart(job.environment, [job.name], 'deploy');
  if (job.type === 'cron' && ran === 0) return;
  const took = formatDuration(Math.round((clock.monotonic() - began) / 100) / 10);
  say(`${job.name}: ${stateInWords(observed(platform.observe(job.environment), job), how, took)}`);
}

const observed = (all: readonly ObservedJob[], job: Job): ObservedJob | undefined =>
  all.find((each) => each.job === job.name);

function stateInWords(job: ObservedJob | undefined, how: 'starts' | 'restarts', took: string): string {
  const done = `${how === 'starts' ? 'started' : 'restarted'} in ${took}`;
  if (job === undefined) return done;
  switch (job.state.kind) {
    case 'running':
    case 'starting':
      return done;
    case 'backing-off':
    case 'crash-loop':
      return `does not stay up (${job.reason}): see its log`;
    default:
      return `${job.reason} after ${took}`;
  }
}
