/** A data folder as people would have filled it over time, and the daemon on it: for benches about large lists. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Job } from '../src/domain/job.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { sampleCron, sampleEnvironment, sampleWorker } from '../src/store/store.testkit.ts';

export interface ManyJobs {
  /** The data folder. */
  readonly data: string;
  /** The root of all environments. */
  readonly root: string;
  readonly jobs: number;
  /** Names of the environments. */
  readonly environments: readonly string[];
  readonly environmentOf: (number: number) => string;
  /** XL when absent. */
  readonly plan?: string;
  /** Left out: a tenth are workers, the others crons; none is enabled. */
  readonly jobOf?: (number: number, environment: string) => Job;
}

export const nameOf = (number: number): string => `job-${String(number).padStart(6, '0')}`;

function someJob(number: number, environment: string): Job {
  const status = { status: 'disabled' } as const;
  const sample = number % 10 === 0 ? sampleWorker : sampleCron;
  return sample(environment, nameOf(number), status);
}

export async function defineJobs(wanted: ManyJobs): Promise<void> {
  const { data, root, jobs, environments, environmentOf, plan = 'XL', jobOf = someJob } = wanted;
  const clock = { wall: () => Date.now(), monotonic: () => performance.now(), after: () => () => undefined };
  const store = await openSqliteStore({ folder: data, clock, onNotice: () => undefined });
  for (const name of environments) await store.addEnvironment(sampleEnvironment(name, { root, plan }));
  for (let from = 0; from < jobs; from += 500) {
    const some = Array.from({ length: Math.min(500, jobs - from) }, (_, index) => from + index);
    await Promise.all(some.map((number) => store.addJob(jobOf(number, environmentOf(number)))));
  }
  await store.close();
}

export interface StartedDaemon {
  readonly child: ChildProcess;
  /** What it printed until it was ready. */
  readonly lines: readonly string[];
}

/** Resolves when it is ready. Jobs run as plain processes. */
export async function startDaemon(data: string, ...options: readonly string[]): Promise<StartedDaemon> {
  const nightshift = join(import.meta.dirname, '..', 'bin', 'nightshift');
  const child = spawn(
    nightshift,
    ['serve', '--data', data, '--runtime', 'process', '--ssh', 'none', ...options],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (child.stdout === null) throw new Error('the daemon has no pipe');
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  for await (const line of reader) {
    lines.push(line);
    if (line.startsWith('ready:')) break;
  }
  return { child, lines };
}
