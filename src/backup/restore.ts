/**
 * A backup becomes the data folder of a daemon. All is unpacked and looked at in a folder within; then it is moved up, the core last. A
 * restore that is cut short leaves that folder: no daemon starts beside it, and the next restore begins anew.
 */
import { copyFile, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../domain/clock.ts';
import type { Environment } from '../domain/environment.ts';
import { Refusal } from '../domain/errors.ts';
import type { Store } from '../store/store.ts';
import type { Manifest } from './manifest.ts';
import { manifestName, secretsName } from './manifest.ts';
import { readBackup } from './read-backup.ts';
import { openSecrets, type Secrets } from './sealed-secrets.ts';

const stagingName = 'restoring';
const coreName = 'nightshift.db';
const keyName = 'secret.key';
/** What is in a data folder before anything is in it: the instance lock, and the folder of logs. */
const furniture = new Set(['daemon.lock', 'daemon.pid', 'logs']);

export interface RestoreInput {
  /** The data folder: there, with its instance lock taken by the caller. */
  readonly folder: string;
  readonly file: string;
  readonly passphrase: string | null;
  /** A key file that was kept elsewhere, for a backup without secrets. */
  readonly keyFile: string | null;
  /** Let crons catch up what was due since the backup; else they count from now on, because what is missed here may have run there. */
  readonly catchUp: boolean;
  readonly openStore: (folder: string) => Promise<Store>;
  readonly clock: Clock;
}

export interface Restored {
  /** Of the backup, wall time in ms. */
  readonly createdAt: number;
  readonly version: string;
  readonly environments: readonly Environment[];
  readonly jobs: number;
}

/** Refuses a data folder in which a restore was cut short: half of something must not be served. */
export async function checkNotRestoring(folder: string): Promise<void> {
  if ((await readdir(folder)).includes(stagingName)) throw new Refusal('restore.cut-short', { folder });
}

/** @throws Refusal `restore.not-empty`, `backup.…`, `data.newer`, `data.corrupt` or `data.key`; then nothing of the backup stays in the folder */
export async function restoreBackup(input: RestoreInput): Promise<Restored> {
  const { folder, file } = input;
  const names = await readdir(folder);
  // What a restore that was cut short has moved up belongs to nobody.
  if (names.includes(stagingName)) await empty(folder);
  else if (names.some((name) => !furniture.has(name)) || (await holdsLogs(folder)))
    throw new Refusal('restore.not-empty', { folder });
  const staging = join(folder, stagingName);
  await mkdir(staging, { mode: 0o700 });
  try {
    const manifest = await readBackup(file, staging);
    await unsealSecrets(manifest, staging, input);
    const found = await settle(staging, input);
    await moveUp(staging, folder);
    return { createdAt: manifest.createdAt, version: manifest.version, ...found };
  } catch (error) {
    await empty(folder);
    throw error;
  }
}

async function empty(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (!furniture.has(name)) await rm(join(folder, name), { recursive: true, force: true });
}

const holdsLogs = async (folder: string): Promise<boolean> =>
  (await readdir(join(folder, 'logs')).catch(() => [])).length > 0;

async function unsealSecrets(
  { seal }: Manifest,
  staging: string,
  { passphrase, keyFile }: RestoreInput,
): Promise<void> {
  if (seal === null) {
    if (keyFile === null) throw new Refusal('backup.no-secrets');
    await copyFile(keyFile, join(staging, keyName)).catch((error: NodeJS.ErrnoException) => {
      throw new Refusal('backup.unreadable', { file: keyFile, why: error.code }, { cause: error });
    });
    return;
  }
  if (passphrase === null) throw new Refusal('backup.passphrase-missing');
  const sealed = join(staging, secretsName);
  const secrets: Secrets = await openSecrets(await readFile(sealed), seal, passphrase);
  for (const [name, content] of Object.entries(secrets)) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
      throw new Refusal('backup.damaged', { why: `its secrets hold "${name}"` });
    await writeFile(join(staging, name), Buffer.from(content, 'base64'), { mode: 0o600, flag: 'wx' });
  }
  await rm(sealed);
}

/** Opens the store once: it is looked at, brought to the newest schema, and its crons count from now on. */
async function settle(
  staging: string,
  { openStore, clock, catchUp }: RestoreInput,
): Promise<{ environments: readonly Environment[]; jobs: number }> {
  const store = await openStore(staging);
  try {
    if (!catchUp) await countFromNow(store, clock.wall());
    return { environments: await store.environments(), jobs: (await store.jobs()).length };
  } finally {
    await store.close();
  }
}

/** No due time before now counts: nobody knows any more which of them were served. */
export async function countFromNow(store: Store, now: number): Promise<void> {
  for (const job of await store.jobs())
    if (job.type === 'cron') await store.saveJob({ ...job, dueSince: Math.max(now, job.dueSince) });
}

async function moveUp(staging: string, folder: string): Promise<void> {
  const names = (await readdir(staging)).filter((name) => name !== manifestName && name !== coreName);
  for (const name of names) await syncFile(join(staging, name));
  await syncFile(join(staging, coreName));
  for (const name of [...names, coreName]) await rename(join(staging, name), join(folder, name));
  await syncFile(folder);
  await rm(staging, { recursive: true });
  await syncFile(folder);
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
