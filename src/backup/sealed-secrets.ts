/**
 * The secrets of a backup, sealed with a passphrase: a key is made of it by scrypt (RFC 7914), and AES-256-GCM seals with that. Whoever
 * has the file alone has to guess the passphrase, and each guess costs time and 64 MB.
 */
import { createCipheriv, createDecipheriv, randomBytes, type ScryptOptions, scrypt } from 'node:crypto';
import { Refusal } from '../domain/errors.ts';

/** How it was sealed; stands in the manifest. */
export interface Seal {
  readonly kdf: 'scrypt';
  readonly logN: number;
  readonly r: number;
  readonly p: number;
  /** Hex. */
  readonly salt: string;
}

const cost = { kdf: 'scrypt', r: 8, p: 1 } as const;
/** 64 MB, and a third of a second on a small server. */
const usualLogN = 16;
/** A manifest can't make a reader work for ever. */
const logNMax = 20;
const nonceBytes = 12;
const tagBytes = 16;
/** What is sealed can't be taken for something else that was sealed with the same passphrase. */
const purpose = Buffer.from('nightshift backup secrets 1');

/** By the name of their file. */
export type Secrets = Readonly<Record<string, string>>;

/** @param logN what a guess costs: two to this power rounds */
export async function sealSecrets(
  secrets: Secrets,
  passphrase: string,
  logN = usualLogN,
): Promise<{ seal: Seal; bytes: Buffer }> {
  const seal: Seal = { ...cost, logN, salt: randomBytes(16).toString('hex') };
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, seal), nonce);
  cipher.setAAD(purpose);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()]);
  return { seal, bytes: Buffer.concat([nonce, cipher.getAuthTag(), sealed]) };
}

/** Rejects with Refusal `backup.passphrase` when it is another passphrase. */
export async function openSecrets(bytes: Uint8Array, seal: Seal, passphrase: string): Promise<Secrets> {
  const key = await keyOf(passphrase, seal);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(purpose);
    decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
    return JSON.parse(text.toString('utf8')) as Secrets;
  } catch (cause) {
    throw new Refusal('backup.passphrase', {}, { cause });
  }
}

function keyOf(passphrase: string, { logN, r, p, salt }: Seal): Promise<Buffer> {
  const bounded = Number.isInteger(logN) && logN >= 10 && logN <= logNMax && r === cost.r && p >= 1 && p <= 4;
  if (!bounded) throw new Refusal('backup.damaged', { why: 'nobody seals secrets as it says' });
  const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: 256 * 2 ** logN * r };
  const normal = passphrase.normalize('NFC');
  return new Promise((resolve, reject) => {
    scrypt(normal, Buffer.from(salt, 'hex'), 32, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
