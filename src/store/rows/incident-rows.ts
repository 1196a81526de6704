/** Incidents, open ones and those that are over. */
import { Refusal } from '../../domain/errors.ts';
import type { Incident } from '../../domain/incident.ts';
import { limits } from '../../domain/limits.ts';
import type { IncidentFilter } from '../store.ts';
import { readIncident } from './documents.ts';
import { put, statement } from './statements.ts';
import { core } from './tables.ts';
import type { Database, Work } from './work.ts';

const rowsPerStep = 500;

const putIncident = statement<{
  id: string;
  environment: number | null;
  beganAt: number;
  endedAt: number | null;
  document: string;
}>()((p) =>
  put(core, 'incidents', ['id'], {
    id: p.id,
    environment: p.environment,
    began_at: p.beganAt,
    ended_at: p.endedAt,
    document: p.document,
  }),
);
const byId = statement<{ id: string }>()((p) =>
  core.selectFrom('incidents').select(['id', 'document']).where('id', '=', p.id),
);
const placeOf = statement<{ id: string }>()((p) =>
  core.selectFrom('incidents').select('began_at').where('id', '=', p.id),
);

type Page = { beganAt: number; id: string; limit: number };
const page = core
  .selectFrom('incidents')
  .select(['id', 'document'])
  .orderBy('began_at', 'desc')
  .orderBy('id', 'desc');
const all = statement<Page>()((p) =>
  page.where((eb) => eb(eb.refTuple('began_at', 'id'), '<', eb.tuple(p.beganAt, p.id))).limit(p.limit),
);
const allOpen = statement<Page>()((p) =>
  page
    .where('ended_at', 'is', null)
    .where((eb) => eb(eb.refTuple('began_at', 'id'), '<', eb.tuple(p.beganAt, p.id)))
    .limit(p.limit),
);
const ofEnvironment = statement<Page & { environment: number }>()((p) =>
  page
    .where('environment', '=', p.environment)
    .where((eb) => eb(eb.refTuple('began_at', 'id'), '<', eb.tuple(p.beganAt, p.id)))
    .limit(p.limit),
);
const openOfEnvironment = statement<Page & { environment: number }>()((p) =>
  page
    .where('environment', '=', p.environment)
    .where('ended_at', 'is', null)
    .where((eb) => eb(eb.refTuple('began_at', 'id'), '<', eb.tuple(p.beganAt, p.id)))
    .limit(p.limit),
);
/** Over, and older than so many of the same environment. */
const newest = core.selectFrom('incidents').select('id').orderBy('began_at', 'desc').orderBy('id', 'desc');
const dropOver = core.deleteFrom('incidents').where('ended_at', 'is not', null);
const beyond = statement<{ environment: number; keep: number; limit: number }>()((p) =>
  dropOver.where('id', 'in', newest.where('environment', '=', p.environment).limit(p.limit).offset(p.keep)),
);
const beyondOfMachine = statement<{ keep: number; limit: number }>()((p) =>
  dropOver.where('id', 'in', newest.where('environment', 'is', null).limit(p.limit).offset(p.keep)),
);

export class IncidentRows {
  readonly #core: Database;

  constructor(file: Database) {
    this.#core = file;
  }

  *save(environment: number | null, incident: Incident): Work<void> {
    const { id, endedAt } = incident;
    yield* this.#core.run(putIncident, {
      id,
      environment,
      beganAt: Math.floor(incident.beganAt),
      endedAt: endedAt === null ? null : Math.floor(endedAt),
      document: JSON.stringify(incident),
    });
  }

  *one(id: string): Work<Incident | undefined> {
    const row = yield* this.#core.get(byId, { id });
    return row === undefined ? undefined : readIncident(row.document, `incident "${id}"`, this.#core.name);
  }

  /** @param environment its number; undefined for all, and those of the machine */
  *page(environment: number | undefined, { before, open, limit }: IncidentFilter): Work<Incident[]> {
    const place = { ...(yield* this.#placeOf(before)), limit };
    const rows =
      environment === undefined
        ? yield* this.#core.all(open === true ? allOpen : all, place)
        : yield* this.#core.all(open === true ? openOfEnvironment : ofEnvironment, { ...place, environment });
    return rows.map(({ id, document }) => readIncident(document, `incident "${id}"`, this.#core.name));
  }

  /** One step; false when there are no more of the environment (null: of the machine) than are kept. */
  *trim(environment: number | null): Work<boolean> {
    const keep = limits.incidentsKeptPerEnvironment;
    const most = { keep, limit: rowsPerStep };
    const gone =
      environment === null
        ? yield* this.#core.run(beyondOfMachine, most)
        : yield* this.#core.run(beyond, { ...most, environment });
    return gone > 0;
  }

  *#placeOf(before: string | undefined): Work<{ beganAt: number; id: string }> {
    if (before === undefined) return { beganAt: Number.MAX_SAFE_INTEGER, id: '' };
    const row = yield* this.#core.get(placeOf, { id: before });
    if (row === undefined) throw new Refusal('incident.unknown', { incident: before });
    return { beganAt: row.began_at, id: before };
  }
}
