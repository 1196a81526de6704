/**
 * Runs. Each lives in history; `begun` in the core is the word that it was begun, durable together with its due time.
 * An open run in history without that word never happened (a commit that failed halfway): nobody sees it.
 */
import { Refusal } from '../../domain/errors.ts';
import { type EndRequest, type Handle, type LastEnd, lastEndOf, type Run } from '../../domain/run.ts';
import type { RunEnd, RunFilter } from '../store.ts';
import type { DatabaseFile } from './database-file.ts';
import { readRun } from './documents.ts';
import { statement } from './statements.ts';
import { core, history } from './tables.ts';

// The columns of times are whole milliseconds, for the order; the documents have what the clock said.

const runById = statement<{ id: string }>()((p) =>
  history
    .selectFrom('runs')
    .select(['id', 'environment', 'created_at', 'ended_at', 'document'])
    .where('id', '=', p.id),
);
const putRun = statement<{
  id: string;
  environment: number;
  job: string;
  createdAt: number;
  document: string;
}>()((p) =>
  history.replaceInto('runs').values({
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
const endedById = statement<{ id: string }>()((p) =>
  history.selectFrom('runs').select('seq').where('id', '=', p.id).where('ended_at', 'is not', null),
);
const dropRun = statement<{ id: string }>()((p) => history.deleteFrom('runs').where('id', '=', p.id));

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
const openOnes = statement()(() =>
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

const begunById = statement<{ id: string }>()((p) =>
  core.selectFrom('begun').select('id').where('id', '=', p.id),
);
const allBegun = statement()(() => core.selectFrom('begun').select(['id', 'environment', 'document']));
const begunIds = statement()(() => core.selectFrom('begun').select('id'));
const putBegun = statement<{ id: string; environment: number; document: string }>()((p) =>
  core.insertInto('begun').values({ id: p.id, environment: p.environment, document: p.document }),
);
const dropBegun = statement<{ id: string }>()((p) => core.deleteFrom('begun').where('id', '=', p.id));

/** Before every run there can be: where the first page begins. */
const newest = { createdAt: Number.MAX_SAFE_INTEGER, id: '' };

interface Row {
  readonly id: string;
  readonly environment: number;
  readonly created_at: number;
  readonly ended_at: number | null;
  readonly document: string;
}

export class RunRows {
  readonly #core: DatabaseFile;
  readonly #history: DatabaseFile;

  constructor(coreFile: DatabaseFile, historyFile: DatabaseFile) {
    this.#core = coreFile;
    this.#history = historyFile;
  }

  /** False when a run of that id was begun before. */
  begin(environment: number, run: Run): boolean {
    const { id } = run;
    const createdAt = Math.floor(run.createdAt);
    const there = this.#history.get(runById, { id });
    if (there !== undefined && this.#happened(there)) return false;
    const document = JSON.stringify(run);
    this.#history.run(putRun, { id, environment, job: run.job ?? '', createdAt, document });
    this.#core.run(putBegun, { id, environment, document });
    return true;
  }

  /** A run that has ended, or that went with its environment, is left alone. */
  started(id: string, startedAt: number, handle: Handle): void {
    this.#change(id, (run) => ({ ...run, startedAt, handle }));
  }

  endRequested(id: string, endRequest: EndRequest, endRequestedAt: number): void {
    this.#change(id, (run) => ({ ...run, endRequest, endRequestedAt }));
  }

  /** The run with its end; undefined when it has ended already, or is not there. */
  ended(id: string, end: RunEnd): Run | undefined {
    return this.#change(id, (run) => ({ ...run, ...end }));
  }

  one(environment: number, id: string): Run | undefined {
    const row = this.#history.get(runById, { id });
    if (row === undefined || row.environment !== environment || !this.#happened(row)) return undefined;
    return this.#runOf(row);
  }

  /** Newest first. Rejects with Refusal `run.unknown` when there is no run to page back from. */
  page(environment: number, filter: RunFilter): Run[] {
    let from = this.#placeOf(environment, filter);
    const runs: Run[] = [];
    while (runs.length < filter.limit) {
      const limit = filter.limit - runs.length;
      const rows = this.#rowsBefore(environment, filter.job, from, limit);
      for (const row of rows) if (this.#happened(row)) runs.push(this.#runOf(row));
      const last = rows.at(-1);
      if (rows.length < limit || last === undefined) break;
      from = { createdAt: last.created_at, id: last.id };
    }
    return runs;
  }

  lastEnd(environment: number, job: string): LastEnd | undefined {
    const row = this.#history.get(lastEnded, { environment, job });
    return row === undefined ? undefined : (lastEndOf(this.#runOf(row)) ?? undefined);
  }

  /** Oldest first. */
  open(): Run[] {
    const rows = this.#history.all(openOnes, {});
    return rows.filter((row) => this.#happened(row)).map((row) => this.#runOf(row));
  }

  /** Of one job, newest first: those that have not ended, and those that ended since. */
  since(environment: number, job: string, since: number): Run[] {
    const rows = this.#history.all(ofJobSince, { environment, job, since: Math.floor(since) });
    return rows.filter((row) => this.#happened(row)).map((row) => this.#runOf(row));
  }

  /** The job after this one that has runs, in order of (environment, job); `''` is that of remote commands. */
  jobAfter(environment: number, job: string): { environment: number; job: string } | undefined {
    return this.#history.get(nextJob, { environment, job });
  }

  /** Ended runs of a job beyond its newest `keep`. */
  beyond(environment: number, job: string, keep: number): string[] {
    const last = this.#history.get(boundary, { environment, job, keep });
    if (last === undefined) return [];
    const rows = this.#history.all(endedUpTo, { environment, job, createdAt: last.created_at, id: last.id });
    return rows.map(({ id }) => id);
  }

  /** Forgets runs; answers those that it did. What the core still vouches for stays, or it would come back at the next start. */
  forget(ids: readonly string[]): string[] {
    const free = ids.filter((id) => this.#core.get(begunById, { id }) === undefined);
    for (const id of free) this.#history.run(dropRun, { id });
    return free;
  }

  /** Runs that history knows to have ended and that the core still vouches for. */
  endedAndBegun(): string[] {
    const ids = this.#core.all(begunIds, {}).map(({ id }) => id);
    return ids.filter((id) => this.#history.get(endedById, { id }) !== undefined);
  }

  /** History has their end on the disk: the core need not vouch for them any more. */
  release(ids: readonly string[]): void {
    for (const id of ids) this.#core.run(dropBegun, { id });
  }

  /**
   * What a crash, a power cut or a new history file left: runs that the core vouches for and history lost come back as
   * they were begun, and their ids are answered; open ones that the core doesn't vouch for go.
   */
  repair(): string[] {
    const lost = this.#core
      .all(allBegun, {})
      .filter(({ id }) => this.#history.get(runById, { id }) === undefined);
    for (const { id, environment, document } of lost) {
      const run = readRun(document, `run "${id}"`, this.#core.path);
      this.#history.run(putRun, {
        id,
        environment,
        job: run.job ?? '',
        createdAt: Math.floor(run.createdAt),
        document,
      });
    }
    this.forgetUnbegun();
    return lost.map(({ id }) => id);
  }

  /** Drops open runs that never happened. */
  forgetUnbegun(): void {
    const rows = this.#history.all(openOnes, {}).filter((row) => !this.#happened(row));
    for (const { id } of rows) this.#history.run(dropRun, { id });
  }

  #change(id: string, change: (run: Run) => Run): Run | undefined {
    const row = this.#history.get(runById, { id });
    if (row === undefined || row.ended_at !== null || !this.#happened(row)) return undefined;
    const run = change(this.#runOf(row));
    const endedAt = run.endedAt === null ? null : Math.floor(run.endedAt);
    this.#history.run(rewriteRun, { id, endedAt, document: JSON.stringify(run) });
    return run;
  }

  #happened(row: Row): boolean {
    return row.ended_at !== null || this.#core.get(begunById, { id: row.id }) !== undefined;
  }

  #placeOf(environment: number, filter: RunFilter): { createdAt: number; id: string } {
    if (filter.before === undefined) return newest;
    const row = this.#history.get(runById, { id: filter.before });
    if (row === undefined || row.environment !== environment)
      throw new Refusal('run.unknown', { run: filter.before, environment: filter.environment });
    return { createdAt: row.created_at, id: row.id };
  }

  #rowsBefore(
    environment: number,
    job: string | undefined,
    from: { createdAt: number; id: string },
    limit: number,
  ): Row[] {
    if (job === undefined) return this.#history.all(pageOfEnvironment, { environment, ...from, limit });
    return this.#history.all(pageOfJob, { environment, job, ...from, limit });
  }

  #runOf(row: Row): Run {
    return readRun(row.document, `run "${row.id}"`, this.#history.path);
  }
}
