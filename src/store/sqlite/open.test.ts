import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  noon,
  sampleCron,
  sampleDue,
  sampleEnd,
  sampleEnvironment,
  sampleHandle,
  sampleRun,
  sampleWorker,
} from '../store.testkit.ts';
import type { Store } from '../store.ts';
import { coreMigrations } from './migrations.ts';
import { openSqliteStore, type StoreNotice } from './open.ts';
import { makeSqlitePlace, noonClock, type SqlitePlace } from './sqlite.testkit.ts';

let place: SqlitePlace;
let notices: StoreNotice[];

beforeEach(async () => {
  place = await makeSqlitePlace();
  notices = [];
});
afterEach(() => place.remove());

const file = (name: string): string => join(place.folder, name);
const open = (): Promise<Store> =>
  openSqliteStore({ folder: place.folder, clock: noonClock, onNotice: (notice) => notices.push(notice) });

/** A folder with an environment, a job, a variable, a run that has ended and one that is open. */
async function fill(): Promise<void> {
  const store = await open();
  await store.addEnvironment(sampleEnvironment('shop'));
  await store.addJob(sampleCron('shop', 'mail'));
  await store.setVariables('shop', { SECRET: 'correct horse battery staple' });
  const due = sampleDue('shop', 'mail', noon, 'ended');
  await store.beginRuns([due.run, sampleRun('shop', 'open')], [due.dueTime]);
  await store.runStarted('open', noon, sampleHandle('open'));
  await store.runEnded('ended', sampleEnd(), [{ environment: 'shop', job: 'mail', exitsOk: 1 }]);
  await store.close();
}

/** Every file below the folder with its bytes, to see that nothing was changed. */
const contents = (): Record<string, string> =>
  Object.fromEntries(readdirSync(place.folder).map((name) => [name, readFileSync(file(name), 'base64')]));

describe('the files of the store', () => {
  test('are for their owner alone, also those that SQLite makes beside them', async () => {
    const store = await open();
    await store.addEnvironment(sampleEnvironment('shop'));
    await store.beginRuns([sampleRun('shop', 'r1')], []);
    const names = readdirSync(place.folder);
    expect(names).toEqual(expect.arrayContaining(['nightshift.db-wal', 'history.db-shm', 'secret.key']));
    for (const name of names) expect(statSync(file(name)).mode & 0o777, name).toBe(0o600);
    expect(statSync(place.folder).mode & 0o777).toBe(0o700);
    await store.close();
    expect(readdirSync(place.folder).sort()).toEqual(['history.db', 'nightshift.db', 'secret.key']);
  });

  test('that others could read are closed to them', async () => {
    await fill();
    for (const name of readdirSync(place.folder)) chmodSync(file(name), 0o644);
    await (await open()).close();
    for (const name of readdirSync(place.folder)) expect(statSync(file(name)).mode & 0o777, name).toBe(0o600);
  });

  test('hold no variable in clear', async () => {
    await fill();
    for (const name of readdirSync(place.folder))
      expect(readFileSync(file(name)).includes('correct horse'), name).toBe(false);
  });

  test('leave no notice when all is well', async () => {
    await fill();
    await (await open()).close();
    expect(notices).toEqual([]);
  });
});

describe('a data folder that can not be used', () => {
  test('is refused where a file is in its place, and nothing is left behind', async () => {
    const top = join(place.folder, '..');
    writeFileSync(join(top, 'file'), 'mine');
    const folder = join(top, 'file', 'below');
    const call = openSqliteStore({ folder, clock: noonClock });
    await expect(call).rejects.toMatchObject({
      code: 'data.not-writable',
      message: expect.stringContaining('is not a folder'),
    });
    expect(readdirSync(top)).toEqual(['file']);
  });

  test('is refused where a folder is in the place of its database, and nothing is left behind', async () => {
    mkdirSync(file('nightshift.db'), { recursive: true });
    await expect(open()).rejects.toMatchObject({ code: 'data.not-writable' });
    expect(readdirSync(place.folder)).toEqual(['nightshift.db']);
  });

  test('is refused where the key can not be made, and nothing is left behind', async () => {
    mkdirSync(file('secret.key.new'), { recursive: true });
    await expect(open()).rejects.toMatchObject({ code: 'data.not-writable' });
    expect(readdirSync(place.folder)).toEqual(['secret.key.new']);
  });

  test('is refused when a newer version has been there, and stays as it is', async () => {
    await fill();
    const database = new DatabaseSync(file('nightshift.db'));
    database.exec(`PRAGMA user_version = ${coreMigrations.length + 1}`);
    database.close();
    const before = contents();
    await expect(open()).rejects.toMatchObject({
      code: 'data.newer',
      parameters: { folder: place.folder, found: coreMigrations.length + 1, known: coreMigrations.length },
    });
    expect(contents()).toEqual(before);
  });
});

describe('a damaged nightshift.db', () => {
  const damages: [string, (path: string) => void][] = [
    ['that is no database', (path) => writeFileSync(path, 'x'.repeat(20_000))],
    ['whose pages were overwritten', (path) => overwrite(path, 4_096)],
    ['that was cut off', (path) => truncateSync(path, 9_000)],
  ];

  test.each(damages)('%s is refused by name, and stays as it is', async (_, damage) => {
    await fill();
    damage(file('nightshift.db'));
    const before = contents();
    await expect(open()).rejects.toMatchObject({
      code: 'data.corrupt',
      parameters: { file: file('nightshift.db') },
    });
    expect(contents()).toEqual(before);
  });

  test('row is an error that names it, never a gap in a list', async () => {
    await fill();
    const database = new DatabaseSync(file('nightshift.db'));
    database.exec(`update jobs set document = json_set(document, '$.status', 'asleep')`);
    database.close();
    const store = await open();
    const sentence = expect.stringContaining('job "mail" of "shop": status');
    await expect(store.jobs()).rejects.toMatchObject({ code: 'data.corrupt', message: sentence });
    await expect(store.job('shop', 'mail')).rejects.toMatchObject({ code: 'data.corrupt' });
    expect(await store.environments()).toHaveLength(1);
    await store.close();
  });
});

describe('a history.db that can not be used', () => {
  const losses: [string, StoreNotice['kind'], () => void][] = [
    ['that is missing', 'history-missing', () => rmSync(file('history.db'))],
    ['that is no database', 'history-set-aside', () => writeFileSync(file('history.db'), 'x'.repeat(20_000))],
    ['whose pages were overwritten', 'history-set-aside', () => overwrite(file('history.db'), 4_096)],
    ['that is empty', 'history-missing', () => writeFileSync(file('history.db'), '')],
  ];

  test.each(losses)('%s is made anew, and this is said', async (_, kind, lose) => {
    await fill();
    lose();
    const store = await open();
    expect(notices.map((notice) => notice.kind)).toEqual([kind, 'runs-restored']);
    expect(notices[0]?.sentence).toContain(file('history.db'));
    const aside = readdirSync(place.folder).filter((name) => name.includes('.set-aside-'));
    expect(aside).toEqual(kind === 'history-missing' ? [] : ['history.db.set-aside-20210114T120000Z']);
    expect(await store.jobs()).toEqual([sampleCron('shop', 'mail')]);
    await store.close();
  });

  test('leaves the runs that were open, as they were begun, and the due times', async () => {
    await fill();
    rmSync(file('history.db'));
    const store = await open();
    expect((await store.run('shop', 'open'))?.handle).toBeNull();
    expect((await store.openRuns()).map((run) => run.id)).toContain('open');
    expect(await store.dueTimes({ environment: 'shop', limit: 9 })).toHaveLength(1);
    const again = sampleDue('shop', 'mail', noon, 'again');
    expect(await store.beginRuns([again.run], [again.dueTime])).toEqual([]);
    expect(await store.runEnded('open', sampleEnd({ outcome: 'lost' }), [])).toBe(true);
    await store.close();
    notices = [];
    await (await open()).close();
    expect(notices).toEqual([]);
  });

  test('does not bring back runs whose end was on the disk', async () => {
    await fill();
    const store = await open();
    await store.housekeep(noon);
    await store.close();
    rmSync(file('history.db'));
    const anew = await open();
    expect((await anew.openRuns()).map((run) => run.id)).toEqual(['open']);
    await anew.close();
  });

  test('because it belongs to another nightshift.db is set aside', async () => {
    await fill();
    for (const name of ['nightshift.db', 'secret.key']) rmSync(file(name));
    const store = await open();
    await store.addEnvironment(sampleEnvironment('blog'));
    expect(await store.runs({ environment: 'blog', limit: 9 })).toEqual([]);
    expect(await store.openRuns()).toEqual([]);
    expect(notices.map((notice) => notice.kind)).toEqual(['history-set-aside']);
    await store.close();
  });
});

describe('the key', () => {
  test('is made once', async () => {
    await fill();
    const key = readFileSync(file('secret.key'), 'utf8');
    const store = await open();
    expect(await store.variables('shop')).toEqual({ SECRET: 'correct horse battery staple' });
    await store.close();
    expect(readFileSync(file('secret.key'), 'utf8')).toBe(key);
  });

  const losses: [string, string, () => void][] = [
    ['that is missing', 'is missing', () => rmSync(file('secret.key'))],
    ['that is another', 'is not the one', () => writeFileSync(file('secret.key'), 'ab'.repeat(32))],
    ['that is none', 'holds no key', () => writeFileSync(file('secret.key'), 'hello')],
  ];

  test.each(losses)('%s is refused while variables are sealed with it', async (_, why, lose) => {
    await fill();
    lose();
    const before = contents();
    await expect(open()).rejects.toMatchObject({ code: 'data.key', message: expect.stringContaining(why) });
    expect(contents()).toEqual(before);
  });

  test('that is missing is made anew where nothing is sealed', async () => {
    await fill();
    const store = await open();
    await store.setVariables('shop', { SECRET: null });
    await store.close();
    rmSync(file('secret.key'));
    const anew = await open();
    await anew.setVariables('shop', { SECRET: 'new' });
    expect(await anew.variables('shop')).toEqual({ SECRET: 'new' });
    await anew.close();
  });

  test('of a sealer given from outside needs no file', async () => {
    const sealer = {
      seal: (text: string) => Buffer.from(text).reverse(),
      open: (sealed: Uint8Array) => Buffer.from(sealed).reverse().toString(),
    };
    const store = await openSqliteStore({ folder: place.folder, clock: noonClock, sealer });
    await store.addEnvironment(sampleEnvironment('shop'));
    await store.setVariables('shop', { SECRET: 'abc' });
    expect(await store.variables('shop')).toEqual({ SECRET: 'abc' });
    expect(existsSync(file('secret.key'))).toBe(false);
    await store.close();
  });
});

test('a stray reader of the files holds nothing up', async () => {
  await fill();
  const store = await open();
  const reader = new DatabaseSync(file('nightshift.db'), { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('select count(*) from jobs').get();
  await store.addJob(sampleWorker('shop', 'other'));
  await store.housekeep(noon);
  expect(await store.jobs()).toHaveLength(2);
  reader.close();
  await store.close();
});

test('runs that are forgotten never come back as open, also when a stray reader held up the disk', async () => {
  await fill();
  const store = await open();
  const reader = new DatabaseSync(file('history.db'), { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('select count(*) from runs').get();
  await store.beginRuns([sampleRun('shop', 'late', { createdAt: noon - 1 })], []);
  await store.runEnded('late', sampleEnd(), []);
  const held = await store.pruneRuns(0);
  reader.close();
  await store.close();
  const again = await open();
  expect((await again.openRuns()).map((run) => run.id)).toEqual(['open']);
  expect([...held, ...(await again.pruneRuns(0))].sort()).toEqual(['ended', 'late']);
  await again.close();
});

test('a stray writer makes a write fail for as long as it holds the lock, and no longer', async () => {
  await fill();
  const store = await open();
  const writer = new DatabaseSync(file('nightshift.db'));
  writer.exec('BEGIN IMMEDIATE');
  const calls = await Promise.allSettled(['a', 'b', 'c'].map((key) => store.setMeta(key, '1')));
  expect(calls.map((call) => call.status === 'rejected' && call.reason.code)).toEqual(
    Array(3).fill('store.unavailable'),
  );
  writer.exec('ROLLBACK');
  writer.close();
  await store.setMeta('a', '2');
  expect(await store.meta('a')).toBe('2');
  await store.close();
});

/** Noise over everything from a byte on. */
function overwrite(path: string, from: number): void {
  const bytes = readFileSync(path);
  for (let index = from; index < bytes.length; index += 1) bytes[index] = (index * 31 + 7) % 251;
  writeFileSync(path, bytes);
}
