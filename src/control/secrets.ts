/** Secrets that are drawn, not chosen: 256 bits, so that a plain hash of them is enough to keep. */
import { createHash, randomBytes } from 'node:crypto';

export const drawSecret = (): string => randomBytes(32).toString('base64url');

/** What is kept in place of a secret. Looking it up by its hash tells nothing about it by the time that it takes. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
