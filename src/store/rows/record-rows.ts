/** Activity and small facts about the machine. */
import type { ActivityEntry, ActivityFilter, KeptActivity } from '../store.ts';
import { put, statement } from './statements.ts';
import { core } from './tables.ts';
import type { Database, Work } from './work.ts';

const addActivity = statement<{
  at: number;
  actor: string;
  environment: string | null;
  act: string;
  detail: string;
  via: string | null;
  address: string | null;
}>()((p) =>
  core
    .insertInto('activity')
    .values({
      at: p.at,
      actor: p.actor,
      environment: p.environment,
      act: p.act,
      detail: p.detail,
      via: p.via,
      address: p.address,
    })
    .returning('id'),
);
const activity = core
  .selectFrom('activity')
  .select(['id', 'at', 'actor', 'environment', 'act', 'detail', 'via', 'address'])
  .orderBy('id', 'desc');
const newestActivity = statement<{ before: number; limit: number }>()((p) =>
  activity.where('id', '<', p.before).limit(p.limit),
);
const activityOf = statement<{ environment: string; before: number; limit: number }>()((p) =>
  activity.where('environment', '=', p.environment).where('id', '<', p.before).limit(p.limit),
);
const oneMeta = statement<{ key: string }>()((p) =>
  core.selectFrom('meta').select('value').where('key', '=', p.key),
);
const putMeta = statement<{ key: string; value: string }>()((p) =>
  put(core, 'meta', ['key'], { key: p.key, value: p.value }),
);

export class RecordRows {
  readonly #core: Database;

  constructor(file: Database) {
    this.#core = file;
  }

  *addActivity(entry: ActivityEntry): Work<KeptActivity> {
    const { at, actor, environment, act, detail, via, address } = entry;
    const row = yield* this.#core.get(addActivity, { at, actor, environment, act, detail, via, address });
    return { ...entry, id: row?.id ?? 0 };
  }

  *activity({ environment, before = Number.MAX_SAFE_INTEGER, limit }: ActivityFilter): Work<KeptActivity[]> {
    const rows =
      environment === undefined
        ? yield* this.#core.all(newestActivity, { before, limit })
        : yield* this.#core.all(activityOf, { environment, before, limit });
    return rows.map((row) => ({ ...row }));
  }

  *meta(key: string): Work<string | undefined> {
    return (yield* this.#core.get(oneMeta, { key }))?.value;
  }

  *setMeta(key: string, value: string): Work<void> {
    yield* this.#core.run(putMeta, { key, value });
  }
}
