import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keySealer } from './sealer.ts';

const sealer = keySealer(new Uint8Array(32).fill(7));

test('what was sealed is opened again, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, place) => {
      expect(sealer.open(sealer.seal(text, place), place)).toBe(text);
    }),
  );
});

test('the same text is never sealed into the same bytes', () => {
  expect(sealer.seal('text', 'a')).not.toEqual(sealer.seal('text', 'a'));
});

test('nothing is opened with another key, for another place, or after a change of any byte', () => {
  const sealed = sealer.seal('secret', 'variables/1/A');
  expect(() => keySealer(new Uint8Array(32)).open(sealed, 'variables/1/A')).toThrow();
  expect(() => sealer.open(sealed, 'variables/2/A')).toThrow();
  for (const [index] of sealed.entries()) {
    const changed = Uint8Array.from(sealed);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(() => sealer.open(changed, 'variables/1/A')).toThrow();
  }
  expect(() => sealer.open(sealed.subarray(0, 20), 'variables/1/A')).toThrow();
});
