import { afterAll, beforeAll, describe } from 'vitest';
import { Cluster, postgresPrograms, skippedWithoutPostgres } from '../../../test/testkit/postgres.ts';
import { describeStore } from '../store.contract.ts';
import { emptyDatabase, makePostgresPlace } from './postgres.testkit.ts';

describe.skipIf(postgresPrograms === undefined)(`PostgreSQL${skippedWithoutPostgres}`, () => {
  let cluster: Cluster;
  let database: string;
  beforeAll(async () => {
    cluster = await Cluster.start();
    database = await cluster.database();
  });
  afterAll(() => cluster?.dispose());

  describeStore('on PostgreSQL', async () => {
    await emptyDatabase(cluster, database);
    return makePostgresPlace(cluster, database);
  });
});
