/**
 * The store with 10,000 jobs and 1,000,000 runs: what a page of runs, a list of jobs and an instant with 200 due crons
 * cost. Run `node bench/store.ts [RUNS]`; it fills a temporary folder first (some minutes for a million) and removes it.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import {
  noon,
  sampleCron,
  sampleDue,
  sampleEnd,
  sampleEnvironment,
  sampleHandle,
} from '../src/store/store.testkit.ts';
import type { Store } from '../src/store/store.ts';

const runs = Number(process.argv[2] ?? 1_000_000);
const environments = 100;
const jobsEach = 100;
const jobs = environments * jobsEach;
const clock = { wall: () => Date.now(), monotonic: () => performance.now(), after: () => () => undefined };

const environmentOf = (job: number): string => `env-${job % environments}`;
const nameOf = (job: number): string => `job-${Math.floor(job / environments)}`;

async function fill(store: Store): Promise<void> {
  for (let index = 0; index < environments; index += 1)
    await store.addEnvironment(sampleEnvironment(`env-${index}`));
  await inParallel(jobs, 500, (job) => store.addJob(sampleCron(environmentOf(job), nameOf(job))));
  await inParallel(runs, 1_000, async (number) => {
    const job = number % jobs;
    const [environment, name, id] = [environmentOf(job), nameOf(job), idOf(number)];
    const { run, dueTime } = sampleDue(environment, name, noon + Math.floor(number / jobs) * 60_000, id);
    await store.beginRuns([run], [dueTime]);
    await store.runStarted(id, noon, sampleHandle(id));
    await store.runEnded(id, sampleEnd(), [{ environment, job: name, exitsOk: 1, durationSeconds: 5 }]);
  });
}

const idOf = (number: number): string => `01JH${number.toString(36).toUpperCase().padStart(22, '0')}`;

async function inParallel(
  count: number,
  width: number,
  act: (index: number) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < count; start += width)
    await Promise.all(
      Array.from({ length: Math.min(width, count - start) }, (_, index) => act(start + index)),
    );
}

/** Median and 99th percentile of many calls, in ms. */
async function measure(what: string, times: number, act: (index: number) => Promise<unknown>): Promise<void> {
  const took: number[] = [];
  for (let index = 0; index < times; index += 1) {
    const start = performance.now();
    await act(index);
    took.push(performance.now() - start);
  }
  took.sort((a, b) => a - b);
  const at = (share: number): string => (took[Math.floor((took.length - 1) * share)] ?? 0).toFixed(2);
  process.stdout.write(`${what.padEnd(58)} p50 ${at(0.5).padStart(8)} ms   p99 ${at(0.99).padStart(8)} ms\n`);
}

const top = mkdtempSync(join(tmpdir(), 'nightshift-bench-'));
const folder = join(top, 'data');
try {
  let store = await openSqliteStore({ folder, clock });
  const start = performance.now();
  await fill(store);
  const seconds = (performance.now() - start) / 1000;
  const size = (file: string): string => `${(statSync(join(folder, file)).size / 1024 ** 2).toFixed(0)} MB`;
  process.stdout.write(
    `${jobs} jobs, ${runs} runs written in ${seconds.toFixed(0)} s (${Math.round((runs * 3) / seconds)} writes/s), ` +
      `nightshift.db ${size('nightshift.db')}, history.db ${size('history.db')}\n`,
  );
  await store.close();
  const opening = performance.now();
  store = await openSqliteStore({ folder, clock });
  process.stdout.write(`opened in ${(performance.now() - opening).toFixed(1)} ms\n`);

  const some = (index: number): number => (index * 7919) % jobs;
  const filterOf = (index: number) => ({ environment: environmentOf(some(index)), limit: 50 });
  await measure('runs of an environment, newest 50', 300, (index) => store.runs(filterOf(index)));
  await measure('runs of a job, newest 50', 300, (index) =>
    store.runs({ ...filterOf(index), job: nameOf(some(index)) }),
  );
  await measure('runs of an environment, 50 from the middle', 300, (index) =>
    store.runs({
      ...filterOf(some(index)),
      before: idOf(Math.floor(runs / 2 / jobs) * jobs + some(some(index))),
    }),
  );
  await measure('open runs', 100, () => store.openRuns());
  await measure('due times of an environment, newest 50', 300, (index) => store.dueTimes(filterOf(index)));
  await measure('last due times of all jobs', 10, () => store.lastDueTimes());
  await measure('jobs of an environment (100)', 100, (index) => store.jobs(environmentOf(index)));
  await measure('statistics of an environment (100)', 100, (index) => store.statistics(environmentOf(index)));
  await measure(`all jobs (${jobs})`, 10, () => store.jobs());
  await measure('one durable write', 300, (index) => store.setMeta('heartbeat', String(index)));
  await measure('200 crons due at one instant, begun', 30, (round) =>
    Promise.all(
      Array.from({ length: 200 }, (_, index) => {
        const id = `due-${round}-${index}`;
        const at = noon + 1e10 + round * 60_000;
        const { run, dueTime } = sampleDue(environmentOf(index), nameOf(index), at, id);
        return store.beginRuns([run], [dueTime]);
      }),
    ),
  );
  await measure('prune with nothing to prune', 3, () => store.pruneRuns(1_000));
  await measure('housekeeping', 3, () => store.housekeep(noon));
  await store.close();
} finally {
  rmSync(top, { recursive: true, force: true });
}
