/** Environments, their variables and their jobs. Every method runs inside a task of the group commit. */
import type { Environment, Variables } from '../../domain/environment.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Job } from '../../domain/job.ts';
import type { JobPage } from '../store.ts';
import { dropAlertsOf } from './alert-drops.ts';
import { readEnvironment, readJob } from './documents.ts';
import { type Sealer, unseal } from './sealer.ts';
import { put, statement } from './statements.ts';
import { core } from './tables.ts';
import type { Database, Work } from './work.ts';

const environmentId = statement<{ name: string }>()((p) =>
  core.selectFrom('environments').select('id').where('name', '=', p.name),
);
const oneEnvironment = statement<{ name: string }>()((p) =>
  core.selectFrom('environments').select(['name', 'document']).where('name', '=', p.name),
);
const allEnvironments = statement()(() =>
  core.selectFrom('environments').select(['name', 'document']).orderBy('name'),
);
const addEnvironment = statement<{ name: string; document: string }>()((p) =>
  core.insertInto('environments').values({ name: p.name, document: p.document }),
);
const saveEnvironment = statement<{ name: string; document: string }>()((p) =>
  core.updateTable('environments').set({ document: p.document }).where('name', '=', p.name),
);
const dropEnvironment = statement<{ id: number }>()((p) =>
  core.deleteFrom('environments').where('id', '=', p.id),
);
const dropJobs = statement<{ id: number }>()((p) => core.deleteFrom('jobs').where('environment', '=', p.id));
const dropVariables = statement<{ id: number }>()((p) =>
  core.deleteFrom('variables').where('environment', '=', p.id),
);
const dropDeployments = statement<{ id: number }>()((p) =>
  core.deleteFrom('deployments').where('environment', '=', p.id),
);
const dropDeploymentOutput = statement<{ id: number }>()((p) =>
  core.deleteFrom('deployment_output').where('environment', '=', p.id),
);
const dropDeployHook = statement<{ id: number }>()((p) =>
  core.deleteFrom('deploy_hooks').where('environment', '=', p.id),
);
const dropIncidents = statement<{ id: number }>()((p) =>
  core.deleteFrom('incidents').where('environment', '=', p.id),
);
const dropSshKeys = statement<{ id: number }>()((p) =>
  core.deleteFrom('ssh_keys').where('environment', '=', p.id),
);
const dropDeployKey = statement<{ id: number }>()((p) =>
  core.deleteFrom('deploy_keys').where('environment', '=', p.id),
);
const dropLogReceiver = statement<{ id: number }>()((p) =>
  core.deleteFrom('log_receivers').where('environment', '=', p.id),
);
const dropMembers = statement<{ id: number }>()((p) =>
  core.deleteFrom('members').where('environment', '=', p.id),
);
const dropTokenEnvironments = statement<{ id: number }>()((p) =>
  core.deleteFrom('token_environments').where('environment', '=', p.id),
);
const sweepJobs = statement<{ id: number }>()((p) =>
  core
    .insertInto('removed')
    .columns(['job'])
    .expression((eb) => eb.selectFrom('jobs').select('id').where('environment', '=', p.id)),
);
const sweep = statement<{ environment: number | null; job: number | null }>()((p) =>
  core.insertInto('removed').values({ environment: p.environment, job: p.job }),
);

const variablesOf = statement<{ id: number }>()((p) =>
  core.selectFrom('variables').select(['name', 'sealed']).where('environment', '=', p.id).orderBy('name'),
);
const setVariable = statement<{ id: number; name: string; sealed: Uint8Array }>()((p) =>
  put(core, 'variables', ['environment', 'name'], { environment: p.id, name: p.name, sealed: p.sealed }),
);
const unsetVariable = statement<{ id: number; name: string }>()((p) =>
  core.deleteFrom('variables').where('environment', '=', p.id).where('name', '=', p.name),
);

const jobId = statement<{ environment: string; name: string }>()((p) =>
  core
    .selectFrom('jobs')
    .innerJoin('environments', 'environments.id', 'jobs.environment')
    .select(['jobs.id', 'jobs.environment'])
    .where('environments.name', '=', p.environment)
    .where('jobs.name', '=', p.name),
);
const jobColumns = ['jobs.id', 'jobs.name', 'jobs.document', 'environments.name as environmentName'] as const;
const jobsJoined = core.selectFrom('jobs').innerJoin('environments', 'environments.id', 'jobs.environment');
const oneJob = statement<{ environment: string; name: string }>()((p) =>
  jobsJoined
    .select(jobColumns)
    .where('environments.name', '=', p.environment)
    .where('jobs.name', '=', p.name),
);
const jobsOf = statement<{ environment: string }>()((p) =>
  jobsJoined.select(jobColumns).where('environments.name', '=', p.environment).orderBy('jobs.name'),
);
const jobsAfter = statement<{ environment: number; after: string; limit: number }>()((p) =>
  core
    .selectFrom('jobs')
    .select(['id', 'name', 'document'])
    .where('environment', '=', p.environment)
    .where('name', '>', p.after)
    .orderBy('name')
    .limit(p.limit),
);
const allJobs = statement()(() =>
  jobsJoined.select(jobColumns).orderBy('environments.name').orderBy('jobs.name'),
);
const addJob = statement<{ environment: number; name: string; document: string }>()((p) =>
  core.insertInto('jobs').values({ environment: p.environment, name: p.name, document: p.document }),
);
const saveJob = statement<{ id: number; document: string }>()((p) =>
  core.updateTable('jobs').set({ document: p.document }).where('id', '=', p.id),
);
const dropJob = statement<{ id: number }>()((p) => core.deleteFrom('jobs').where('id', '=', p.id));

const dropAllOf = [
  dropJobs,
  dropVariables,
  dropDeployments,
  dropDeploymentOutput,
  dropDeployHook,
  dropIncidents,
  ...dropAlertsOf,
  dropLogReceiver,
  dropMembers,
  dropTokenEnvironments,
  dropSshKeys,
  dropDeployKey,
  dropEnvironment,
];

interface JobRow {
  readonly id: number;
  readonly name: string;
  readonly document: string;
  readonly environmentName: string;
}

/** Documents of so many jobs are kept as they were read. */
const jobsReadMost = 50_000;

export class EnvironmentRows {
  readonly #core: Database;
  readonly #sealer: Sealer;
  /** By their numbers, which are never given out again. */
  readonly #jobsRead = new Map<number, { readonly document: string; readonly job: Job }>();

  constructor(file: Database, sealer: Sealer) {
    this.#core = file;
    this.#sealer = sealer;
  }

  /** Ids are numbers that are never given out again, so that rows of a removed environment can't become another's. */
  *idOf(name: string): Work<number | undefined> {
    return (yield* this.#core.get(environmentId, { name }))?.id;
  }

  *requireId(name: string): Work<number> {
    const id = yield* this.idOf(name);
    if (id === undefined) throw new Refusal('environment.unknown', { environment: name });
    return id;
  }

  *all(): Work<Environment[]> {
    return (yield* this.#core.all(allEnvironments, {})).map((row) => this.#environmentOf(row));
  }

  *one(name: string): Work<Environment | undefined> {
    const row = yield* this.#core.get(oneEnvironment, { name });
    return row === undefined ? undefined : this.#environmentOf(row);
  }

  *add(environment: Environment): Work<void> {
    const { name } = environment;
    if ((yield* this.idOf(name)) !== undefined)
      throw new Refusal('environment.exists', { environment: name });
    yield* this.#core.run(addEnvironment, { name, document: JSON.stringify(environment) });
  }

  *save(environment: Environment): Work<void> {
    const { name } = environment;
    if ((yield* this.#core.run(saveEnvironment, { name, document: JSON.stringify(environment) })) === 0)
      throw new Refusal('environment.unknown', { environment: name });
  }

  /** Its runs, due times and statistics are out of reach at once; housekeeping sweeps their rows a few at a time. */
  *remove(id: number): Work<void> {
    yield* this.#core.run(sweepJobs, { id });
    yield* this.#core.run(sweep, { environment: id, job: null });
    for (const drop of dropAllOf) yield* this.#core.run(drop, { id });
  }

  *variables(environment: string): Work<Variables> {
    const id = yield* this.idOf(environment);
    if (id === undefined) return {};
    const rows = yield* this.#core.all(variablesOf, { id });
    return Object.fromEntries(rows.map(({ name, sealed }) => [name, this.#unseal(id, name, sealed)]));
  }

  *setVariables(environment: string, changes: Readonly<Record<string, string | null>>): Work<void> {
    const id = yield* this.requireId(environment);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) yield* this.#core.run(unsetVariable, { id, name });
      else
        yield* this.#core.run(setVariable, { id, name, sealed: this.#sealer.seal(value, placeOf(id, name)) });
    }
  }

  *jobs(environment?: string): Work<Job[]> {
    return (yield* this.jobRows(environment)).map((row) => this.#jobOf(row));
  }

  /** Jobs with the numbers that statistics and due times know them by. */
  *numberedJobs(environment: string): Work<{ id: number; job: Job }[]> {
    return (yield* this.jobRows(environment)).map((row) => ({ id: row.id, job: this.#jobOf(row) }));
  }

  /** The same of a page; names are never empty. */
  *numberedPage({ environment, after = '', limit }: JobPage): Work<{ id: number; job: Job }[]> {
    const id = yield* this.idOf(environment);
    if (id === undefined) return [];
    const rows = yield* this.#core.all(jobsAfter, { environment: id, after, limit });
    return rows.map((row) => ({ id: row.id, job: this.#jobOf({ ...row, environmentName: environment }) }));
  }

  *jobRows(environment?: string): Work<JobRow[]> {
    if (environment === undefined) return yield* this.#core.all(allJobs, {});
    return yield* this.#core.all(jobsOf, { environment });
  }

  *jobIds(
    environment: string,
    name: string,
  ): Work<{ readonly id: number; readonly environment: number } | undefined> {
    return yield* this.#core.get(jobId, { environment, name });
  }

  *job(environment: string, name: string): Work<Job | undefined> {
    const row = yield* this.#core.get(oneJob, { environment, name });
    return row === undefined ? undefined : this.#jobOf(row);
  }

  *addJob(job: Job): Work<void> {
    const { environment, name } = job;
    const id = yield* this.requireId(environment);
    if ((yield* this.jobIds(environment, name)) !== undefined)
      throw new Refusal('job.exists', { environment, job: name });
    yield* this.#core.run(addJob, { environment: id, name, document: JSON.stringify(job) });
  }

  *saveJob(job: Job): Work<void> {
    const { environment, name } = job;
    const found = yield* this.jobIds(environment, name);
    if (found === undefined) throw new Refusal('job.unknown', { environment, job: name });
    yield* this.#core.run(saveJob, { id: found.id, document: JSON.stringify(job) });
  }

  *removeJob(environment: string, name: string): Work<void> {
    const found = yield* this.jobIds(environment, name);
    if (found === undefined) return;
    yield* this.#core.run(sweep, { environment: null, job: found.id });
    yield* this.#core.run(dropJob, { id: found.id });
  }

  #environmentOf(row: { name: string; document: string }): Environment {
    return readEnvironment(row.document, `environment "${row.name}"`, this.#core.name);
  }

  /** A document that was read once is not checked again while it is the same: lists of thousands are read often. */
  #jobOf(row: JobRow): Job {
    const known = this.#jobsRead.get(row.id);
    if (known?.document === row.document) return known.job;
    const { document } = row;
    const job = readJob(document, `job "${row.name}" of "${row.environmentName}"`, this.#core.name);
    if (this.#jobsRead.size >= jobsReadMost) this.#jobsRead.clear();
    this.#jobsRead.set(row.id, { document, job });
    return job;
  }

  #unseal(id: number, name: string, sealed: Uint8Array): string {
    const what = `the variable "${name}"`;
    return unseal(this.#sealer, sealed, { place: placeOf(id, name), what, file: this.#core.name });
  }
}

const placeOf = (environment: number, name: string): string => `variables/${environment}/${name}`;
