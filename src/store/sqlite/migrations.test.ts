import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RecordRows } from '../rows/record-rows.ts';
import { DatabaseFile } from './database-file.ts';
import { coreMigrations, historyMigrations, type Migration, migrate, schemaVersion } from './migrations.ts';
import { perform } from './perform.ts';
import { makeSqlitePlace, type SqlitePlace } from './sqlite.testkit.ts';

/** Three versions of a small schema: a table, a column more, and a step that rewrites rows. */
const three: readonly Migration[] = [
  "create table words (id integer primary key, text text not null) strict; insert into words (text) values ('a')",
  'alter table words add column length integer',
  (file) => file.execute('update words set length = length(text)'),
];

let place: SqlitePlace;
let file: DatabaseFile;

beforeEach(async () => {
  place = await makeSqlitePlace();
  file = new DatabaseFile(join(place.folder, '..', 'file.db'), 'FULL');
});

afterEach(async () => {
  file.close();
  await place.remove();
});

test.each([0, 1, 2, 3])('a file of version %i is brought to the newest', (version) => {
  migrate(file, three.slice(0, version), 'folder');
  expect(schemaVersion(file)).toBe(version);
  migrate(file, three, 'folder');
  migrate(file, three, 'folder');
  expect(schemaVersion(file)).toBe(3);
  expect(file.query('select * from words').map((row) => ({ ...row }))).toEqual([
    { id: 1, text: 'a', length: 1 },
  ]);
});

test('a step that fails leaves the file at the step before', () => {
  const broken: readonly Migration[] = [
    ...three,
    'create table more (id integer); insert into nowhere values (1)',
  ];
  expect(() => migrate(file, broken, 'folder')).toThrow(/nowhere/);
  expect(schemaVersion(file)).toBe(3);
  expect(file.query("select name from sqlite_schema where name = 'more'")).toEqual([]);
  migrate(file, three, 'folder');
});

test('a newer file is refused with both versions', () => {
  migrate(file, three, 'folder');
  expect(() => migrate(file, three.slice(0, 2), 'the-folder')).toThrow(
    expect.objectContaining({
      code: 'data.newer',
      parameters: { folder: 'the-folder', found: 3, known: 2 },
    }),
  );
});

test.each([
  ['nightshift.db', coreMigrations],
  ['history.db', historyMigrations],
])('%s is walked from each older version', (_, migrations) => {
  for (const [version] of migrations.entries()) {
    migrate(file, migrations.slice(0, version), 'folder');
    expect(schemaVersion(file)).toBe(version);
  }
  migrate(file, migrations, 'folder');
  expect(schemaVersion(file)).toBe(migrations.length);
  expect(file.query('PRAGMA integrity_check')).toMatchObject([{ integrity_check: 'ok' }]);
});

test('what was done before accounts came is kept, without a way in and an address', () => {
  migrate(file, coreMigrations.slice(0, 2), 'folder');
  file.execute(
    "insert into activity (at, actor, environment, act, detail) values (7, 'root', 'shop', 'book plan', 'M')",
  );
  migrate(file, coreMigrations, 'folder');
  expect(perform(new RecordRows(file.database).activity({ limit: 9 }))).toEqual([
    {
      id: 1,
      at: 7,
      actor: 'root',
      environment: 'shop',
      act: 'book plan',
      detail: 'M',
      via: null,
      address: null,
    },
  ]);
});
