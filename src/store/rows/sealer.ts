/**
 * Secrets at rest: AES-256-GCM (NIST SP 800-38D) with a key that lies in a file beside the database, so that a copy of
 * the database alone tells nothing. Layout of sealed bytes: version (1), nonce (12), tag (16), the sealed text.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Refusal } from '../../domain/errors.ts';

export interface Sealer {
  /** `place` says where it is kept: sealed bytes that were moved elsewhere can't be opened. */
  seal(text: string, place: string): Uint8Array;
  /** Throws when the bytes were sealed with another key, for another place, or changed. */
  open(sealed: Uint8Array, place: string): string;
}

/**
 * What was sealed, as text. Throws Refusal `data.corrupt`.
 * @param what names it for people: `the deploy key of "shop"`
 * @param file the database that holds it
 */
export function unseal(
  sealer: Sealer,
  sealed: Uint8Array,
  { place, what, file }: { readonly place: string; readonly what: string; readonly file: string },
): string {
  try {
    return sealer.open(sealed, place);
  } catch (error) {
    throw new Refusal('data.corrupt', { file, why: `${what} can't be unsealed` }, { cause: error });
  }
}

const keyBytes = 32;
const version = 1;
const nonceEnd = 13;
const tagEnd = 29;

export function keySealer(key: Uint8Array): Sealer {
  return {
    seal(text, place) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(place));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), sealed]);
    },
    open(sealed, place) {
      if (sealed[0] !== version) throw new Error(`sealed bytes of an unknown version ${sealed[0]}`);
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, nonceEnd), {
        authTagLength: 16,
      });
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(sealed.subarray(nonceEnd, tagEnd));
      return Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()]).toString('utf8');
    },
  };
}

/**
 * Reads the key file, or makes it where there is none and nothing was sealed yet (`mayMake`).
 * Rejects with Refusal `data.key`. A file that others may read is closed to them.
 */
export function sealerOfFile(file: string, mayMake: boolean): Sealer {
  if (!existsSync(file)) {
    if (!mayMake) throw new Refusal('data.key', { file, why: 'is missing' });
    writeDurably(file, randomBytes(keyBytes).toString('hex'));
  }
  if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  const text = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Refusal('data.key', { file, why: 'holds no key' });
  return keySealer(Buffer.from(text, 'hex'));
}

/** The file is there whole or not at all, also after a power cut: nothing may be sealed with a key that is then gone. */
function writeDurably(file: string, text: string): void {
  const draft = `${file}.new`;
  const handle = openSync(draft, 'w', 0o600);
  try {
    writeSync(handle, `${text}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
