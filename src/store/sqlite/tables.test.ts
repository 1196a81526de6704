import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DatabaseFile } from './database-file.ts';
import { coreMigrations, historyMigrations, type Migration, migrate } from './migrations.ts';
import { makeSqlitePlace } from './sqlite.testkit.ts';

/** `table.column` of every property of an interface in tables.ts. */
function declared(name: string): string[] {
  const source = readFileSync(new URL('../rows/tables.ts', import.meta.url), 'utf8');
  const body = new RegExp(`interface ${name} \\{\\n([\\s\\S]*?)\\n\\}`).exec(source)?.[1] ?? '';
  return [...body.matchAll(/^ {2}(\w+): \{([\s\S]*?)\}/gm)].flatMap(([, table, columns]) =>
    [...(columns ?? '').matchAll(/(\w+):/g)].map(([, column]) => `${table}.${column}`),
  );
}

const files: [string, string, readonly Migration[]][] = [
  ['CoreTables', 'nightshift.db', coreMigrations],
  ['HistoryTables', 'history.db', historyMigrations],
];

test.each(files)('%s names the columns that %s has', async (name, _, migrations) => {
  const place = await makeSqlitePlace();
  const file = new DatabaseFile(join(place.folder, '..', 'file.db'), 'FULL');
  migrate(file, migrations, 'folder');
  const found = file.query(
    `select s.name || '.' || c.name as place from sqlite_schema s join pragma_table_info(s.name) c
     where s.type = 'table' and s.name not like 'sqlite_%'`,
  );
  expect(found.map((row) => String(row.place)).sort()).toEqual(declared(name).sort());
  expect(found.length).toBeGreaterThan(10);
  file.close();
  await place.remove();
});
