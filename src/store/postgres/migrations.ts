/** Numbered, forward only: the place in the list is the schema's version, which stands in a table of its own. */
import { Refusal } from '../../domain/errors.ts';
import { postgres0001 } from './migrations/0001.ts';
import type { Session } from './session.ts';
import { locks, schema } from './target.ts';

/** SQL text; what is new stands at the end. */
export const postgresMigrations: readonly string[] = [postgres0001];

/**
 * Brings the database to the newest schema in one transaction, under a lock that others who start at this moment wait for.
 * Rejects with Refusal `data.newer` where a newer program has been; nothing is changed then.
 */
export async function migrate(session: Session, migrations: readonly string[]): Promise<void> {
  await session.execute('BEGIN');
  try {
    await session.execute(`SELECT pg_advisory_xact_lock(${locks.migrating})`);
    const found = await schemaVersion(session);
    if (found > migrations.length)
      throw new Refusal('data.newer', { folder: session.name, found, known: migrations.length });
    if (found === 0) await session.execute(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    if (found === 0) await session.execute('CREATE TABLE schema_version (version bigint NOT NULL)');
    if (found === 0) await session.execute('INSERT INTO schema_version VALUES (0)');
    for (const migration of migrations.slice(found)) await session.execute(migration);
    if (found < migrations.length)
      await session.execute(`UPDATE schema_version SET version = ${migrations.length}`);
    await session.execute('COMMIT');
  } catch (error) {
    if (!session.broken) await session.execute('ROLLBACK');
    throw error;
  }
}

export async function schemaVersion(session: Session): Promise<number> {
  const [there] = await session.rows(`SELECT to_regclass('${schema}.schema_version') IS NOT NULL AS is`);
  if (there?.is !== true) return 0;
  const [row] = await session.rows('SELECT version FROM schema_version');
  return Number(row?.version ?? 0);
}
