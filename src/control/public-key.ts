/** Reads a public key as people hand it in: the one line of a `.pub` file, held to the layout of RFC 4253, section 6.6. */
import { createHash } from 'node:crypto';
import { Refusal } from '../domain/errors.ts';
import { rsaBitsLeast, type SshKeyType, sshKeyTypes } from '../domain/ssh-key.ts';

export interface PublicKey {
  readonly type: SshKeyType;
  readonly base64: string;
  readonly fingerprint: string;
  /** What stands after the key; may be empty. */
  readonly comment: string;
}

/** Types of keys that exist and are not taken: old ones, and those that ssh2 can't check. */
const otherTypes =
  /^(ssh-dss|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com|[a-z0-9-]+-cert-v\d+@openssh\.com)$/;

/** Throws Refusal `key.invalid`, `key.private`, `key.type` or `key.weak`. */
export function readPublicKey(text: string): PublicKey {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) throw new Refusal('key.private');
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const [line, ...more] = lines;
  if (line === undefined) throw new Refusal('key.invalid', { why: 'it is empty' });
  if (more.length > 0)
    throw new Refusal('key.invalid', { why: `it has ${lines.length} lines: hand in one key at a time` });
  const [type = '', base64 = '', ...words] = line.trim().split(/\s+/);
  if (otherTypes.test(type)) throw new Refusal('key.type', { type });
  const known = sshKeyTypes.find((each) => each === type);
  if (known === undefined)
    throw new Refusal('key.invalid', { why: `it does not begin with ${sshKeyTypes[0]}` });
  const blob = Buffer.from(base64, 'base64');
  // Node reads over what is no base64: only what it would write itself is taken.
  if (blob.toString('base64') !== base64)
    throw new Refusal('key.invalid', { why: 'the key is cut or garbled' });
  checkLayout(known, blob);
  return { type: known, base64, fingerprint: fingerprintOf(blob), comment: words.join(' ') };
}

/** `SHA256:…` of a key as it goes over the wire. */
export const fingerprintOf = (blob: Uint8Array): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;

/** How many strings each type holds, with its own name as the first. */
const strings: Record<SshKeyType, number> = {
  'ssh-ed25519': 2,
  'ecdsa-sha2-nistp256': 3,
  'ecdsa-sha2-nistp384': 3,
  'ecdsa-sha2-nistp521': 3,
  'ssh-rsa': 3,
};

function checkLayout(type: SshKeyType, blob: Buffer): void {
  const found: Buffer[] = [];
  let at = 0;
  while (at + 4 <= blob.length && found.length < strings[type]) {
    const length = blob.readUInt32BE(at);
    found.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  const [name, ...rest] = found;
  if (at !== blob.length || found.length !== strings[type] || name?.toString('latin1') !== type)
    throw new Refusal('key.invalid', { why: 'the key is cut or garbled' });
  if (type === 'ssh-ed25519' && rest[0]?.length !== 32)
    throw new Refusal('key.invalid', { why: 'the key is cut or garbled' });
  if (type === 'ssh-rsa') checkModulus(rest[1] ?? Buffer.alloc(0));
}

function checkModulus(modulus: Buffer): void {
  const digits = modulus.toString('hex').replace(/^(00)+/, '');
  const bits = digits === '' ? 0 : BigInt(`0x${digits}`).toString(2).length;
  if (bits < rsaBitsLeast) throw new Refusal('key.weak', { bits, limit: rsaBitsLeast });
}
