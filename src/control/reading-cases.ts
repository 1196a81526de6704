/** What people look up: the daemon, runs, due times, logs, activity. */
import { sees } from '../domain/access.ts';
import { Refusal } from '../domain/errors.ts';
import type { Incident } from '../domain/incident.ts';
import type { Outcome } from '../domain/run.ts';
import type { LogQuery } from '../logs/log-store.ts';
import { meaningOf } from '../scheduler/crontab-meaning.ts';
import type { ActivityFilter, IncidentFilter, KeptActivity } from '../store/store.ts';
import type { Actor, Control } from './control.ts';
import { LogDownloads } from './log-downloads.ts';
import type { Tools } from './tools.ts';

type ReadingCases = Pick<
  Control,
  | 'health'
  | 'daemon'
  | 'runs'
  | 'run'
  | 'dueTimes'
  | 'nextDue'
  | 'explainCrontab'
  | 'logs'
  | 'logDownload'
  | 'activity'
  | 'incidents'
>;

export function readingCases(tools: Tools, startedAt: number): ReadingCases {
  const { parts, changes } = tools;
  const { store, platform } = parts;
  const downloads = new LogDownloads();
  return {
    health: async () => ({
      ...(await storeFacts(tools)),
      schedulerSilent:
        tools.incidents.get({ environment: null, job: null, kind: 'scheduler-silent' }) !== undefined,
    }),

    daemon: async () => ({
      version: parts.version,
      pid: parts.pid,
      startedAt,
      dataFolder: parts.dataFolder,
      runtime: parts.runtime.name,
      cannot: parts.runtime.cannot,
      ...(await storeFacts(tools)),
    }),

    async runs(actor, filter) {
      await changes.known(actor, filter.environment);
      if (filter.job !== undefined) await checkJobKnown(tools, filter.environment, filter.job);
      return await store.runs(filter);
    },

    async run(actor, environment, id) {
      await changes.known(actor, environment);
      const run = await store.run(environment, id);
      if (run === undefined) throw new Refusal('run.unknown', { environment, run: id });
      return run;
    },

    async dueTimes(actor, filter) {
      await changes.known(actor, filter.environment);
      if (filter.job !== undefined) await checkJobKnown(tools, filter.environment, filter.job);
      const rows = await store.dueTimes(filter);
      const outcomeOf = async (run: string): Promise<Outcome | null> =>
        (await store.run(filter.environment, run))?.outcome ?? null;
      return await Promise.all(
        rows.map(async (row) => (row.run === null ? row : { ...row, outcome: await outcomeOf(row.run) })),
      );
    },

    async nextDue(actor, environment, count, job) {
      await changes.known(actor, environment);
      if (job !== undefined) await checkJobKnown(tools, environment, job);
      return platform.nextDue(environment, count, job);
    },

    explainCrontab: async (_actor, { expression, timezone, from, next }) =>
      meaningOf(expression, timezone, from ?? parts.clock.wall(), next),
    logs: (actor, query, signal, download) => readLogs(tools, downloads, actor, query, signal, download),
    async logDownload(actor, environment, download) {
      await changes.known(actor, environment);
      return downloads.of(environment, download);
    },
    activity: (actor, filter) => readActivity(tools, actor, filter),
    incidents: (actor, filter) => readIncidents(tools, actor, filter),
  };
}

async function storeFacts(
  tools: Tools,
): Promise<{ schedulerHeartbeatAt: number | null; store: 'ok' | 'unavailable' }> {
  try {
    return { schedulerHeartbeatAt: await tools.parts.schedulerHeartbeatAt(), store: 'ok' };
  } catch {
    // The daemon's page is where people look when the store is away: it says so instead of failing.
    return { schedulerHeartbeatAt: null, store: 'unavailable' };
  }
}

/** A job that is defined, or was: its history stays. */
export async function checkJobKnown(tools: Tools, environment: string, job: string): Promise<void> {
  const { store } = tools.parts;
  if ((await store.job(environment, job)) !== undefined) return;
  if ((await store.runs({ environment, job, limit: 1 })).length > 0) return;
  throw new Refusal('job.unknown', { environment, job });
}

async function* readLogs(
  tools: Tools,
  downloads: LogDownloads,
  actor: Actor,
  query: LogQuery,
  signal: AbortSignal,
  download?: string,
) {
  await tools.changes.known(actor, query.environment);
  for (const job of query.jobs ?? []) await checkJobKnown(tools, query.environment, job);
  if (query.run !== undefined) {
    const { environment, run } = query;
    if ((await tools.parts.store.run(environment, run)) === undefined)
      throw new Refusal('run.unknown', { environment, run });
  }
  if (download === undefined) return yield* tools.parts.logs.read(query, signal);
  const noted = downloads.begin(query.environment, download);
  try {
    yield* tools.parts.logs.read({ ...query, bulk: true, cursors: false }, signal, noted.progress);
  } finally {
    noted.end();
  }
}

/** Operators read everything, members what was done in their own environments. */
async function readActivity(
  tools: Tools,
  actor: Actor,
  filter: ActivityFilter,
): Promise<readonly KeptActivity[]> {
  const { store } = tools.parts;
  // Also of an environment that was removed: what happened to it is what an operator looks for.
  if (actor.role === 'operator') return await store.activity(filter);
  const own = async (name: string): Promise<readonly KeptActivity[]> => {
    const { createdAt } = await tools.changes.known(actor, name);
    const entries = await store.activity({ ...filter, environment: name });
    // An earlier one of that name may have been somebody else's.
    return entries.filter(({ at }) => at >= createdAt);
  };
  if (filter.environment !== undefined) return await own(filter.environment);
  // A token may name one that is gone meanwhile.
  const all = (await store.environments()).filter(({ name }) => sees(actor, name));
  const entries = await Promise.all(all.map(({ name }) => own(name)));
  return entries
    .flat()
    .sort((a, b) => b.id - a.id)
    .slice(0, filter.limit);
}

/** Operators read everything and what is about the machine, members what is about their own environments. */
async function readIncidents(
  { parts, changes }: Tools,
  actor: Actor,
  filter: IncidentFilter,
): Promise<readonly Incident[]> {
  if (filter.environment !== undefined) {
    await changes.known(actor, filter.environment);
    return await parts.store.incidents(filter);
  }
  if (actor.role === 'operator') return await parts.store.incidents(filter);
  const own = (actor.environments ?? []).filter((each) => sees(actor, each));
  const all = await Promise.all(own.map((environment) => parts.store.incidents({ ...filter, environment })));
  return all
    .flat()
    .sort((a, b) => b.beganAt - a.beganAt || (a.id < b.id ? 1 : -1))
    .slice(0, filter.limit);
}
