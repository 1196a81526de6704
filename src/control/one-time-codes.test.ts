import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  base32,
  codeAt,
  drawFactorSecret,
  drawRecoveryCodes,
  factorUrl,
  fromBase32,
  hashOfRecoveryCode,
  stepAt,
  stepOfCode,
  usedCode,
} from './one-time-codes.ts';

/** RFC 6238, appendix B: the secret of its table for SHA-1. */
const rfcSecret = Buffer.from('12345678901234567890');

it.each([
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
])('the code at %i s is that of RFC 6238', (seconds, code) => {
  expect(codeAt(rfcSecret, stepAt(seconds * 1000), 8)).toBe(code);
});

/** RFC 4226, appendix D. */
it.each([
  ...[
    '755224',
    '287082',
    '359152',
    '969429',
    '338314',
    '254676',
    '287922',
    '162583',
    '399871',
    '520489',
  ].entries(),
])('the code of step %i is that of RFC 4226', (step, code) => expect(codeAt(rfcSecret, step)).toBe(code));

/** RFC 4648, section 10, without padding. */
it.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('%j is %s in base32', (plain, text) => {
  expect(base32(Buffer.from(plain))).toBe(text);
  expect(fromBase32(text)?.toString()).toBe(plain);
});

it('base32 is read back as it was', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(fromBase32(base32(bytes))).toEqual(Buffer.from(bytes));
    }),
  );
  expect(fromBase32('0189')).toBeUndefined();
});

describe('a code', () => {
  const secret = base32(rfcSecret);
  const now = 1_234_567_890_000;
  const code = (steps: number) => codeAt(rfcSecret, stepAt(now) + steps);

  it('may be of the step before or after, as clocks are', () => {
    expect([-2, -1, 0, 1, 2].map((steps) => stepOfCode(secret, code(steps), now, 0))).toEqual([
      undefined,
      stepAt(now) - 1,
      stepAt(now),
      stepAt(now) + 1,
      undefined,
    ]);
  });

  it('is taken once, and none of before it afterwards', () => {
    expect(stepOfCode(secret, code(0), now, stepAt(now))).toBeUndefined();
    expect(stepOfCode(secret, code(-1), now, stepAt(now))).toBeUndefined();
    expect(stepOfCode(secret, code(1), now, stepAt(now))).toBe(stepAt(now) + 1);
  });

  it('may be typed in two groups, and nothing else passes', () => {
    expect(stepOfCode(secret, `${code(0).slice(0, 3)} ${code(0).slice(3)}`, now, 0)).toBe(stepAt(now));
    for (const wrong of ['', '000', `${code(0)}0`, 'abcdef', '٠٠٠٠٠٠'])
      expect(stepOfCode(secret, wrong, now, 0)).toBeUndefined();
  });
});

it('a recovery code is good once, however it is typed', () => {
  const codes = drawRecoveryCodes();
  expect(codes).toHaveLength(10);
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code).toMatch(/^[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}$/);
  const factor = { secret: drawFactorSecret(), recovery: codes.map(hashOfRecoveryCode), lastStep: 0 };
  const used = usedCode(factor, (codes[3] ?? '').replaceAll('-', ' ').toUpperCase(), 0);
  expect(used?.recovery).toHaveLength(9);
  expect(used === undefined ? undefined : usedCode(used, codes[3] ?? '', 0)).toBeUndefined();
  for (const wrong of ['', '-', 'aaaa-aaaa-aaaa']) expect(usedCode(factor, wrong, 0)).toBeUndefined();
});

it('an app reads the secret from a link', () => {
  expect(factorUrl('ada@example.com', 'JBSW')).toBe(
    'otpauth://totp/Nightshift%3Aada%40example.com?secret=JBSW&issuer=Nightshift',
  );
});
