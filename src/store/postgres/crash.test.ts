import { afterAll, beforeAll, describe } from 'vitest';
import { Cluster, postgresPrograms, skippedWithoutPostgres } from '../../../test/testkit/postgres.ts';
import { describeCrashes } from '../crash.contract.ts';
import { makePostgresPlace } from './postgres.testkit.ts';

describe.skipIf(postgresPrograms === undefined)(`on PostgreSQL${skippedWithoutPostgres}`, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start({ fsync: true });
  });
  afterAll(() => cluster?.dispose());

  describeCrashes(
    3,
    async () => makePostgresPlace(cluster, await cluster.database()),
    ({ options }) => [options.folder, options.address],
  );
});
