/** A new ed25519 key, in OpenSSH's own form. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';

const type = 'ssh-ed25519';

export interface OpenSshKey {
  /** `ssh-ed25519 AAAA… comment`. */
  readonly publicKey: string;
  /** As a file holds it. */
  readonly privateKey: string;
}

export function makeOpenSshKey(comment: string): OpenSshKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x = '', d = '' } = privateKey.export({ format: 'jwk' });
  const [publicHalf, seed] = [Buffer.from(x, 'base64url'), Buffer.from(d, 'base64url')];
  const publicBlob = Buffer.concat([text(type), text(publicHalf)]);
  return {
    publicKey: `${type} ${publicBlob.toString('base64')} ${comment}`,
    privateKey: armoured(publicBlob, publicHalf, seed, comment),
  };
}

/*
 *   "openssh-key-v1" NUL
 *   string  cipher, string  kdf, string  kdf options    "none", "none", ""
 *   uint32  number of keys                              1
 *   string  public key
 *   string  of the private part:
 *     uint32  the same random number, twice
 *     string  type, string  public half, string  seed and public half, string  comment
 *     bytes   1, 2, 3 … up to a multiple of 8
 */
function armoured(publicBlob: Buffer, publicHalf: Buffer, seed: Buffer, comment: string): string {
  const check = randomBytes(4);
  const secret = Buffer.concat([
    ...[check, check, text(type), text(publicHalf)],
    ...[text(Buffer.concat([seed, publicHalf])), text(comment)],
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[text('none'), text('none'), text(''), number(1), text(publicBlob)],
    text(Buffer.concat([secret, padding])),
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const text = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
};
