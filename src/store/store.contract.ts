/** One suite over every store. `make` gives a fresh, empty place; `open` opens it, and again after `close`. */
import { afterEach, beforeEach, describe } from 'vitest';
import { describeAccounts } from './contract/accounts.contract.ts';
import { describeAlerts } from './contract/alerts.contract.ts';
import { describeDueTimes } from './contract/due-times.contract.ts';
import { describeEnvironments } from './contract/environments.contract.ts';
import { describeIncidents } from './contract/incidents.contract.ts';
import { describeKeyedRequests } from './contract/keyed-requests.contract.ts';
import { describeLogReceivers } from './contract/log-receivers.contract.ts';
import { describeRecords } from './contract/records.contract.ts';
import { describeRuns } from './contract/runs.contract.ts';
import { describeSessions } from './contract/sessions.contract.ts';
import { describeSshKeys } from './contract/ssh-keys.contract.ts';
import { describeStatistics } from './contract/statistics.contract.ts';
import type { Store } from './store.ts';

export interface StorePlace {
  open(): Promise<Store>;
  /** Takes it away, with its files. */
  remove(): Promise<void>;
}

/** What a test has: the store, open, and a way to close it and open it again. */
export interface Bench {
  store: Store;
  reopen(): Promise<void>;
}

export function describeStore(name: string, make: () => Promise<StorePlace>): void {
  describe(`the store ${name}`, () => {
    let place: StorePlace;
    const bench = {} as Bench;

    beforeEach(async () => {
      place = await make();
      bench.store = await place.open();
      bench.reopen = async () => {
        await bench.store.close();
        bench.store = await place.open();
      };
    });

    afterEach(async () => {
      await bench.store.close();
      await place.remove();
    });

    describeEnvironments(bench);
    describeRuns(bench);
    describeDueTimes(bench);
    describeStatistics(bench);
    describeRecords(bench);
    describeIncidents(bench);
    describeAlerts(bench);
    describeLogReceivers(bench);
    describeSshKeys(bench);
    describeAccounts(bench);
    describeSessions(bench);
    describeKeyedRequests(bench);
  });
}
