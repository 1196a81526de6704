import { describe, expect, test } from 'vitest';
import { LoginLimit, loginPolicy, placeOf } from './login-limit.ts';

const address = '192.0.2.7';
const { free, firstDelayMs, longestDelayMs, blockedAt, forgivenEveryMs } = loginPolicy;

function failing(times: number, now = 0): LoginLimit {
  const limit = new LoginLimit();
  for (let count = 0; count < times; count++) limit.failed(address, now);
  return limit;
}

describe('an address whose log-ins fail', () => {
  test('waits for nothing at first, then twice as long each time, and not for ever', () => {
    expect(failing(free - 1).delayMs(address, 0)).toBe(0);
    expect(failing(free).delayMs(address, 0)).toBe(firstDelayMs);
    expect(failing(free + 2).delayMs(address, 0)).toBe(firstDelayMs * 4);
    expect(failing(blockedAt).delayMs(address, 0)).toBe(longestDelayMs);
  });

  test('is not spoken to in the end, until enough is forgiven', () => {
    const limit = failing(blockedAt + 50);
    expect(limit.blocked(address, 0)).toBe(true);
    expect(limit.blocked(address, forgivenEveryMs - 1)).toBe(true);
    expect(limit.blocked(address, forgivenEveryMs)).toBe(false);
    expect(limit.delayMs(address, forgivenEveryMs * blockedAt)).toBe(0);
  });

  test('is forgiven at once when one succeeds, and does not concern another', () => {
    const limit = failing(blockedAt);
    expect(limit.blocked('192.0.2.8', 0)).toBe(false);
    limit.succeeded(address);
    expect(limit.blocked(address, 0)).toBe(false);
    expect(limit.delayMs(address, 0)).toBe(0);
  });

  test('is forgotten when too many others have failed since', () => {
    const limit = new LoginLimit({ ...loginPolicy, addressesMost: 3, blockedAt: 1 });
    for (const last of [1, 2, 3, 1, 4]) limit.failed(`192.0.2.${last}`, 0);
    expect([1, 2, 3, 4].map((last) => limit.blocked(`192.0.2.${last}`, 0))).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });
});

describe('addresses that belong together', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s counts as %s', (text, place) => {
    expect(placeOf(text)).toBe(place);
  });
});
