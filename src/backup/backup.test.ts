import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/testkit/fake-clock.ts';
import { makeTempFolder, type TempFolder } from '../../test/testkit/temp-folder.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { copyDatabases } from '../store/sqlite/copy.ts';
import { joinNewerHistory } from '../store/sqlite/newer-history.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import { sampleCron, sampleEnvironment, sampleRun, sampleWorker } from '../store/store.testkit.ts';
import type { Store } from '../store/store.ts';
import { automaticBackups, makeIfDue } from './automatic.ts';
import { type BackupSource, copiesOf } from './backups.ts';
import { makeBackup } from './make-backup.ts';
import { readBackup } from './read-backup.ts';
import { openOrRescue } from './rescue.ts';
import { checkNotRestoring, type RestoreInput, restoreBackup } from './restore.ts';
import { openSecrets, sealSecrets } from './sealed-secrets.ts';

const passphrase = 'a long passphrase';
const clock = new FakeClock();
let folder: TempFolder;
let store: Store;
let source: BackupSource;
const at = (...names: string[]) => join(folder.path, ...names);
const openStore = (where: string) => openSqliteStore({ folder: where, clock });

beforeEach(async () => {
  folder = await makeTempFolder('backup');
  store = await openStore(at('data'));
  await writeFile(at('data/plans.yml'), 'plans: []\n');
  await writeFile(at('data/ssh_host_ed25519_key'), 'a host key');
  source = {
    ...{ folder: at('data'), version: '1.2.3', clock, sealLogN: 10 },
    copyDatabases: (names, into) => copyDatabases(copiesOf(at('data'), names, into)),
  };
  await store.addEnvironment(sampleEnvironment('shop'));
  await store.setVariables('shop', { TOKEN: 'hush' });
  await store.addJob(sampleWorker('shop', 'mail'));
  await store.addJob(sampleCron('shop', 'report', { catchUp: 'latest', dueSince: 7 }));
});
afterEach(async () => {
  await store.close();
  await folder.dispose();
});

async function backedUp(name = 'file', with_: string | null = passphrase): Promise<string> {
  await pipeline(await makeBackup(source, with_), createWriteStream(at(name)));
  return at(name);
}

async function restored(file: string, extra: Partial<RestoreInput> = {}): Promise<Store> {
  await mkdir(at('other'), { recursive: true });
  await restoreBackup({
    ...{ folder: at('other'), file, passphrase, keyFile: null, catchUp: false, openStore, clock },
    ...extra,
  });
  return await openStore(at('other'));
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
  );

describe('a backup', () => {
  test('is restored with everything, and leaves nothing beside the data', async () => {
    const there = await restored(await backedUp());
    expect(await there.environments()).toEqual(await store.environments());
    expect(await there.variables('shop')).toEqual({ TOKEN: 'hush' });
    expect(await there.job('shop', 'mail')).toEqual(await store.job('shop', 'mail'));
    await there.close();
    expect(await readFile(at('other/ssh_host_ed25519_key'), 'utf8')).toBe('a host key');
    expect((await readdir(at('other'))).sort()).toEqual([
      ...['history.db', 'nightshift.db', 'plans.yml', 'secret.key', 'ssh_host_ed25519_key'],
    ]);
    expect((await stat(at('other/secret.key'))).mode & 0o777).toBe(0o600);
    expect((await readdir(at('data'))).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('of a store that is written to fits together: each run that the core knows is in the history', async () => {
    let going = true;
    let count = 0;
    const writing = (async () => {
      while (going) {
        const id = `run-${String(count++).padStart(6, '0')}`;
        await store.beginRuns([sampleRun('shop', id)], []);
      }
    })();
    const files: string[] = [];
    for (let round = 0; round < 3; round++) files.push(await backedUp(`file-${round}`));
    going = false;
    await writing;
    const found: number[] = [];
    for (const [round, file] of files.entries()) {
      await mkdir(at(`other-${round}`));
      const notices: string[] = [];
      const opened = (where: string) =>
        openSqliteStore({ folder: where, clock, onNotice: ({ sentence }) => notices.push(sentence) });
      await restored(file, { folder: at(`other-${round}`), openStore: opened }).then((each) => each.close());
      const there = await opened(at(`other-${round}`));
      const ids = (await there.openRuns()).map(({ id }) => id);
      expect(ids).toEqual(ids.map((_, index) => `run-${String(index).padStart(6, '0')}`));
      expect(notices).toEqual([]);
      found.push(ids.length);
      await there.close();
    }
    expect(found).toEqual(found.toSorted((a, b) => a - b));
    expect(found.at(-1)).toBeLessThanOrEqual(count);
  });

  test('has crons count from the moment of restoring, unless they are to catch up', async () => {
    const file = await backedUp();
    clock.advance(86_400_000);
    const there = await restored(file);
    expect(await there.job('shop', 'report')).toMatchObject({ dueSince: clock.wall(), catchUp: 'latest' });
    await there.close();
    await mkdir(at('third'));
    await restoreBackup({
      ...{ folder: at('third'), file, passphrase, keyFile: null, catchUp: true, openStore, clock },
    });
    const third = await openStore(at('third'));
    expect(await third.job('shop', 'report')).toEqual(await store.job('shop', 'report'));
    await third.close();
  });

  test('without secrets wants the key file', async () => {
    const file = await backedUp('file', null);
    expect(await codeOf(restored(file))).toBe('backup.no-secrets');
    await writeFile(at('wrong.key'), `${'0'.repeat(64)}\n`);
    expect(await codeOf(restored(file, { keyFile: at('wrong.key') }))).toBe('data.key');
    expect(await readdir(at('other'))).toEqual([]);
    const there = await restored(file, { keyFile: at('data/secret.key') });
    expect(await there.variables('shop')).toEqual({ TOKEN: 'hush' });
    await there.close();
  });

  test('gives nothing away of its secrets', async () => {
    const bytes = (await import('node:zlib')).gunzipSync(await readFile(await backedUp()));
    const key = (await readFile(at('data/secret.key'), 'utf8')).trim();
    for (const secret of ['hush', key, Buffer.from(key, 'hex'), 'a host key'])
      expect(bytes.includes(secret)).toBe(false);
    expect(bytes.includes('artisan queue:work')).toBe(true);
  });

  test('is refused with another passphrase, into a folder that is not empty, and of a newer version', async () => {
    const file = await backedUp();
    expect(await codeOf(restored(file, { passphrase: 'another passphrase' }))).toBe('backup.passphrase');
    expect(await codeOf(restored(file, { passphrase: null }))).toBe('backup.passphrase-missing');
    expect(await codeOf(restored(file, { folder: at('data') }))).toBe('restore.not-empty');
    expect(await codeOf(restored(at('none')))).toBe('backup.unreadable');
    expect(await codeOf(restored(at('data/plans.yml')))).toBe('backup.foreign');
    expect(await readdir(at('other'))).toEqual([]);
    const { DatabaseSync } = await import('node:sqlite');
    const core = new DatabaseSync(at('data/nightshift.db'));
    core.exec('PRAGMA user_version = 9999');
    core.close();
    expect(await codeOf(restored(await backedUp('newer')))).toBe('data.newer');
    expect(await readdir(at('other'))).toEqual([]);
  });

  test('that was cut or changed anywhere is refused, or is the same as before', async () => {
    const bytes = await readFile(await backedUp());
    const whole = await readBackup(at('file'), null);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.boolean(),
        async (place, value, cut) => {
          const changed = cut ? bytes.subarray(0, place) : Buffer.from(bytes);
          if (!cut) changed[place] = value;
          await writeFile(at('changed'), changed);
          const into = await mkdtemp(at('into-'));
          try {
            expect(await readBackup(at('changed'), into)).toEqual(whole);
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            expect(error.code).toMatch(/^backup\.(damaged|foreign|newer)$/);
          }
          await rm(into, { recursive: true });
        },
      ),
      { numRuns: 40 },
    );
  });
});

test('a restore that was cut short keeps daemons away, and the next one begins anew', async () => {
  await mkdir(at('other/restoring'), { recursive: true });
  await writeFile(at('other/history.db'), 'half');
  expect(await codeOf(checkNotRestoring(at('other')))).toBe('restore.cut-short');
  const there = await restored(await backedUp());
  expect(await there.jobs()).toHaveLength(2);
  await there.close();
  await checkNotRestoring(at('other'));
});

test('secrets that were sealed with a passphrase are opened with it alone', async () => {
  const { seal, bytes } = await sealSecrets({ 'secret.key': 'abc' }, 'Grüße an alle', 10);
  expect(await openSecrets(bytes, seal, 'Gru\u0308ße an alle')).toEqual({ 'secret.key': 'abc' });
  expect(await codeOf(openSecrets(bytes, seal, 'Grüße an alle '))).toBe('backup.passphrase');
  expect(await codeOf(openSecrets(bytes, { ...seal, logN: 40 }, 'x'))).toBe('backup.damaged');
});

describe('the daemon’s own backups', () => {
  test('are made once a day, and the newest few stay', async () => {
    const made: string[] = [];
    for (let day = 0; day < limits.automaticBackupsKept + 2; day++) {
      const path = await makeIfDue(source);
      if (path !== null) made.push(path);
      // The file's own time is that of this machine.
      if (path !== null)
        await (await import('node:fs/promises')).utimes(path, clock.wall() / 1000, clock.wall() / 1000);
      expect(await makeIfDue(source)).toBeNull();
      clock.advance(86_400_000);
    }
    expect(await automaticBackups(at('data'))).toEqual(made.reverse().slice(0, limits.automaticBackupsKept));
    expect((await readBackup(made[0] as string, null)).seal).toBeNull();
  });

  /** Overwrites pages in the middle of the core. */
  async function damage(): Promise<void> {
    const file = await open(at('data/nightshift.db'), 'r+');
    const { size } = await file.stat();
    await file.write(Buffer.alloc(size - 4096, 0x5a), 0, size - 4096, 4096);
    await file.close();
  }

  const rescued = (told: string[]) =>
    openOrRescue({
      ...{ folder: at('data'), clock, joinNewerHistory, tell: (sentence) => told.push(sentence) },
      openStore: () => openStore(at('data')),
    });

  test('bring a damaged core back, with the runs that go on; what was damaged stays beside it', async () => {
    await makeIfDue(source);
    await store.beginRuns([sampleRun('shop', 'run-after')], []);
    await store.addEnvironment(sampleEnvironment('lost'));
    await store.beginRuns([sampleRun('lost', 'run-lost')], []);
    await store.close();
    await damage();
    const told: string[] = [];
    store = await rescued(told);
    expect((await store.openRuns()).map(({ id }) => id)).toEqual(['run-after']);
    expect((await store.jobs('shop')).map(({ name }) => name)).toEqual(['mail', 'report']);
    expect(await store.variables('shop')).toEqual({ TOKEN: 'hush' });
    expect(told).toEqual([
      expect.stringMatching(
        /nightshift\.db was damaged .* it was set aside as .* 1 open run came from the history/,
      ),
    ]);
    expect((await readdir(at('data'))).filter((name) => name.includes('set-aside'))).toHaveLength(1);
    expect((await store.activity({ limit: 1 }))[0]).toMatchObject({ act: 'recover from a damaged database' });
    // What is new now is not taken for what was lost.
    await store.addEnvironment(sampleEnvironment('fresh'));
    expect(await store.runs({ environment: 'fresh', limit: 10 })).toEqual([]);
  });

  test('that are of no help leave the damaged file where it is', async () => {
    await mkdir(at('data/backups'));
    await writeFile(at('data/backups/2026-01-01T000000Z.backup'), 'nothing');
    await store.close();
    await damage();
    const before = await readFile(at('data/nightshift.db'));
    const told: string[] = [];
    expect(await codeOf(rescued(told))).toBe('data.corrupt');
    expect(told).toEqual([expect.stringContaining('is of no help: that is no backup of Nightshift')]);
    expect((await readFile(at('data/nightshift.db'))).equals(before)).toBe(true);
    await rm(at('data/nightshift.db'));
    store = await openStore(at('fresh'));
  });
});
