/** Places for the tests of the store on PostgreSQL. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../../test/testkit/postgres.ts';
import { noonClock } from '../sqlite/sqlite.testkit.ts';
import type { StorePlace } from '../store.contract.ts';
import { openPostgresStore, type PostgresStoreOptions } from './open.ts';

export interface PostgresPlace extends StorePlace {
  readonly database: string;
  readonly options: PostgresStoreOptions;
}

/** Opens a store in a database of the cluster, with a key of its own. */
export function makePostgresPlace(cluster: Cluster, database: string): PostgresPlace {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-store-'));
  const options = { address: cluster.address(database), folder, clock: noonClock, alone: true };
  return {
    database,
    options,
    open: () => openPostgresStore(options),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Takes all rows out of a database: much quicker than to make another one. */
export async function emptyDatabase(cluster: Cluster, database: string): Promise<void> {
  // In whatever order: keys that lead elsewhere are not looked at.
  await cluster.query(
    `SET session_replication_role = replica;
    DO $$ DECLARE name text; BEGIN
      FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'nightshift' AND tablename <> 'schema_version'
      LOOP EXECUTE 'DELETE FROM nightshift.' || name; END LOOP;
    END $$`,
    database,
  );
}
