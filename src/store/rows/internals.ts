/** What a database knows of itself: whose it is, when it was made, the proof of the key. */
import { put, statement } from './statements.ts';
import { core } from './tables.ts';
import type { Database, Work } from './work.ts';

const oneInternal = statement<{ key: string }>()((p) =>
  core.selectFrom('internals').select('value').where('key', '=', p.key),
);
const putInternal = statement<{ key: string; value: Uint8Array }>()((p) =>
  put(core, 'internals', ['key'], { key: p.key, value: p.value }),
);

export function* internal(database: Database, key: string): Work<Uint8Array | undefined> {
  return (yield* database.get(oneInternal, { key }))?.value;
}

export function* textOfInternal(database: Database, key: string): Work<string> {
  return Buffer.from((yield* internal(database, key)) ?? []).toString('utf8');
}

export function* setInternal(database: Database, key: string, value: string | Uint8Array): Work<void> {
  yield* database.run(putInternal, { key, value: typeof value === 'string' ? Buffer.from(value) : value });
}
