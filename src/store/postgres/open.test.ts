/** Opening: what is made, what is refused, and several at once. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../../test/testkit/free-port.ts';
import { Cluster, postgresPrograms, skippedWithoutPostgres } from '../../../test/testkit/postgres.ts';
import { noonClock } from '../sqlite/sqlite.testkit.ts';
import { sampleEnvironment } from '../store.testkit.ts';
import { lookAtPostgres } from './look.ts';
import { postgresMigrations } from './migrations.ts';
import { openPostgresStore } from './open.ts';
import { targetOf } from './target.ts';

describe.skipIf(postgresPrograms === undefined)(`a store on PostgreSQL${skippedWithoutPostgres}`, () => {
  let cluster: Cluster;
  const folders: string[] = [];
  const newFolder = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'nightshift-store-'));
    folders.push(folder);
    return folder;
  };
  const open = (address: string, { folder = newFolder(), alone = true } = {}) =>
    openPostgresStore({ address, folder, clock: noonClock, alone });

  beforeAll(async () => {
    cluster = await Cluster.start();
  });
  afterAll(() => cluster?.dispose());
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  test('is opened by several at once, and its tables are made once', async () => {
    const address = cluster.address(await cluster.database());
    const folder = newFolder();
    const stores = await Promise.all(
      Array.from({ length: 4 }, () => open(address, { folder, alone: false })),
    );
    const [first, second] = stores;
    await first?.addEnvironment(sampleEnvironment('shop'));
    expect((await second?.environments())?.map((each) => each.name)).toEqual(['shop']);
    await Promise.all(stores.map((store) => store.close()));
    expect(await lookAtPostgres(address)).toMatch(
      new RegExp(`schema ${postgresMigrations.length}, this program knows ${postgresMigrations.length}`),
    );
  });

  test('is written by several at once, and each name is given once', async () => {
    const address = cluster.address(await cluster.database());
    const folder = newFolder();
    const stores = await Promise.all([1, 2, 3].map(() => open(address, { folder, alone: false })));
    const names = Array.from({ length: 20 }, (_, index) => `env-${index + 10}`);
    const answers = await Promise.all(
      names.flatMap((name) =>
        stores.map((store) =>
          store.addEnvironment(sampleEnvironment(name)).then(
            () => 'added',
            (error: { code: string }) => error.code,
          ),
        ),
      ),
    );
    expect(answers.filter((answer) => answer === 'added')).toHaveLength(names.length);
    expect(answers.filter((answer) => answer !== 'added')).toEqual(
      Array.from({ length: names.length * 2 }, () => 'environment.exists'),
    );
    expect((await stores[0]?.environments())?.map((each) => each.name)).toEqual(names);
    await Promise.all(stores.map((store) => store.close()));
  });

  test('that acts alone keeps others out for as long as it is open', { timeout: 60_000 }, async () => {
    const address = cluster.address(await cluster.database());
    const first = await open(address);
    await expect(open(address)).rejects.toMatchObject({ code: 'store.taken' });
    await first.close();
    await (await open(address)).close();
  });

  test('of a newer version is refused with both versions, and left as it is', async () => {
    const database = await cluster.database();
    const address = cluster.address(database);
    await (await open(address)).close();
    await cluster.query('UPDATE nightshift.schema_version SET version = 999', database);
    await expect(open(address)).rejects.toMatchObject({
      code: 'data.newer',
      parameters: { found: 999, known: postgresMigrations.length },
    });
    expect(await cluster.query('SELECT version FROM nightshift.schema_version', database)).toEqual([
      { version: '999' },
    ]);
  });

  test('whose secrets were sealed with another key is refused, with where that key belongs', async () => {
    const address = cluster.address(await cluster.database());
    const first = await open(address);
    await first.addEnvironment(sampleEnvironment('shop'));
    await first.setVariables('shop', { SECRET: 'x' });
    await first.close();
    const folder = newFolder();
    await expect(open(address, { folder })).rejects.toMatchObject({
      code: 'data.key',
      parameters: { file: join(folder, 'secret.key') },
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ['a wrong password', () => cluster.addressWithPassword('postgres', 'wrong'), 'store.login'],
    ['no such database', () => cluster.addressWithPassword('nowhere'), 'store.no-database'],
    [
      'no server',
      async () => `postgres://nightshift:secret@127.0.0.1:${await findFreePort()}/x`,
      'store.unreachable',
    ],
    ['no socket', () => 'postgres:///x?host=/nowhere', 'store.unreachable'],
    ['another database', () => 'mysql://nightshift:secret@127.0.0.1/x', 'store.address'],
    ['no address', () => 'postgres://nightshift:secret@host:port/x', 'store.address'],
  ])('is refused with what to do where there is %s, and no password is told', async (_, address, code) => {
    const named = await address();
    const refusal = await open(named).then(
      () => null,
      (error: Error & { code: string }) => error,
    );
    expect(refusal?.code).toBe(code);
    expect(refusal?.message).not.toMatch(/secret|wrong|undefined/);
    expect(refusal?.message).not.toContain(cluster.password);
  });

  test('is refused where the user may make no tables', async () => {
    const database = await cluster.database();
    await cluster.query("CREATE USER guest PASSWORD 'guest'");
    const address = cluster.addressWithPassword(database, 'guest').replace('nightshift:', 'guest:');
    await expect(open(address)).rejects.toMatchObject({
      code: 'store.not-owner',
      message: expect.stringContaining(`ALTER DATABASE ${database} OWNER TO guest`),
    });
  });

  test('is refused in a database that is not UTF-8', async () => {
    await cluster.query("CREATE DATABASE old ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
    await expect(open(cluster.address('old'))).rejects.toMatchObject({ code: 'store.unfit' });
  });

  test('shares a database with other tables of the same names', async () => {
    const database = await cluster.database();
    await cluster.query('CREATE TABLE public.jobs (id int); INSERT INTO public.jobs VALUES (1)', database);
    const store = await open(cluster.address(database));
    expect(await store.jobs()).toEqual([]);
    await store.close();
    expect(await cluster.query('SELECT * FROM public.jobs', database)).toEqual([{ id: 1 }]);
  });
});

test('a database is called by its place, and never with the password', () => {
  expect(targetOf('postgres://ada:se%40cret@db.example:5433/jobs').name).toBe(
    '"jobs" of PostgreSQL at db.example:5433',
  );
  expect(targetOf('postgresql:///jobs?host=/run/postgresql&user=ada&password=secret').name).toBe(
    '"jobs" of PostgreSQL at /run/postgresql',
  );
});
