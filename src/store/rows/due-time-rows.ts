/**
 * The ledger of due times. (job, due time) is the primary key: at most one row, and so at most one run, ever.
 * Old ones are kept as stretches: "ran, 1440 of them, from … to …" is one row that covers all of its due times.
 */
import { sql } from 'kysely';
import type { DueTime, LedgerChange } from '../../domain/due-time.ts';
import { statement } from './statements.ts';
import { core } from './tables.ts';
import type { Database, Work } from './work.ts';

const fates = ['ran', 'skipped', 'missed'] as const;

const exact = statement<{ job: number; dueAt: number }>()((p) =>
  core.selectFrom('due_times').select('due_at').where('job', '=', p.job).where('due_at', '=', p.dueAt),
);
/** The stretch that ends next at or after a moment; stretches of a job don't overlap. */
const stretchTo = statement<{ job: number; dueAt: number }>()((p) =>
  core
    .selectFrom('due_times')
    .select('due_at')
    .where('job', '=', p.job)
    .where('until_at', 'is not', null)
    .where('until_at', '>=', p.dueAt)
    .orderBy('until_at')
    .limit(1),
);
const put = statement<{
  job: number;
  dueAt: number;
  untilAt: number | null;
  count: number | null;
  environment: number;
  fate: number;
  run: string | null;
  reason: string | null;
}>()((p) =>
  core.insertInto('due_times').values({
    job: p.job,
    due_at: p.dueAt,
    until_at: p.untilAt,
    count: p.count,
    environment: p.environment,
    fate: p.fate,
    run: p.run,
    reason: p.reason,
  }),
);
const drop = statement<{ job: number; dueAt: number }>()((p) =>
  core.deleteFrom('due_times').where('job', '=', p.job).where('due_at', '=', p.dueAt),
);
const joined = core
  .selectFrom('due_times')
  .innerJoin('jobs', 'jobs.id', 'due_times.job')
  .select(['jobs.name', 'due_at', 'until_at', 'count', 'fate', 'run', 'reason']);
const pageOfJob = statement<{ job: number; before: number; limit: number }>()((p) =>
  joined
    .where('due_times.job', '=', p.job)
    .where('due_at', '<', p.before)
    .orderBy('due_at', 'desc')
    .limit(p.limit),
);
const pageOfEnvironment = statement<{ environment: number; before: number; job: number; limit: number }>()(
  (p) =>
    joined
      .where('due_times.environment', '=', p.environment)
      .where((eb) => eb(eb.refTuple('due_at', 'due_times.job'), '<', eb.tuple(p.before, p.job)))
      .orderBy('due_at', 'desc')
      .orderBy('due_times.job', 'desc')
      .limit(p.limit),
);
const lastOnes = statement()(() =>
  core
    .selectFrom('jobs')
    .innerJoin('environments', 'environments.id', 'jobs.environment')
    .select([
      'environments.name as environment',
      'jobs.name as job',
      sql<number | null>`(select max(due_at) from due_times where job = jobs.id)`.as('due_at'),
      sql<
        number | null
      >`(select max(until_at) from due_times where job = jobs.id and until_at is not null)`.as('until_at'),
    ]),
);

interface Row {
  readonly name: string;
  readonly due_at: number;
  readonly until_at: number | null;
  readonly count: number | null;
  readonly fate: number;
  readonly run: string | null;
  readonly reason: string | null;
}

/** A job and its environment by their numbers. */
export interface JobIds {
  readonly id: number;
  readonly environment: number;
}

export class DueTimeRows {
  readonly #core: Database;

  constructor(file: Database) {
    this.#core = file;
  }

  /** Whether a due time is accounted for already, by a row of its own or within a stretch. */
  *covers(job: number, dueAt: number): Work<boolean> {
    if ((yield* this.#core.get(exact, { job, dueAt })) !== undefined) return true;
    const stretch = yield* this.#core.get(stretchTo, { job, dueAt });
    return stretch !== undefined && stretch.due_at <= dueAt;
  }

  /** False when it is accounted for already. */
  *add(ids: JobIds, dueTime: DueTime): Work<boolean> {
    if (yield* this.covers(ids.id, dueTime.dueAt)) return false;
    yield* this.#put(ids, dueTime);
    return true;
  }

  /** Puts rows in the place of others; nothing is done when those have changed since they were read, or ran. */
  *change(ids: JobIds, { drop: dropped, put: added }: LedgerChange): Work<void> {
    for (const row of dropped) if (!(yield* this.#isAsRead(ids.id, row))) return;
    for (const row of dropped) yield* this.#core.run(drop, { job: ids.id, dueAt: row.dueAt });
    for (const row of added) yield* this.#put(ids, row);
  }

  *#isAsRead(job: number, row: DueTime): Work<boolean> {
    const found = (yield* this.#core.all(pageOfJob, { job, before: row.dueAt + 1, limit: 1 }))[0];
    return (
      found !== undefined &&
      found.due_at === row.dueAt &&
      found.until_at === (row.untilDueAt ?? null) &&
      row.fate !== 'ran' &&
      fates[found.fate] === row.fate
    );
  }

  *#put(ids: JobIds, dueTime: DueTime): Work<void> {
    const { dueAt, untilDueAt, count, fate, run, reason } = dueTime;
    const stretches = untilDueAt !== undefined && untilDueAt > dueAt;
    yield* this.#core.run(put, {
      job: ids.id,
      dueAt,
      untilAt: stretches ? untilDueAt : null,
      count: stretches ? (count ?? null) : null,
      environment: ids.environment,
      fate: fates.indexOf(fate),
      run,
      reason,
    });
  }

  *ofJob(environment: string, job: number, before: number, limit: number): Work<DueTime[]> {
    return (yield* this.#core.all(pageOfJob, { job, before, limit })).map((row) =>
      dueTimeOf(environment, row),
    );
  }

  /** Before the moment and, within it, before the job: nothing is left out between two pages. */
  *ofEnvironment(
    environment: { readonly name: string; readonly id: number },
    before: { readonly dueAt: number; readonly job: number },
    limit: number,
  ): Work<DueTime[]> {
    return (yield* this.#core.all(pageOfEnvironment, {
      environment: environment.id,
      before: before.dueAt,
      job: before.job,
      limit,
    })).map((row) => dueTimeOf(environment.name, row));
  }

  *last(): Work<Map<string, number>> {
    const last = new Map<string, number>();
    for (const row of yield* this.#core.all(lastOnes, {})) {
      if (row.due_at !== null)
        last.set(`${row.environment}/${row.job}`, Math.max(row.due_at, row.until_at ?? 0));
    }
    return last;
  }
}

function dueTimeOf(environment: string, row: Row): DueTime {
  const fate = fates[row.fate] ?? 'missed';
  const single = { environment, job: row.name, dueAt: row.due_at, fate, run: row.run, reason: row.reason };
  if (row.until_at === null) return single;
  return { ...single, untilDueAt: row.until_at, ...(row.count === null ? {} : { count: row.count }) };
}
