/** Alert channels, rules, deliveries, and ends of runs that wait to be looked at. */
import { sql } from 'kysely';
import type { AlertRules, AlertSettings, Delivery, KeptChannel, NewDelivery } from '../../domain/alert.ts';
import { noRules, noSettings } from '../../domain/alert.ts';
import { Refusal } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { DeliveryFilter } from '../alert-store.ts';
import {
  readChannel,
  readChannelSecrets,
  readDelivery,
  readPings,
  readRules,
  readSettings,
  readSettingsSecrets,
} from './alert-documents.ts';
import type { EnvironmentRows } from './environment-rows.ts';
import { type Sealer, unseal } from './sealer.ts';
import { put, statement } from './statements.ts';
import { core } from './tables.ts';
import type { Database, Work } from './work.ts';

const allChannels = statement()(() =>
  core.selectFrom('alert_channels').select(['id', 'document', 'sealed']).orderBy('name').orderBy('id'),
);
const channelOfName = statement<{ environment: number | null; name: string }>()((p) =>
  core
    .selectFrom('alert_channels')
    .select('id')
    .where('environment', 'is not distinct from', p.environment)
    .where('name', '=', p.name),
);
const putChannel = statement<{
  id: string;
  environment: number | null;
  name: string;
  document: string;
  sealed: Uint8Array;
}>()((p) =>
  put(core, 'alert_channels', ['id'], {
    id: p.id,
    environment: p.environment,
    name: p.name,
    document: p.document,
    sealed: p.sealed,
  }),
);
const dropChannel = statement<{ id: string }>()((p) =>
  core.deleteFrom('alert_channels').where('id', '=', p.id),
);
const allRules = statement()(() =>
  core
    .selectFrom('alert_rules')
    .innerJoin('environments', 'environments.id', 'alert_rules.environment')
    .select(['alert_rules.environment', 'environments.name', 'alert_rules.document', 'alert_rules.sealed']),
);
const putRules = statement<{ environment: number; document: string; sealed: Uint8Array }>()((p) =>
  put(core, 'alert_rules', ['environment'], {
    environment: p.environment,
    document: p.document,
    sealed: p.sealed,
  }),
);
const theSettings = statement()(() => core.selectFrom('alert_settings').select(['document', 'sealed']));
const putSettings = statement<{ document: string; sealed: Uint8Array }>()((p) =>
  put(core, 'alert_settings', ['id'], { id: 1, document: p.document, sealed: p.sealed }),
);

const addDelivery = statement<{
  id: string;
  environment: number | null;
  createdAt: number;
  dueAt: number;
  document: string;
}>()((p) =>
  core
    .insertInto('deliveries')
    .values({
      id: p.id,
      environment: p.environment,
      created_at: p.createdAt,
      due_at: p.dueAt,
      document: p.document,
    })
    .onConflict((conflict) => conflict.doNothing()),
);
const deliveryById = statement<{ id: string }>()((p) =>
  core.selectFrom('deliveries').select(['id', 'created_at']).where('id', '=', p.id),
);
const rewriteDelivery = statement<{ id: string; dueAt: number | null; document: string }>()((p) =>
  core.updateTable('deliveries').set({ due_at: p.dueAt, document: p.document }).where('id', '=', p.id),
);
const waiting = statement<{ limit: number }>()((p) =>
  core
    .selectFrom('deliveries')
    .select(['id', 'document'])
    .where('due_at', 'is not', null)
    .orderBy('created_at')
    .orderBy('id')
    .limit(p.limit),
);
const waitingAll = statement()(() =>
  core.selectFrom('deliveries').select(['id', 'document']).where('due_at', 'is not', null),
);
const dropDelivery = statement<{ id: string }>()((p) => core.deleteFrom('deliveries').where('id', '=', p.id));

const isPing = "document ->> 'phase' in ('start', 'success', 'fail')";

type Page = { createdAt: number; id: string; limit: number };
const page = core
  .selectFrom('deliveries')
  .select(['id', 'document'])
  // Pings that arrived are of no interest to anybody, and many.
  .where(sql<boolean>`not (${sql.raw(isPing)} and document ->> 'state' <> 'given-up' and due_at is null)`)
  .orderBy('created_at', 'desc')
  .orderBy('id', 'desc');
const all = statement<Page>()((p) =>
  page.where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(p.createdAt, p.id))).limit(p.limit),
);
const ofEnvironment = statement<Page & { environment: number }>()((p) =>
  page
    .where('environment', '=', p.environment)
    .where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(p.createdAt, p.id)))
    .limit(p.limit),
);
/** What waits is never trimmed; nor is what tells that somebody was told of an incident that is still open. */
const beyond = statement<{ before: number; limit: number }>()((p) =>
  core.deleteFrom('deliveries').where('id', 'in', (eb) =>
    eb
      .selectFrom('deliveries')
      .select('id')
      .where('created_at', '<', p.before)
      .where('due_at', 'is', null)
      .where((of) =>
        of.not(
          of.exists(
            of
              .selectFrom('incidents')
              .select('incidents.id')
              .where('ended_at', 'is', null)
              .whereRef('incidents.id', '=', sql<string>`deliveries.document ->> 'incident'`),
          ),
        ),
      )
      .limit(p.limit),
  ),
);

/** Pings are kept only as long as a daemon that starts may want to know what was told already. */
const pingsBeyond = statement<{ before: number; limit: number }>()((p) =>
  core.deleteFrom('deliveries').where('id', 'in', (eb) =>
    eb
      .selectFrom('deliveries')
      .select('id')
      .where('created_at', '<', p.before)
      .where('due_at', 'is', null)
      .where(sql<boolean>`${sql.raw(isPing)}`)
      .limit(p.limit),
  ),
);

const addUnjudged = statement<{ run: string; environment: number }>()((p) =>
  core
    .insertInto('unjudged')
    .values({ run: p.run, environment: p.environment })
    .onConflict((conflict) => conflict.doNothing()),
);
const allUnjudged = statement()(() =>
  core
    .selectFrom('unjudged')
    .innerJoin('environments', 'environments.id', 'unjudged.environment')
    .select(['unjudged.run', 'environments.name as environment'])
    .orderBy('unjudged.run'),
);
const dropUnjudged = statement<{ run: string }>()((p) =>
  core.deleteFrom('unjudged').where('run', '=', p.run),
);

const rowsPerStep = 500;
const newest = { createdAt: Number.MAX_SAFE_INTEGER, id: '' };

export class AlertRows {
  readonly #core: Database;
  readonly #sealer: Sealer;
  readonly #environments: EnvironmentRows;

  constructor(file: Database, sealer: Sealer, environments: EnvironmentRows) {
    this.#core = file;
    this.#sealer = sealer;
    this.#environments = environments;
  }

  *channels(): Work<KeptChannel[]> {
    return (yield* this.#core.all(allChannels, {})).map(({ id, document, sealed }) => ({
      channel: readChannel(document, `alert channel "${id}"`, this.#core.name),
      secrets: readChannelSecrets(
        this.#open(sealed, `alert_channels/${id}`, `the alert channel "${id}"`),
        `alert channel "${id}"`,
        this.#core.name,
      ),
    }));
  }

  *saveChannel({ channel, secrets }: KeptChannel): Work<void> {
    const { id, name } = channel;
    const environment = yield* this.#idOf(channel.environment);
    const there = yield* this.#core.get(channelOfName, { environment, name });
    if (there !== undefined && there.id !== id) throw new Refusal('alert.channel-exists', { name });
    const sealed = this.#sealer.seal(JSON.stringify(secrets), `alert_channels/${id}`);
    yield* this.#core.run(putChannel, { id, environment, name, document: JSON.stringify(channel), sealed });
  }

  *removeChannel(id: string): Work<void> {
    yield* this.#core.run(dropChannel, { id });
    for (const row of yield* this.#core.all(waitingAll, {}))
      if (this.#deliveryOf(row).channel === id) yield* this.#core.run(dropDelivery, { id: row.id });
  }

  *rules(): Work<Map<string, AlertRules>> {
    const rows = yield* this.#core.all(allRules, {});
    return new Map(
      rows.map(({ environment, name, document, sealed }) => {
        const what = `the alert rules of "${name}"`;
        const rules = readRules(document, what, this.#core.name);
        const pings = readPings(
          this.#open(sealed, `alert_rules/${environment}`, what),
          what,
          this.#core.name,
        );
        return [name, { ...noRules, ...rules, pings }];
      }),
    );
  }

  *saveRules(name: string, { pings, ...rules }: AlertRules): Work<void> {
    const environment = yield* this.#environments.requireId(name);
    const sealed = this.#sealer.seal(JSON.stringify(pings), `alert_rules/${environment}`);
    yield* this.#core.run(putRules, { environment, document: JSON.stringify(rules), sealed });
  }

  *settings(): Work<AlertSettings> {
    const row = yield* this.#core.get(theSettings, {});
    if (row === undefined) return noSettings;
    const what = 'the settings of alerts';
    const settings = readSettings(row.document, what, this.#core.name);
    const sealed = this.#open(row.sealed, 'alert_settings', what);
    const { password, heartbeatUrl } = readSettingsSecrets(sealed, what, this.#core.name);
    const { mailServer } = settings;
    return {
      ...settings,
      heartbeatUrl,
      mailServer: mailServer === null ? null : { ...mailServer, password },
    };
  }

  *saveSettings({ heartbeatUrl, ...settings }: AlertSettings): Work<void> {
    const { mailServer } = settings;
    const open = { ...settings, mailServer: mailServer === null ? null : { ...mailServer, password: null } };
    const secrets = { password: mailServer?.password ?? null, heartbeatUrl };
    const sealed = this.#sealer.seal(JSON.stringify(secrets), 'alert_settings');
    yield* this.#core.run(putSettings, { document: JSON.stringify(open), sealed });
  }

  /** A delivery to a channel, or about an environment, that has gone meanwhile is not wanted any more. */
  *addDelivery({ delivery, after }: NewDelivery): Work<void> {
    if (after !== null && (yield* this.#core.get(deliveryById, { id: after })) === undefined) return;
    const { id, environment, createdAt, dueAt } = delivery;
    const number = environment === null ? null : yield* this.#environments.idOf(environment);
    if (number === undefined) return;
    yield* this.#core.run(addDelivery, {
      id,
      environment: number,
      createdAt: Math.floor(createdAt),
      dueAt: Math.floor(dueAt),
      document: JSON.stringify(delivery),
    });
  }

  *saveDelivery(delivery: Delivery): Work<void> {
    const dueAt = delivery.state === 'waiting' ? Math.floor(delivery.dueAt) : null;
    yield* this.#core.run(rewriteDelivery, { id: delivery.id, dueAt, document: JSON.stringify(delivery) });
  }

  *waiting(limit: number): Work<Delivery[]> {
    return (yield* this.#core.all(waiting, { limit })).map((row) => this.#deliveryOf(row));
  }

  *page({ environment, before, limit }: DeliveryFilter): Work<Delivery[]> {
    const place = { ...(yield* this.#placeOf(before)), limit };
    if (environment === undefined)
      return (yield* this.#core.all(all, place)).map((row) => this.#deliveryOf(row));
    const number = yield* this.#environments.idOf(environment);
    if (number === undefined) return [];
    return (yield* this.#core.all(ofEnvironment, { ...place, environment: number })).map((row) =>
      this.#deliveryOf(row),
    );
  }

  *unjudged(): Work<{ environment: string; run: string }[]> {
    return yield* this.#core.all(allUnjudged, {});
  }

  *addUnjudged(environment: string, run: string): Work<void> {
    const number = yield* this.#environments.idOf(environment);
    if (number !== undefined) yield* this.#core.run(addUnjudged, { run, environment: number });
  }

  *judged(run: string): Work<void> {
    yield* this.#core.run(dropUnjudged, { run });
  }

  /** One step; false when there is nothing left that is too old. */
  *trim(now: number): Work<boolean> {
    const before = (seconds: number): number => Math.floor(now - seconds * 1000);
    const old = yield* this.#core.run(beyond, {
      before: before(limits.deliveryAgeSeconds),
      limit: rowsPerStep,
    });
    const pings = yield* this.#core.run(pingsBeyond, {
      before: before(limits.pingAgeSeconds),
      limit: rowsPerStep,
    });
    return old + pings > 0;
  }

  *#idOf(environment: string | null): Work<number | null> {
    return environment === null ? null : yield* this.#environments.requireId(environment);
  }

  *#placeOf(before: string | undefined): Work<{ createdAt: number; id: string }> {
    const row = before === undefined ? undefined : yield* this.#core.get(deliveryById, { id: before });
    return row === undefined ? newest : { createdAt: row.created_at, id: row.id };
  }

  #deliveryOf({ id, document }: { id: string; document: string }): Delivery {
    return readDelivery(document, `delivery "${id}"`, this.#core.name);
  }

  #open(sealed: Uint8Array, place: string, what: string): string {
    return unseal(this.#sealer, sealed, { place, what, file: this.#core.name });
  }
}
