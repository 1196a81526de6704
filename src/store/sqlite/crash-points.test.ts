/** Each moment between two commits, as a crash or a power cut leaves it, and the one where the second commit fails. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keySealer } from '../rows/sealer.ts';
import { noon, sampleCron, sampleDue, sampleEnd, sampleEnvironment, sampleHandle } from '../store.testkit.ts';
import type { Store } from '../store.ts';
import { DatabaseFile } from './database-file.ts';
import { openSqliteStore } from './open.ts';
import { makeSqlitePlace, noonClock, type SqlitePlace } from './sqlite.testkit.ts';
import { storeOver } from './sqlite-store.ts';

let place: SqlitePlace;

beforeEach(async () => {
  place = await makeSqlitePlace();
  const store = await place.open();
  await store.addEnvironment(sampleEnvironment('shop'));
  for (const name of ['mail', 'feed']) await store.addJob(sampleCron('shop', name));
  await store.close();
});
afterEach(() => place.remove());

/** A file that calls `before` ahead of each commit and `after` behind it. */
class WatchedFile extends DatabaseFile {
  before: () => void = () => undefined;
  after: () => void = () => undefined;

  override commit(): void {
    this.before();
    super.commit();
    this.after();
  }
}

function watchedStore(): { store: Store; core: WatchedFile; history: WatchedFile } {
  const core = new WatchedFile(join(place.folder, 'nightshift.db'), 'FULL');
  const history = new WatchedFile(join(place.folder, 'history.db'), 'NORMAL');
  const sealer = keySealer(new Uint8Array(32));
  const { store } = storeOver({ core, history, sealer, historySince: 0 });
  return { store, core, history };
}

/** The files as they are now: what a kill -9 at this moment would leave. */
function photograph(name: string, only?: RegExp): string {
  const copy = join(place.folder, '..', name);
  cpSync(place.folder, copy, {
    recursive: true,
    filter: (path) => !path.endsWith('-shm') && (only === undefined || !/\.db/.test(path) || only.test(path)),
  });
  return copy;
}

async function ledgerOf(folder: string) {
  const store = await openSqliteStore({ folder, clock: noonClock });
  const ledger = {
    due: (await store.dueTimes({ environment: 'shop', limit: 99 })).map((due) => due.run).sort(),
    runs: (await store.runs({ environment: 'shop', limit: 99 })).map((run) => run.id).sort(),
    open: (await store.openRuns()).map((run) => run.id).sort(),
  };
  await store.close();
  return ledger;
}

test('a crash between any two commits leaves due times and runs that belong together', async () => {
  const { store, core, history } = watchedStore();
  const photographs: string[] = [];
  for (const file of [core, history]) {
    file.before = () => photographs.push(photograph(`photograph-${photographs.length}`));
    file.after = file.before;
  }
  for (let index = 0; index < 3; index += 1) {
    const { run, dueTime } = sampleDue('shop', 'mail', noon + index, `r${index}`);
    await store.beginRuns([run], [dueTime]);
    await store.runStarted(run.id, noon, sampleHandle(run.id));
    await store.runEnded(run.id, sampleEnd(), []);
  }
  core.before = core.after = history.before = history.after = () => undefined;
  await store.close();
  expect(photographs.length).toBeGreaterThan(12);
  let most = 0;
  for (const folder of photographs) {
    const ledger = await ledgerOf(folder);
    expect(ledger.runs).toEqual(ledger.due);
    expect(ledger.runs.length).toBeGreaterThanOrEqual(most);
    most = ledger.runs.length;
  }
  expect(most).toBe(3);
});

test('a power cut that takes the last of history leaves the runs it took as open ones', async () => {
  const before = photograph('old');
  const { store } = watchedStore();
  const { run, dueTime } = sampleDue('shop', 'mail', noon, 'r1');
  await store.beginRuns([run], [dueTime]);
  await store.runStarted('r1', noon, sampleHandle('r1'));
  await store.runEnded('r1', sampleEnd(), []);
  const cut = photograph('cut', /nightshift\.db/);
  await store.close();
  cpSync(join(before, 'history.db'), join(cut, 'history.db'));
  const notices: string[] = [];
  const opened = await openSqliteStore({
    folder: cut,
    clock: noonClock,
    onNotice: (notice) => notices.push(`${notice.kind} ${notice.runs}`),
  });
  expect(notices).toEqual(['runs-restored r1']);
  expect(await opened.openRuns()).toEqual([run]);
  expect(await opened.dueTimes({ environment: 'shop', limit: 9 })).toEqual([dueTime]);
  await opened.close();
  rmSync(cut, { recursive: true });
});

test('a second commit that fails takes nothing of those that needed only the first, and is tried for each alone', async () => {
  const { store, core } = watchedStore();
  const one = sampleDue('shop', 'mail', noon, 'r1');
  await store.beginRuns([one.run], [one.dueTime]);
  let fails = 1;
  core.before = () => {
    fails -= 1;
    if (fails >= 0) throw new Error('the disk is gone');
  };
  const two = sampleDue('shop', 'mail', noon + 1, 'r2');
  const answers = await Promise.all([
    store.runEnded('r1', sampleEnd(), [{ environment: 'shop', job: 'mail', exitsOk: 1 }]),
    store.beginRuns([two.run], [two.dueTime]),
    store.setMeta('a', '1'),
  ]);
  expect(answers).toEqual([true, ['r2'], undefined]);
  expect((await store.statistics('shop')).find((each) => each.job === 'mail')?.exitsOk).toBe(1);
  expect((await store.openRuns()).map((run) => run.id)).toEqual(['r2']);
  await store.close();
});

test('a run whose second commit failed for good is seen by nobody, and its due time may begin another', async () => {
  const { store, core } = watchedStore();
  core.before = () => {
    throw new Error('the disk is gone');
  };
  const first = sampleDue('shop', 'mail', noon, 'r1');
  const other = sampleDue('shop', 'feed', noon, 'r2');
  const calls = [first, other].map(({ run, dueTime }) => store.beginRuns([run], [dueTime]));
  for (const call of await Promise.allSettled(calls)) expect(call.status).toBe('rejected');
  core.before = () => undefined;
  expect(await store.openRuns()).toEqual([]);
  expect(await store.run('shop', 'r1')).toBeUndefined();
  expect(await store.runs({ environment: 'shop', limit: 1 })).toEqual([]);
  const again = sampleDue('shop', 'mail', noon, 'r3');
  expect(await store.beginRuns([again.run], [again.dueTime])).toEqual(['r3']);
  expect(await store.beginRuns([other.run], [other.dueTime])).toEqual(['r2']);
  await store.close();
  expect(await ledgerOf(place.folder)).toEqual({
    due: ['r2', 'r3'],
    runs: ['r2', 'r3'],
    open: ['r2', 'r3'],
  });
});

test('200 calls of one turn cost one commit of each file', async () => {
  const { store, core, history } = watchedStore();
  let commits = 0;
  const count = (): void => {
    commits += 1;
  };
  core.before = count;
  history.before = count;
  const calls = Array.from({ length: 200 }, (_, index) => {
    const { run, dueTime } = sampleDue('shop', 'mail', noon + index, `r${index}`);
    return store.beginRuns([run], [dueTime]);
  });
  expect((await Promise.all(calls)).flat()).toHaveLength(200);
  expect(commits).toBe(2);
  await store.close();
});
