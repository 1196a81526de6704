/** Runs. An open one counts when somebody vouches for it (`vouching.ts`); one that has ended does by itself.
 */
import { Refusal } from '../../domain/errors.ts';
import { type EndRequest, type Handle, type LastEnd, lastEndOf, type Run } from '../../domain/run.ts';
import type { RunEnd, RunFilter } from '../store.ts';
import { readRun } from './documents.ts';
import { put, statement } from './statements.ts';
import { history } from './tables.ts';
import type { BegunRun, Vouching } from './vouching.ts';
import type { Database, Work } from './work.ts';

// The columns of times are whole milliseconds, for the order; the documents have what the clock said.

export const runById = statement<{ id: string }>()((p) =>
  history
    .selectFrom('runs')
    .select(['id', 'environment', 'created_at', 'ended_at', 'document'])
    .where('id', '=', p.id),
);
export const putRun = statement<BegunRun>()((p) =>
  put(history, 'runs', ['id'], {
    id: p.id,
    environment: p.environment,
    job: p.job,
    created_at: p.createdAt,
    ended_at: null,
    document: p.document,
  }),
);
const rewriteRun = statement<{ id: string; endedAt: number | null; document: string }>()((p) =>
  history.updateTable('runs').set({ ended_at: p.endedAt, document: p.document }).where('id', '=', p.id),
);
export const dropRun = statement<{ id: string }>()((p) => history.deleteFrom('runs').where('id', '=', p.id));

type Page = { environment: number; createdAt: number; id: string; limit: number };
const page = history
  .selectFrom('runs')
  .select(['id', 'environment', 'created_at', 'ended_at', 'document'])
  .orderBy('created_at', 'desc')
  .orderBy('id', 'desc');
const pageOfEnvironment = statement<Page>()((p) =>
  page
    .where('environment', '=', p.environment)
    .where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(p.createdAt, p.id)))
    .limit(p.limit),
);
const pageOfJob = statement<Page & { job: string }>()((p) =>
  page
    .where('environment', '=', p.environment)
    .where('job', '=', p.job)
    .where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(p.createdAt, p.id)))
    .limit(p.limit),
);
/** No more than are kept of a job are looked through. */
const ofJobSince = statement<{ environment: number; job: string; since: number }>()((p) =>
  page
    .where('environment', '=', p.environment)
    .where('job', '=', p.job)
    .where((eb) => eb.or([eb('ended_at', 'is', null), eb('ended_at', '>=', p.since)])),
);
const lastEnded = statement<{ environment: number; job: string }>()((p) =>
  page
    .where('environment', '=', p.environment)
    .where('job', '=', p.job)
    .where('ended_at', 'is not', null)
    .limit(1),
);
export const openOnes = statement()(() =>
  history
    .selectFrom('runs')
    .select(['id', 'environment', 'created_at', 'ended_at', 'document'])
    .where('ended_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id'),
);
const nextJob = statement<{ environment: number; job: string }>()((p) =>
  history
    .selectFrom('runs')
    .select(['environment', 'job'])
    .where((eb) => eb(eb.refTuple('environment', 'job'), '>', eb.tuple(p.environment, p.job)))
    .orderBy('environment')
    .orderBy('job')
    .limit(1),
);
const boundary = statement<{ environment: number; job: string; keep: number }>()((p) =>
  history
    .selectFrom('runs')
    .select(['created_at', 'id'])
    .where('environment', '=', p.environment)
    .where('job', '=', p.job)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .offset(p.keep),
);
const endedUpTo = statement<{ environment: number; job: string; createdAt: number; id: string }>()((p) =>
  history
    .selectFrom('runs')
    .select('id')
    .where('environment', '=', p.environment)
    .where('job', '=', p.job)
    .where((eb) => eb(eb.refTuple('created_at', 'id'), '<=', eb.tuple(p.createdAt, p.id)))
    .where('ended_at', 'is not', null),
);

/** Before every run there can be: where the first page begins. */
const newest = { createdAt: Number.MAX_SAFE_INTEGER, id: '' };

export interface RunRow {
  readonly id: string;
  readonly environment: number;
  readonly created_at: number;
  readonly ended_at: number | null;
  readonly document: string;
}

export class RunRows {
  readonly #history: Database;
  readonly #vouching: Vouching;

  constructor(database: Database, vouching: Vouching) {
    this.#history = database;
    this.#vouching = vouching;
  }

  /** False when a run of that id was begun before. */
  *begin(environment: number, run: Run): Work<boolean> {
    const { id } = run;
    const createdAt = Math.floor(run.createdAt);
    const there = yield* this.#history.get(runById, { id });
    if (there !== undefined && (yield* this.#happened(there))) return false;
    const document = JSON.stringify(run);
    yield* this.#vouching.keep({ id, environment, job: run.job ?? '', createdAt, document });
    return true;
  }

  /** A run that has ended, or that went with its environment, is left alone. */
  *started(id: string, startedAt: number, handle: Handle): Work<void> {
    yield* this.#change(id, (run) => ({ ...run, startedAt, handle }));
  }

  *endRequested(id: string, endRequest: EndRequest, endRequestedAt: number): Work<void> {
    yield* this.#change(id, (run) => ({ ...run, endRequest, endRequestedAt }));
  }

  /** The run with its end; undefined when it has ended already, or is not there. */
  *ended(id: string, end: RunEnd): Work<Run | undefined> {
    return yield* this.#change(id, (run) => ({ ...run, ...end }));
  }

  *one(environment: number, id: string): Work<Run | undefined> {
    const row = yield* this.#history.get(runById, { id });
    if (row === undefined || row.environment !== environment || !(yield* this.#happened(row)))
      return undefined;
    return this.#runOf(row);
  }

  /** Newest first. Rejects with Refusal `run.unknown` when there is no run to page back from. */
  *page(environment: number, filter: RunFilter): Work<Run[]> {
    let from = yield* this.#placeOf(environment, filter);
    const runs: Run[] = [];
    while (runs.length < filter.limit) {
      const limit = filter.limit - runs.length;
      const rows = yield* this.#rowsBefore(environment, filter.job, from, limit);
      for (const row of yield* this.#thatHappened(rows)) runs.push(this.#runOf(row));
      const last = rows.at(-1);
      if (rows.length < limit || last === undefined) break;
      from = { createdAt: last.created_at, id: last.id };
    }
    return runs;
  }

  *lastEnd(environment: number, job: string): Work<LastEnd | undefined> {
    const row = yield* this.#history.get(lastEnded, { environment, job });
    return row === undefined ? undefined : (lastEndOf(this.#runOf(row)) ?? undefined);
  }

  /** Oldest first. */
  *open(): Work<Run[]> {
    const rows = yield* this.#history.all(openOnes, {});
    return (yield* this.#thatHappened(rows)).map((row) => this.#runOf(row));
  }

  /** Of one job, newest first: those that have not ended, and those that ended since. */
  *since(environment: number, job: string, since: number): Work<Run[]> {
    const rows = yield* this.#history.all(ofJobSince, { environment, job, since: Math.floor(since) });
    return (yield* this.#thatHappened(rows)).map((row) => this.#runOf(row));
  }

  /** The job after this one that has runs, in order of (environment, job); `''` is that of remote commands. */
  *jobAfter(environment: number, job: string): Work<{ environment: number; job: string } | undefined> {
    return yield* this.#history.get(nextJob, { environment, job });
  }

  /** Ended runs of a job beyond its newest `keep`. */
  *beyond(environment: number, job: string, keep: number): Work<string[]> {
    const last = yield* this.#history.get(boundary, { environment, job, keep });
    if (last === undefined) return [];
    const rows = yield* this.#history.all(endedUpTo, {
      environment,
      job,
      createdAt: last.created_at,
      id: last.id,
    });
    return rows.map(({ id }) => id);
  }

  /** Forgets runs; answers those that it did. What is still vouched for stays, or it would come back at the next start. */
  *forget(ids: readonly string[]): Work<string[]> {
    const free: string[] = [];
    for (const id of ids) if (yield* this.#vouching.mayForget(id)) free.push(id);
    for (const id of free) yield* this.#history.run(dropRun, { id });
    return free;
  }

  *#change(id: string, change: (run: Run) => Run): Work<Run | undefined> {
    const row = yield* this.#history.get(runById, { id });
    if (row === undefined || row.ended_at !== null || !(yield* this.#happened(row))) return undefined;
    const run = change(this.#runOf(row));
    const endedAt = run.endedAt === null ? null : Math.floor(run.endedAt);
    yield* this.#history.run(rewriteRun, { id, endedAt, document: JSON.stringify(run) });
    return run;
  }

  *#happened(row: RunRow): Work<boolean> {
    return row.ended_at !== null || (yield* this.#vouching.happened(row.id));
  }

  *#thatHappened(rows: readonly RunRow[]): Work<RunRow[]> {
    const happened: RunRow[] = [];
    for (const row of rows) if (yield* this.#happened(row)) happened.push(row);
    return happened;
  }

  *#placeOf(environment: number, filter: RunFilter): Work<{ createdAt: number; id: string }> {
    if (filter.before === undefined) return newest;
    const row = yield* this.#history.get(runById, { id: filter.before });
    if (row === undefined || row.environment !== environment)
      throw new Refusal('run.unknown', { run: filter.before, environment: filter.environment });
    return { createdAt: row.created_at, id: row.id };
  }

  *#rowsBefore(
    environment: number,
    job: string | undefined,
    from: { createdAt: number; id: string },
    limit: number,
  ): Work<RunRow[]> {
    if (job === undefined)
      return yield* this.#history.all(pageOfEnvironment, { environment, ...from, limit });
    return yield* this.#history.all(pageOfJob, { environment, job, ...from, limit });
  }

  #runOf(row: RunRow): Run {
    return readRun(row.document, `run "${row.id}"`, this.#history.name);
  }
}
