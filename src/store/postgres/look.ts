/** What there is to say of a database, without changing anything in it. */
import { Client } from 'pg';
import { explainOpening } from './failures.ts';
import { postgresMigrations, schemaVersion } from './migrations.ts';
import { Session } from './session.ts';
import { targetOf } from './target.ts';

/** One sentence. Rejects with Refusal `store.…`. */
export async function lookAtPostgres(address: string): Promise<string> {
  const target = targetOf(address);
  const client = new Client({ ...target.config, application_name: 'nightshift doctor' });
  const session = new Session(client, target.name);
  try {
    await client.connect();
    const [row] = await session.rows('SHOW server_version');
    const version = await schemaVersion(session);
    const state =
      version === 0
        ? 'nothing of Nightshift is in it yet'
        : `schema ${version}, this program knows ${postgresMigrations.length}`;
    return `${target.name} answers (${String(row?.server_version)}); ${state}`;
  } catch (error) {
    throw explainOpening(error, target);
  } finally {
    await client.end().catch(() => undefined);
  }
}
