/** What stands first in a backup: what it is, of what version, and the checksum of each file in it. */
import { Refusal } from '../domain/errors.ts';
import type { Seal } from './sealed-secrets.ts';

export const manifestName = 'manifest.json';
export const secretsName = 'secrets.sealed';
/** Grows when older programs could not read it rightly. */
export const formatVersion = 1;
export const manifestBytesMax = 1024 * 1024;

export interface ListedFile {
  readonly name: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

export interface Manifest {
  readonly kind: 'nightshift backup';
  readonly format: number;
  /** Of the program that made it. */
  readonly version: string;
  /** Wall time, ms: everything in it is as it was at this moment. */
  readonly createdAt: number;
  readonly files: readonly ListedFile[];
  /** How its secrets are sealed; null: they are not in it. */
  readonly seal: Seal | null;
}

/** Rejects with Refusal `backup.foreign`, `backup.newer` or `backup.damaged`. */
export function readManifest(text: string): Manifest {
  const read = parsed(text);
  if (read?.kind !== 'nightshift backup') throw new Refusal('backup.foreign');
  if (typeof read.format !== 'number' || read.format > formatVersion)
    throw new Refusal('backup.newer', { version: read.version });
  const files = Array.isArray(read.files) && read.files.every(isListed);
  if (!files || typeof read.createdAt !== 'number' || read.seal === undefined)
    throw new Refusal('backup.damaged', { why: 'its list of files is not complete' });
  return read as unknown as Manifest;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // No JSON: it is none of ours.
    return undefined;
  }
}

const isListed = (file: unknown): file is ListedFile => {
  const { name, bytes, sha256 } = (file ?? {}) as Record<string, unknown>;
  return (
    typeof name === 'string' &&
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,98}$/.test(name) &&
    Number.isSafeInteger(bytes) &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256)
  );
};
