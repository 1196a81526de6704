/** Deployments, activity and small facts about the machine. */
import type { ActivityEntry, Deployment } from '../store.ts';
import type { DatabaseFile } from './database-file.ts';
import { readDeployment } from './documents.ts';
import { statement } from './statements.ts';
import { core } from './tables.ts';

const putDeployment = statement<{
  id: string;
  environment: number;
  startedAt: number;
  document: string;
}>()((p) =>
  core.replaceInto('deployments').values({
    id: p.id,
    environment: p.environment,
    started_at: p.startedAt,
    document: p.document,
  }),
);
const deploymentsOf = statement<{ environment: number; limit: number }>()((p) =>
  core
    .selectFrom('deployments')
    .select(['id', 'document'])
    .where('environment', '=', p.environment)
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(p.limit),
);
const addActivity = statement<{
  at: number;
  actor: string;
  environment: string | null;
  act: string;
  detail: string;
  via: string | null;
  address: string | null;
}>()((p) =>
  core.insertInto('activity').values({
    at: p.at,
    actor: p.actor,
    environment: p.environment,
    act: p.act,
    detail: p.detail,
    via: p.via,
    address: p.address,
  }),
);
const activity = core
  .selectFrom('activity')
  .select(['at', 'actor', 'environment', 'act', 'detail', 'via', 'address'])
  .orderBy('id', 'desc');
const newestActivity = statement<{ limit: number }>()((p) => activity.limit(p.limit));
const activityOf = statement<{ environment: string; limit: number }>()((p) =>
  activity.where('environment', '=', p.environment).limit(p.limit),
);
const oneMeta = statement<{ key: string }>()((p) =>
  core.selectFrom('meta').select('value').where('key', '=', p.key),
);
const putMeta = statement<{ key: string; value: string }>()((p) =>
  core.replaceInto('meta').values({ key: p.key, value: p.value }),
);

export class RecordRows {
  readonly #core: DatabaseFile;

  constructor(file: DatabaseFile) {
    this.#core = file;
  }

  saveDeployment(environment: number, deployment: Deployment): void {
    const { id } = deployment;
    const startedAt = Math.floor(deployment.startedAt);
    this.#core.run(putDeployment, { id, environment, startedAt, document: JSON.stringify(deployment) });
  }

  deployments(environment: number, limit: number): Deployment[] {
    const rows = this.#core.all(deploymentsOf, { environment, limit });
    return rows.map(({ id, document }) => readDeployment(document, `deployment "${id}"`, this.#core.path));
  }

  addActivity(entry: ActivityEntry): void {
    const { at, actor, environment, act, detail, via, address } = entry;
    this.#core.run(addActivity, { at, actor, environment, act, detail, via, address });
  }

  activity(environment: string | undefined, limit: number): ActivityEntry[] {
    const rows =
      environment === undefined
        ? this.#core.all(newestActivity, { limit })
        : this.#core.all(activityOf, { environment, limit });
    return rows.map((row) => ({ ...row }));
  }

  meta(key: string): string | undefined {
    return this.#core.get(oneMeta, { key })?.value;
  }

  setMeta(key: string, value: string): void {
    this.#core.run(putMeta, { key, value });
  }
}
