/**
 * Codes that change every 30 s (TOTP, RFC 6238, over HOTP, RFC 4226): six digits of HMAC-SHA-1, as every authenticator
 * app makes them; and recovery codes, good once, for whoever has lost the device.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SecondFactor } from '../domain/account.ts';
import { hashOf } from './secrets.ts';

const stepMs = 30_000;
const digits = 6;
/** Steps by which the device's clock may be off, either way. */
const tolerance = 1;
/** As long as the hash, as RFC 4226 recommends. */
const secretBytes = 20;
const recoveryCodes = 10;

/** RFC 4648, which authenticator apps read. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function base32(bytes: Uint8Array): string {
  let text = '';
  let rest = 0;
  let bits = 0;
  for (const byte of bytes) {
    rest = (rest << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += alphabet[(rest >> (bits - 5)) & 31];
    rest &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + alphabet[(rest << (5 - bits)) & 31];
}

/** Undefined when the text is none. */
export function fromBase32(text: string): Buffer | undefined {
  const bytes: number[] = [];
  let rest = 0;
  let bits = 0;
  for (const letter of text.toUpperCase()) {
    const value = alphabet.indexOf(letter);
    if (value < 0) return undefined;
    rest = ((rest << 5) | value) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((rest >> bits) & 0xff);
  }
  return Buffer.from(bytes);
}

export const drawFactorSecret = (): string => base32(randomBytes(secretBytes));

export const isFactorSecret = (text: string): boolean => fromBase32(text)?.length === secretBytes;

/** What an authenticator app reads from a QR code. */
export const factorUrl = (account: string, secret: string): string =>
  `otpauth://totp/${encodeURIComponent(`Nightshift:${account}`)}?${new URLSearchParams({ secret, issuer: 'Nightshift' })}`;

export const stepAt = (wall: number): number => Math.floor(wall / stepMs);

/** The code of a time step. */
export function codeAt(secret: Uint8Array, step: number, length = digits): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', secret).update(counter).digest();
  const offset = (hash.at(-1) ?? 0) & 15;
  const number = hash.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** length).padStart(length, '0');
}

/** The time step whose code this is, if it is later than `lastStep`: no code is taken twice. */
export function stepOfCode(secret: string, code: string, wall: number, lastStep: number): number | undefined {
  const key = fromBase32(secret);
  const given = Buffer.from(code.replace(/\s/g, ''));
  if (key === undefined || given.length !== digits) return undefined;
  const now = stepAt(wall);
  for (let step = now - tolerance; step <= now + tolerance; step += 1)
    if (step > lastStep && timingSafeEqual(Buffer.from(codeAt(key, step)), given)) return step;
  return undefined;
}

/** Twelve letters and digits each (60 bits), in groups that can be written down. */
export function drawRecoveryCodes(): string[] {
  return Array.from({ length: recoveryCodes }, () => {
    const text = base32(randomBytes(8)).slice(0, 12).toLowerCase();
    return text.replace(/(.{4})(?=.)/g, '$1-');
  });
}

export const hashOfRecoveryCode = (code: string): string =>
  hashOf(code.toLowerCase().replace(/[^a-z2-7]/g, ''));

/** The factor as it is after this code was used up; undefined when the code is no good. */
export function usedCode(factor: SecondFactor, code: string, wall: number): SecondFactor | undefined {
  const step = stepOfCode(factor.secret, code, wall, factor.lastStep);
  if (step !== undefined) return { ...factor, lastStep: step };
  const hash = hashOfRecoveryCode(code);
  if (!factor.recovery.includes(hash)) return undefined;
  return { ...factor, recovery: factor.recovery.filter((each) => each !== hash) };
}
