/** The log as a file: its name, its type, and what compresses it on the way. */
import type { Duplex } from 'node:stream';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { z } from 'zod';
import type { Routes } from '../contract/routes.ts';

type Query = z.output<Routes['logs']['query']>;

const types = { none: '', gzip: 'application/gzip', zstd: 'application/zstd' } as const;
const endings = { none: '', gzip: '.gz', zstd: '.zst' } as const;

export function logHeaders(
  environment: string,
  { format, compress, download }: Query,
): Record<string, string> {
  const plain = format === 'text' ? 'text/plain; charset=utf-8' : 'application/x-ndjson';
  const type = { 'content-type': compress === 'none' ? plain : types[compress] };
  if (download === undefined && compress === 'none') return type;
  // The name of an environment is a DNS label: nothing of it needs quoting.
  const name = `${environment}${format === 'text' ? '.log' : '.ndjson'}${endings[compress]}`;
  return { ...type, 'content-disposition': `attachment; filename="${name}"` };
}

/** It works in threads of its own, and holds its writer up as its reader does. */
export function compressorOf(form: Query['compress']): Duplex | undefined {
  if (form === 'none') return undefined;
  return form === 'gzip' ? createGzip() : createZstdCompress();
}

/** Resolves when all that was written has been handed on. Rejects when it broke off. */
export function ended(compressor: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    compressor.once('end', resolve);
    compressor.once('close', () => reject(new Error('the reader has left')));
    compressor.once('error', reject);
    compressor.end();
  });
}
