/**
 * Keeps the ledger bounded: a job's newest due times stay one by one, older ones of a day and a fate become one
 * stretch. A cron of every minute needs 1,000 rows and a few for each day, whatever its age.
 */
import { limits } from '../../domain/limits.ts';
import { statement } from './statements.ts';
import { core } from './tables.ts';
import type { Database, Work } from './work.ts';

/** Rows looked at in one transaction. */
const rowsPerStep = 1_000;
const dayMs = 86_400_000;

const jobIds = statement()(() => core.selectFrom('jobs').select(['id', 'compacted_to']));
/** The oldest of those that stay one by one. */
const boundary = statement<{ job: number; keep: number }>()((p) =>
  core
    .selectFrom('due_times')
    .select('due_at')
    .where('job', '=', p.job)
    .orderBy('due_at', 'desc')
    .limit(1)
    .offset(p.keep),
);
/** The row before a moment: the stretch that grows. */
const lastBefore = statement<{ job: number; before: number }>()((p) =>
  core
    .selectFrom('due_times')
    .select('due_at')
    .where('job', '=', p.job)
    .where('due_at', '<', p.before)
    .orderBy('due_at', 'desc')
    .limit(1),
);
const between = statement<{ job: number; from: number; to: number; limit: number }>()((p) =>
  core
    .selectFrom('due_times')
    .selectAll()
    .where('job', '=', p.job)
    .where('due_at', '>=', p.from)
    .where('due_at', '<=', p.to)
    .orderBy('due_at')
    .limit(p.limit),
);
const drop = statement<{ job: number; from: number; to: number }>()((p) =>
  core
    .deleteFrom('due_times')
    .where('job', '=', p.job)
    .where('due_at', '>', p.from)
    .where('due_at', '<=', p.to),
);
const stretch = statement<{ job: number; dueAt: number; untilAt: number; count: number }>()((p) =>
  core
    .updateTable('due_times')
    .set({ until_at: p.untilAt, count: p.count, run: null })
    .where('job', '=', p.job)
    .where('due_at', '=', p.dueAt),
);
const compactedTo = statement<{ job: number; to: number }>()((p) =>
  core.updateTable('jobs').set({ compacted_to: p.to }).where('id', '=', p.job),
);
const expired = statement<{ environment: number; before: number; limit: number }>()((p) =>
  core
    .selectFrom('due_times')
    .select(['job', 'due_at'])
    .where('environment', '=', p.environment)
    .where('due_at', '<', p.before)
    .limit(p.limit),
);
const dropOne = statement<{ job: number; dueAt: number }>()((p) =>
  core.deleteFrom('due_times').where('job', '=', p.job).where('due_at', '=', p.dueAt),
);

interface Row {
  readonly job: number;
  readonly due_at: number;
  readonly until_at: number | null;
  readonly count: number | null;
  readonly fate: number;
  readonly reason: string | null;
}

export class DueTimeCompaction {
  readonly #core: Database;

  constructor(file: Database) {
    this.#core = file;
  }

  *jobs(): Work<{ readonly id: number; readonly compactedTo: number }[]> {
    return (yield* this.#core.all(jobIds, {})).map((row) => ({ id: row.id, compactedTo: row.compacted_to }));
  }

  /** Up to which due time a job's rows may become stretches; undefined when there is nothing to do from `from` on. */
  *boundaryOf(job: number, from: number): Work<number | undefined> {
    const last = yield* this.#core.get(boundary, { job, keep: limits.dueTimesKeptSinglePerJob });
    return last === undefined || last.due_at < from ? undefined : last.due_at;
  }

  /** One step of a job's compaction; answers from where the next goes on, undefined when it is done. */
  *compact(job: number, from: number, to: number): Work<number | undefined> {
    // From the row before, so that a stretch grows instead of getting a neighbour.
    const start = (yield* this.#core.get(lastBefore, { job, before: from }))?.due_at ?? from;
    const rows = yield* this.#core.all(between, { job, from: start, to, limit: rowsPerStep });
    for (const group of alike(rows)) yield* this.#merge(job, group);
    const next = (rows.at(-1)?.due_at ?? to) + 1;
    yield* this.#core.run(compactedTo, { job, to: next });
    return rows.length < rowsPerStep ? undefined : next;
  }

  /** Drops what fits into no stretch (fates that alternate) beyond what is kept of one job. */
  *trim(job: number): Work<void> {
    const last = yield* this.#core.get(boundary, { job, keep: limits.dueTimesKeptPerJob });
    if (last !== undefined) yield* this.#core.run(drop, { job, from: -1, to: last.due_at });
  }

  /** Drops some due times of an environment from before a moment; answers how many. */
  *expire(environment: number, before: number): Work<number> {
    const rows = yield* this.#core.all(expired, { environment, before, limit: rowsPerStep });
    for (const row of rows) yield* this.#core.run(dropOne, { job: row.job, dueAt: row.due_at });
    return rows.length;
  }

  *#merge(job: number, group: readonly Row[]): Work<void> {
    const [first] = group;
    const last = group.at(-1);
    if (first === undefined || last === undefined || first === last) return;
    const count = group.reduce((sum, row) => sum + (row.count ?? 1), 0);
    yield* this.#core.run(drop, { job, from: first.due_at, to: last.due_at });
    yield* this.#core.run(stretch, {
      job,
      dueAt: first.due_at,
      untilAt: last.until_at ?? last.due_at,
      count,
    });
  }
}

/** Neighbours of one day, one fate and one reason. */
function alike(rows: readonly Row[]): Row[][] {
  const groups: Row[][] = [];
  for (const row of rows) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    const fits =
      before !== undefined &&
      before.fate === row.fate &&
      before.reason === row.reason &&
      Math.floor(before.due_at / dayMs) === Math.floor(row.due_at / dayMs);
    if (fits) group?.push(row);
    else groups.push([row]);
  }
  return groups;
}
