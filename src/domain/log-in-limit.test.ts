import { describe, expect, it } from 'vitest';
import { limits } from './limits.ts';
import { LogInLimit, networkOf } from './log-in-limit.ts';

/** Tries again and again at one moment; answers what each was told to wait, s. */
const tries = (
  limit: LogInLimit,
  count: number,
  account: (n: number) => string,
  address: (n: number) => string,
) => Array.from({ length: count }, (_, n) => limit.begin(account(n), address(n), 0));

describe('log-ins that fail', () => {
  it('cost nothing the first times, then twice as long with each', () => {
    const limit = new LogInLimit();
    let now = 0;
    const waited: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      const wait = limit.begin('ada', null, now);
      waited.push(wait);
      if (wait > 0) {
        now += wait * 1000;
        expect(limit.begin('ada', null, now)).toBe(0);
      }
    }
    expect(waited).toEqual([0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32]);
  });

  it('never keep an account out for more than a minute', () => {
    const limit = new LogInLimit();
    let now = 0;
    for (let n = 0; n < 40; n += 1) now += limit.begin('ada', null, now) * 1000;
    expect(limit.begin('ada', null, now)).toBeLessThanOrEqual(60);
  });

  it('count for the address over all accounts', () => {
    const waits = tries(
      new LogInLimit(),
      12,
      (n) => `name${n}`,
      () => '192.0.2.7',
    );
    expect(waits.slice(0, 11)).toEqual(Array.from({ length: 11 }, () => 0));
    expect(waits[11]).toBe(2);
  });

  it('count for the account over all addresses', () => {
    const waits = tries(
      new LogInLimit(),
      7,
      () => 'ada',
      (n) => `192.0.2.${n}`,
    );
    expect(waits.at(-1)).toBe(1);
  });

  it('count when they begin, so that many at once are no way around', () => {
    const limit = new LogInLimit();
    const waits = tries(
      limit,
      100,
      () => 'ada',
      () => '192.0.2.7',
    );
    expect(waits.filter((wait) => wait === 0)).toHaveLength(6);
  });

  it('are forgotten an hour after the last', () => {
    const limit = new LogInLimit();
    tries(
      limit,
      6,
      () => 'ada',
      () => '192.0.2.7',
    );
    expect(limit.begin('ada', '192.0.2.7', 3_600_001)).toBe(0);
    expect(limit.begin('ada', '192.0.2.7', 3_600_001)).toBe(0);
  });

  it('of strangers do not keep out who has logged in from their address before', () => {
    const limit = new LogInLimit();
    limit.begin('ada', '192.0.2.7', 0);
    limit.succeeded('ada', '192.0.2.7');
    tries(
      limit,
      30,
      () => 'ada',
      (n) => `198.51.100.${n}`,
    );
    expect(limit.begin('ada', '203.0.113.1', 0)).toBeGreaterThan(0);
    expect(limit.begin('ada', '192.0.2.7', 0)).toBe(0);
  });

  it('take bounded memory, whatever names and addresses strangers come with', () => {
    const limit = new LogInLimit();
    for (let n = 0; n < limits.logInCountersKept + 500; n += 1) {
      limit.begin(`name${n}`, `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, 0);
      limit.succeeded(`other${n}`, `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
    }
    expect(limit.size).toBeLessThanOrEqual(3 * limits.logInCountersKept);
  });
});

it('a success forgets the failures of its account, and of its address only itself', () => {
  const limit = new LogInLimit();
  tries(
    limit,
    5,
    () => 'ada',
    () => '192.0.2.7',
  );
  limit.begin('eve', '192.0.2.7', 0);
  limit.succeeded('eve', '192.0.2.7');
  const waits = tries(
    limit,
    7,
    (n) => `name${n}`,
    () => '192.0.2.7',
  );
  expect(waits.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(waits[6]).toBe(2);
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::6', '2001:db8:1:2::/64'],
  ['2001:0db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('%s is of the network %s', (address, network) => expect(networkOf(address)).toBe(network));
