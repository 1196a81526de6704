/** Places for the tests of the SQLite store, and a clock that stands still. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import type { StorePlace } from '../store.contract.ts';
import { noon } from '../store.testkit.ts';
import { openSqliteStore } from './open.ts';

/** Noon, always: nothing here waits. */
export const noonClock: Clock = {
  wall: () => noon,
  monotonic: () => 0,
  after: () => () => undefined,
};

export interface SqlitePlace extends StorePlace {
  /** The data folder, made when the store is opened. */
  readonly folder: string;
}

export async function makeSqlitePlace(): Promise<SqlitePlace> {
  const top = mkdtempSync(join(tmpdir(), 'nightshift-store-'));
  const folder = join(top, 'data');
  return {
    folder,
    open: () => openSqliteStore({ folder, clock: noonClock }),
    remove: async () => rmSync(top, { recursive: true, force: true }),
  };
}
