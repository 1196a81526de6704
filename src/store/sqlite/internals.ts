/** What a file knows of itself: whose it is, when it was made, the proof of the key. */

import { statement } from '../rows/statements.ts';
import { core } from '../rows/tables.ts';
import type { DatabaseFile } from './database-file.ts';

const get = statement<{ key: string }>()((p) =>
  core.selectFrom('internals').select('value').where('key', '=', p.key),
);
const put = statement<{ key: string; value: Uint8Array }>()((p) =>
  core.replaceInto('internals').values({ key: p.key, value: p.value }),
);

export const internal = (file: DatabaseFile, key: string): Uint8Array | undefined =>
  file.get(get, { key })?.value;

export const textOfInternal = (file: DatabaseFile, key: string): string =>
  Buffer.from(internal(file, key) ?? []).toString('utf8');

/** Committed at once: it is for opening, before there are tasks. */
export function setInternal(file: DatabaseFile, key: string, value: string | Uint8Array): void {
  file.enter(false);
  try {
    file.run(put, { key, value: typeof value === 'string' ? Buffer.from(value) : value });
    file.commit();
  } catch (error) {
    file.rollback();
    throw error;
  }
}
