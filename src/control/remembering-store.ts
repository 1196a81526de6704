import type { Job } from '../domain/job.ts';
import type { Store } from '../store/store.ts';
import { overlaid } from './overlaid.ts';

interface Known {
  /** In order of their names; replaced with each change, so that who holds it keeps what they read. */
  jobs: readonly Job[];
  readonly byName: Map<string, Job>;
}

/**
 * The store with the definitions of jobs kept in memory, so that a change of one job does not read the ten thousand
 * beside it. Use cases are the only ones that write definitions, and they all write through here. A job that has not changed
 * is the same object with each reading: so it is seen at a glance that there is nothing to do about it.
 */
export function rememberingStore(store: Store): Store {
  const known = new Map<string, Known>();
  /** Grows with each change: what was read before it is not kept after it. */
  let changes = 0;

  async function of(environment: string): Promise<Known> {
    const found = known.get(environment);
    if (found !== undefined) return found;
    const before = changes;
    const jobs = await store.jobs(environment);
    const read = { jobs, byName: new Map(jobs.map((job) => [job.name, job])) };
    // An environment without jobs may be one that is not there.
    if (before === changes && jobs.length > 0) known.set(environment, read);
    return read;
  }

  function put(job: Job): void {
    changes += 1;
    const found = known.get(job.environment);
    if (found === undefined) return;
    const at = placeOf(found.jobs, job.name);
    const there = found.byName.has(job.name) ? 1 : 0;
    found.jobs = found.jobs.toSpliced(at, there, job);
    found.byName.set(job.name, job);
  }

  function forget(environment: string): void {
    changes += 1;
    known.delete(environment);
  }

  /** Makes a change, and notes it; after one that failed, what there is is read again. */
  async function changing(environment: string, write: Promise<void>, noted: () => void): Promise<void> {
    try {
      await write;
    } catch (error) {
      forget(environment);
      throw error;
    }
    noted();
  }

  const remembering: Partial<Store> = {
    jobs: async (environment) =>
      environment === undefined ? await store.jobs() : [...(await of(environment)).jobs],
    job: async (environment, name) =>
      known.get(environment)?.byName.get(name) ?? (await store.job(environment, name)),
    addJob: (job) => changing(job.environment, store.addJob(job), () => put(job)),
    saveJob: (job) => changing(job.environment, store.saveJob(job), () => put(job)),
    removeJob: (environment, name) =>
      changing(environment, store.removeJob(environment, name), () => {
        changes += 1;
        const found = known.get(environment);
        if (found?.byName.delete(name) !== true) return;
        found.jobs = found.jobs.toSpliced(placeOf(found.jobs, name), 1);
      }),
    applyFile: (environment, file) =>
      changing(environment.name, store.applyFile(environment, file), () => forget(environment.name)),
    removeEnvironment: (environment) =>
      changing(environment, store.removeEnvironment(environment), () => forget(environment)),
  };
  return overlaid(store, remembering);
}

/** Where the job of this name stands, or would. Names are ASCII: their order is the store's. */
function placeOf(jobs: readonly Job[], name: string): number {
  let [from, to] = [0, jobs.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((jobs[middle]?.name ?? '') < name) from = middle + 1;
    else to = middle;
  }
  return from;
}
