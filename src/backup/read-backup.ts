/** Reads a backup to its end, and holds every byte of it to the checksums that it names. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { Refusal } from '../domain/errors.ts';
import { type Manifest, manifestBytesMax, manifestName, readManifest } from './manifest.ts';
import { readTar, TarFault, type TarFile } from './tar.ts';

/**
 * @param into an empty folder that gets the files; null: they are only checked
 * @throws Refusal `backup.unreadable`, `backup.foreign`, `backup.newer` or `backup.damaged`
 */
export async function readBackup(file: string, into: string | null): Promise<Manifest> {
  const source = createReadStream(file);
  const unpacked = createGunzip();
  source.once('error', (error) => unpacked.destroy(error));
  try {
    return await readEntries(readTar(source.pipe(unpacked)), into);
  } catch (error) {
    throw refusalOf(error, file);
  } finally {
    source.destroy();
    unpacked.destroy();
  }
}

async function readEntries(entries: AsyncIterable<TarFile>, into: string | null): Promise<Manifest> {
  let manifest: Manifest | undefined;
  const seen = new Set<string>();
  for await (const entry of entries) {
    if (manifest === undefined) {
      manifest = await manifestOf(entry);
      continue;
    }
    const stated = manifest.files.find(({ name }) => name === entry.name);
    if (stated === undefined || seen.has(entry.name)) throw damaged(`"${entry.name}" is not in its list`);
    seen.add(entry.name);
    const found = await take(entry, into);
    if (found !== stated.sha256 || entry.bytes !== stated.bytes)
      throw damaged(`"${entry.name}" has another checksum than it had`);
  }
  const missing = manifest?.files.find(({ name }) => !seen.has(name));
  if (manifest === undefined) throw new Refusal('backup.foreign');
  if (missing !== undefined) throw damaged(`"${missing.name}" is missing`);
  return manifest;
}

async function manifestOf({ name, bytes, content }: TarFile): Promise<Manifest> {
  if (name !== manifestName || bytes > manifestBytesMax) throw new Refusal('backup.foreign');
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return readManifest(Buffer.concat(parts).toString('utf8'));
}

/** Writes it durably where it is wanted; answers its checksum. */
async function take({ name, content }: TarFile, into: string | null): Promise<string> {
  const digest = createHash('sha256');
  const handle = into === null ? null : await open(join(into, name), 'wx', 0o600);
  try {
    for await (const chunk of content) {
      digest.update(chunk);
      await handle?.writeFile(chunk);
    }
    await handle?.sync();
  } finally {
    await handle?.close();
  }
  return digest.digest('hex');
}

const damaged = (why: string): Refusal => new Refusal('backup.damaged', { why });

function refusalOf(error: unknown, file: string): unknown {
  if (error instanceof Refusal) return error;
  if (error instanceof TarFault) return damaged(error.message);
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'Z_BUF_ERROR') return damaged('it ends too soon');
  if (code === 'Z_DATA_ERROR' && /header/.test((error as Error).message))
    return new Refusal('backup.foreign');
  if (code.startsWith('Z_')) return damaged('its bytes do not fit together');
  if (/^E[A-Z]+$/.test(code)) return new Refusal('backup.unreadable', { file, why: code }, { cause: error });
  return error;
}
