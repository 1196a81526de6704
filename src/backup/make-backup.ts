/** A backup of a data folder whose daemon runs: copies of the databases as of one moment, settings, and sealed secrets, in one stream. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Clock } from '../domain/clock.ts';
import { databases, placeOf, settingBytesMax } from './contents.ts';
import { formatVersion, type ListedFile, type Manifest, manifestName, secretsName } from './manifest.ts';
import { type Seal, sealSecrets } from './sealed-secrets.ts';
import { writeTar } from './tar.ts';

export interface BackupSource {
  /** The data folder. */
  readonly folder: string;
  /** Writes copies of these files of the data folder below `into`, all as of one moment; those that are not there are left out. */
  readonly copyDatabases: (names: readonly string[], into: string) => Promise<void>;
  readonly version: string;
  readonly clock: Clock;
  /** What sealing with a passphrase costs; the usual when absent. */
  readonly sealLogN?: number;
}

const stagingPrefix = '.backup-';

/** What a backup that was cut short left. */
export async function removeStaging(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(stagingPrefix)) await rm(join(folder, name), { recursive: true, force: true });
}

/**
 * The bytes of the backup, compressed as they are read; all that can be refused was done before it resolves. The copies are taken away
 * when the stream has ended or was destroyed.
 * @param passphrase null: without secrets
 */
export async function makeBackup(source: BackupSource, passphrase: string | null): Promise<Readable> {
  const { folder, clock, version } = source;
  const staging = await mkdtemp(join(folder, stagingPrefix));
  const clean = (): Promise<void> => rm(staging, { recursive: true, force: true });
  try {
    const createdAt = clock.wall();
    await source.copyDatabases(databases, staging);
    const seal = await stageSettings(source, staging, passphrase);
    const files: ListedFile[] = [];
    for (const name of (await readdir(staging)).sort()) files.push(await listed(staging, name));
    const manifest: Manifest = {
      kind: 'nightshift backup',
      format: formatVersion,
      version,
      createdAt,
      files,
      seal,
    };
    const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
    const all = [
      { name: manifestName, bytes: text.length, content: Readable.from([text]) },
      ...files.map(({ name, bytes }) => ({ name, bytes, content: createReadStream(join(staging, name)) })),
    ];
    const archive = Readable.from(writeTar(all, createdAt), { objectMode: false });
    const packed = createGzip();
    archive.once('error', (error) => packed.destroy(error));
    packed.once('close', () => {
      archive.destroy();
      void clean();
    });
    return archive.pipe(packed);
  } catch (error) {
    await clean();
    throw error;
  }
}

/** Settings that lie open, and the secrets in one sealed file; answers how they are sealed. */
async function stageSettings(
  { folder, sealLogN }: BackupSource,
  staging: string,
  passphrase: string | null,
): Promise<Seal | null> {
  const secrets: Record<string, string> = {};
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const place = placeOf(entry.name);
    const path = join(folder, entry.name);
    if (!entry.isFile() || place === 'database' || place === 'left out') continue;
    if ((await stat(path)).size > settingBytesMax) continue;
    const content = await readFile(path);
    if (place === 'open') await writeFile(join(staging, entry.name), content, { mode: 0o600 });
    else secrets[entry.name] = content.toString('base64');
  }
  if (passphrase === null) return null;
  const { seal, bytes } = await sealSecrets(secrets, passphrase, sealLogN);
  await writeFile(join(staging, secretsName), bytes, { mode: 0o600 });
  return seal;
}

async function listed(staging: string, name: string): Promise<ListedFile> {
  const digest = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(join(staging, name))) {
    digest.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { name, bytes, sha256: digest.digest('hex') };
}
