import { randomBytes } from 'node:crypto';

/** Crockford's base32, lower case: no letter that is read for another. Its order is that of the characters. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * Run ids that sort by time: 10 characters of milliseconds, 2 that count within one, 4 of chance.
 * An id is never smaller than one drawn before it by the same process, whatever the clock does.
 */
export function createIdSource(wall: () => number): () => string {
  let lastMs = 0;
  let count = 0;
  return () => {
    const now = wall();
    if (now > lastMs) {
      lastMs = now;
      count = 0;
    } else if (++count >= 1024) {
      lastMs++;
      count = 0;
    }
    const chance = [...randomBytes(4)].map((byte) => alphabet[byte & 31]).join('');
    return base32(lastMs, 10) + base32(count, 2) + chance;
  };
}

function base32(value: number, length: number): string {
  let text = '';
  for (let rest = value, at = 0; at < length; at++) {
    text = alphabet[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
