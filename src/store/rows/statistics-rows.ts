/** What jobs did since the last reset. Kept by the job's number, so that a removed job's figures are nobody's. */
import { sql } from 'kysely';
import type { Job } from '../../domain/job.ts';
import { noStatistics, type Statistics } from '../../domain/statistics.ts';
import type { JobPage, StatisticsDelta } from '../store.ts';
import type { EnvironmentRows } from './environment-rows.ts';
import { put, type StatementRow, statement } from './statements.ts';
import { history } from './tables.ts';
import type { Database, Work } from './work.ts';

interface Growth extends Record<string, number> {
  job: number;
  ended: number;
  durationSum: number;
  durationMax: number;
  byteSeconds: number;
  seconds: number;
  memoryMax: number;
  fails: number;
  exitsOk: number;
  restarts: number;
}

const oneRow = statement<{ job: number }>()((p) =>
  history.selectFrom('statistics').selectAll().where('job', '=', p.job),
);
/** Of the jobs that are the keys of an object: those are what both databases can list. */
const rowsAmong = statement<{ jobs: string }>()((p) =>
  history
    .selectFrom('statistics')
    .selectAll()
    .where('job', 'in', sql<number>`(select cast(key as bigint) from json_each(${p.jobs}))`),
);
const greater = (column: string, value: number) =>
  sql<number>`case when ${sql.ref(column)} > ${value} then ${sql.ref(column)} else ${value} end`;
const grow = statement<Growth>()((p) =>
  history
    .updateTable('statistics')
    .set((eb) => ({
      ended: eb('ended', '+', p.ended),
      duration_sum_seconds: eb('duration_sum_seconds', '+', p.durationSum),
      duration_max_seconds: greater('duration_max_seconds', p.durationMax),
      memory_byte_seconds: eb('memory_byte_seconds', '+', p.byteSeconds),
      memory_seconds: eb('memory_seconds', '+', p.seconds),
      memory_max_bytes: greater('memory_max_bytes', p.memoryMax),
      fails: eb('fails', '+', p.fails),
      exits_ok: eb('exits_ok', '+', p.exitsOk),
      restarts: eb('restarts', '+', p.restarts),
    }))
    .where('job', '=', p.job),
);
const begin = statement<{ job: number; since: number }>()((p) =>
  put(history, 'statistics', ['job'], {
    job: p.job,
    ended: 0,
    duration_sum_seconds: 0,
    duration_max_seconds: 0,
    memory_byte_seconds: 0,
    memory_seconds: 0,
    memory_max_bytes: 0,
    fails: 0,
    exits_ok: 0,
    restarts: 0,
    since: p.since,
  }),
);

type Row = StatementRow<typeof oneRow>;

export class StatisticsRows {
  readonly #history: Database;
  readonly #environments: EnvironmentRows;
  /** Nothing was counted before history was made. */
  readonly #historySince: number;

  constructor(file: Database, environments: EnvironmentRows, historySince: number) {
    this.#history = file;
    this.#environments = environments;
    this.#historySince = historySince;
  }

  /** One for each job of the environment, in order of their names; zeros where nothing was counted. */
  *of(environment: string): Work<Statistics[]> {
    return (yield* this.#ofThese(yield* this.#environments.numberedJobs(environment))).map(
      ({ statistics }) => statistics,
    );
  }

  /** The jobs of a page with theirs. */
  *page(filter: JobPage): Work<{ job: Job; statistics: Statistics }[]> {
    return yield* this.#ofThese(yield* this.#environments.numberedPage(filter));
  }

  *#ofThese(jobs: readonly { id: number; job: Job }[]): Work<{ job: Job; statistics: Statistics }[]> {
    const rows = yield* this.#history.all(rowsAmong, {
      jobs: JSON.stringify(Object.fromEntries(jobs.map(({ id }) => [id, 0]))),
    });
    const byJob = new Map(rows.map((row) => [row.job, row]));
    return jobs.map(({ id, job }) => {
      const row = byJob.get(id);
      const statistics =
        row === undefined
          ? noStatistics(job.environment, job.name, this.#sinceOf(job.createdAt))
          : statisticsOf(job.environment, job.name, row);
      return { job, statistics };
    });
  }

  /** The same of one job; none when it is gone. */
  *ofJob(environment: string, name: string): Work<Statistics[]> {
    const found = yield* this.#environments.jobIds(environment, name);
    if (found === undefined) return [];
    const row = yield* this.#history.get(oneRow, { job: found.id });
    if (row !== undefined) return [statisticsOf(environment, name, row)];
    const job = yield* this.#environments.job(environment, name);
    return [noStatistics(environment, name, this.#sinceOf(job?.createdAt ?? 0))];
  }

  /** What is said of a job that is gone counts for nobody. */
  *add(delta: StatisticsDelta): Work<void> {
    const found = yield* this.#environments.jobIds(delta.environment, delta.job);
    if (found === undefined) return;
    const growth = growthOf(found.id, delta);
    if ((yield* this.#history.run(grow, growth)) > 0) return;
    const job = yield* this.#environments.job(delta.environment, delta.job);
    yield* this.#history.run(begin, { job: found.id, since: this.#sinceOf(job?.createdAt ?? 0) });
    yield* this.#history.run(grow, growth);
  }

  *reset(environment: string, since: number): Work<void> {
    for (const { id } of yield* this.#environments.jobRows(environment))
      yield* this.#history.run(begin, { job: id, since });
  }

  #sinceOf(createdAt: number): number {
    return Math.max(createdAt, this.#historySince);
  }
}

function growthOf(job: number, delta: StatisticsDelta): Growth {
  return {
    job,
    ended: delta.durationSeconds === undefined ? 0 : 1,
    durationSum: delta.durationSeconds ?? 0,
    durationMax: delta.durationSeconds ?? 0,
    byteSeconds: delta.memoryByteSeconds ?? 0,
    seconds: delta.memorySeconds ?? 0,
    memoryMax: delta.memoryMaxBytes ?? 0,
    fails: delta.fails ?? 0,
    exitsOk: delta.exitsOk ?? 0,
    restarts: delta.restarts ?? 0,
  };
}

const statisticsOf = (environment: string, job: string, row: Row): Statistics => ({
  environment,
  job,
  ended: row.ended,
  durationSumSeconds: row.duration_sum_seconds,
  durationMaxSeconds: row.duration_max_seconds,
  memoryByteSeconds: row.memory_byte_seconds,
  memorySeconds: row.memory_seconds,
  memoryMaxBytes: row.memory_max_bytes,
  fails: row.fails,
  exitsOk: row.exits_ok,
  restarts: row.restarts,
  since: row.since,
});
