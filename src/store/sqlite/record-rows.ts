/** Activity and small facts about the machine. */
import type { ActivityEntry } from '../store.ts';
import type { DatabaseFile } from './database-file.ts';
import { statement } from './statements.ts';
import { core } from './tables.ts';

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
