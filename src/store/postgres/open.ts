/** Opens the store on PostgreSQL: the schema is brought up to date, and the key that seals secrets is proved, before anybody reads. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import { Refusal } from '../../domain/errors.ts';
import { internal, setInternal, textOfInternal } from '../rows/internals.ts';
import { provenSealer } from '../rows/key-proof.ts';
import { RowStore } from '../rows/row-store.ts';
import { putRun } from '../rows/run-rows.ts';
import type { Sealer } from '../rows/sealer.ts';
import { statement } from '../rows/statements.ts';
import { history } from '../rows/tables.ts';
import type { Vouching } from '../rows/vouching.ts';
import { type Database, done, type Work } from '../rows/work.ts';
import type { Store } from '../store.ts';
import { AskedDatabase } from './asked-database.ts';
import { explainOpening } from './failures.ts';
import { migrate, postgresMigrations } from './migrations.ts';
import type { Session } from './session.ts';
import { holdsPassword, targetOf } from './target.ts';
import { PostgresTransactions } from './transactions.ts';
import { Writer } from './writer.ts';

export { holdsPassword };

export interface PostgresStoreOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`; what is absent comes from PostgreSQL's own variables (`PGPASSWORD` …). */
  readonly address: string;
  /** Where `secret.key` is, with which secrets are sealed: it is made once, and never in the database. */
  readonly folder: string;
  readonly clock: Clock;
  /** Refuses to share the database with another store that is alone. */
  readonly alone: boolean;
}

/** What must be true of a database. */
const oldestServer = 130_000;

/** Rejects with Refusal `store.…`, `data.newer`, `data.corrupt` or `data.key`; then nothing is left behind but the schema. */
export async function openPostgresStore({
  address,
  folder,
  clock,
  alone,
}: PostgresStoreOptions): Promise<Store> {
  const target = targetOf(address);
  const writer = new Writer(target, alone);
  const core = new AskedDatabase(target.name);
  const transactions = new PostgresTransactions(target, writer, core);
  try {
    const session = await writer.session();
    await checkServer(session);
    await migrate(session, postgresMigrations);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const begin = () => prepare(core, join(folder, 'secret.key'), clock.wall());
    const { sealer, since } = await transactions.write(begin);
    return new RowStore({
      core,
      history: new AskedDatabase(target.name),
      transactions,
      vouching: everyRunCounts(core),
      sealer,
      historySince: since,
      close: () => transactions.close(),
    });
  } catch (error) {
    await transactions.close();
    throw explainOpening(error, target);
  }
}

async function checkServer(session: Session): Promise<void> {
  const [row] = await session.rows(
    "SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding",
  );
  const unfit = (why: string) => new Refusal('store.unfit', { name: session.name, why });
  if (Number(row?.version) < oldestServer) throw unfit('the server is older than PostgreSQL 13');
  if (row?.encoding !== 'UTF8') throw unfit(`its encoding is ${String(row?.encoding)}, not UTF8`);
}

function* prepare(core: Database, keyFile: string, now: number): Work<{ sealer: Sealer; since: number }> {
  const sealer = yield* provenSealer(core, keyFile);
  if ((yield* internal(core, 'since')) === undefined) yield* setInternal(core, 'since', String(now));
  return { sealer, since: Number(yield* textOfInternal(core, 'since')) };
}

const dropOpenRuns = statement<{ environment: number }>()((p) =>
  history.deleteFrom('runs').where('environment', '=', p.environment).where('ended_at', 'is', null),
);

/** A run, its due time and all else are one transaction in one database: there is nothing to vouch for. */
const everyRunCounts = (core: Database): Vouching => ({
  // By way of the core: the beginning of a run is durable.
  *keep(run) {
    yield* core.run(putRun, run);
  },
  happened: () => done(true),
  mayForget: () => done(true),
  // The ended ones are out of reach; an open one would be found by its id.
  *dropOf(environment) {
    yield* core.run(dropOpenRuns, { environment });
  },
  ended: () => undefined,
  release: async () => undefined,
  tidy: async () => undefined,
});
