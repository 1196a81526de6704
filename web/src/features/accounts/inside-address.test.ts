import { expect, test } from 'vitest';
import { insideAddress } from './inside-address.ts';

test.each([
  ['/environments/shop?q=a', '/environments/shop?q=a'],
  ['//evil.example/x', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  [undefined, '/'],
  [7, '/'],
])('after the log-in %j leads to %s', (asked, address) => {
  expect(insideAddress(asked)).toBe(address);
});
