/** Takes away, a few at a time, what belongs to removed environments and jobs, and records beyond their age. */
import { limits } from '../../domain/limits.ts';
import { statement } from './statements.ts';
import { core, history } from './tables.ts';
import type { Database, Work } from './work.ts';

const rowsPerStep = 500;

const firstRemoved = statement()(() => core.selectFrom('removed').selectAll().orderBy('id').limit(1));
const dropRemoved = statement<{ id: number }>()((p) => core.deleteFrom('removed').where('id', '=', p.id));
const dueTimesOfJob = statement<{ job: number; limit: number }>()((p) =>
  core
    .deleteFrom('due_times')
    .where((eb) =>
      eb(
        eb.refTuple('job', 'due_at'),
        'in',
        eb
          .selectFrom('due_times')
          .select(['job', 'due_at'])
          .where('job', '=', p.job)
          .limit(p.limit)
          .$asTuple('job', 'due_at'),
      ),
    ),
);
const statisticsOfJob = statement<{ job: number }>()((p) =>
  history.deleteFrom('statistics').where('job', '=', p.job),
);
const runsOfEnvironment = statement<{ environment: number; limit: number }>()((p) =>
  history
    .deleteFrom('runs')
    .where('seq', 'in', (eb) =>
      eb.selectFrom('runs').select('seq').where('environment', '=', p.environment).limit(p.limit),
    ),
);
const oldActivity = statement<{ before: number; limit: number }>()((p) =>
  core.deleteFrom('activity').where('id', 'in', (eb) =>
    eb
      .selectFrom((of) =>
        of.selectFrom('activity').select(['id', 'at']).orderBy('id').limit(p.limit).as('oldest'),
      )
      .select('oldest.id')
      .where('oldest.at', '<', p.before),
  ),
);
const activityBeyond = statement<{ keep: number; limit: number }>()((p) =>
  core
    .deleteFrom('activity')
    .where('id', 'in', (eb) =>
      eb.selectFrom('activity').select('id').orderBy('id', 'desc').limit(p.limit).offset(p.keep),
    ),
);
const environmentIds = statement()(() => core.selectFrom('environments').select('id'));
const oldDeployments = statement<{ environment: number; keep: number; limit: number }>()((p) =>
  core
    .deleteFrom('deployments')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('deployments')
        .select('id')
        .where('environment', '=', p.environment)
        .orderBy('started_at', 'desc')
        .orderBy('id', 'desc')
        .limit(p.limit)
        .offset(p.keep),
    ),
);
/** An id of a later deployment sorts after that of an earlier one. */
const oldOutput = statement<{ environment: number; keep: number; limit: number }>()((p) =>
  core
    .deleteFrom('deployment_output')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('deployment_output')
        .select('id')
        .where('environment', '=', p.environment)
        .orderBy('id', 'desc')
        .limit(p.limit)
        .offset(p.keep),
    ),
);

export class Sweeping {
  readonly #core: Database;
  readonly #history: Database;

  constructor(coreFile: Database, historyFile: Database) {
    this.#core = coreFile;
    this.#history = historyFile;
  }

  /** One step of sweeping what was removed; false when nothing is left. */
  *sweep(): Work<boolean> {
    const [removed] = yield* this.#core.all(firstRemoved, {});
    if (removed === undefined) return false;
    if ((yield* this.#sweepSome(removed)) === 0) yield* this.#core.run(dropRemoved, { id: removed.id });
    return true;
  }

  /** One step; false when there are no entries of before the moment. */
  *expireActivity(before: number): Work<boolean> {
    return (yield* this.#core.run(oldActivity, { before, limit: rowsPerStep })) > 0;
  }

  /** One step; false when there are no more entries than are kept. */
  *trimActivity(): Work<boolean> {
    const keep = limits.activityEntriesKept;
    return (yield* this.#core.run(activityBeyond, { keep, limit: rowsPerStep })) > 0;
  }

  *environments(): Work<number[]> {
    return (yield* this.#core.all(environmentIds, {})).map(({ id }) => id);
  }

  /** One step; false when the environment has no more deployments than are kept. */
  *trimDeployments(environment: number): Work<boolean> {
    const keep = limits.deploymentsKeptPerEnvironment;
    const outputs = limits.deploymentOutputsKeptPerEnvironment;
    const trimmed = yield* this.#core.run(oldOutput, { environment, keep: outputs, limit: rowsPerStep });
    return (yield* this.#core.run(oldDeployments, { environment, keep, limit: rowsPerStep })) + trimmed > 0;
  }

  *#sweepSome({ environment, job }: { environment: number | null; job: number | null }): Work<number> {
    if (environment !== null)
      return yield* this.#history.run(runsOfEnvironment, { environment, limit: rowsPerStep });
    if (job === null) return 0;
    yield* this.#history.run(statisticsOfJob, { job });
    return yield* this.#core.run(dueTimesOfJob, { job, limit: rowsPerStep });
  }
}
