import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Forbidden, isForbiddenHost, isNetwork, lookupWithin, mayReach } from './reach.ts';

describe('a webhook of an environment', () => {
  test.each([
    '127.0.0.1',
    '127.8.9.1',
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '[::1]',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    'ff02::1',
    'no address',
  ])('may not reach %s', (address) => {
    expect(mayReach(address, [])).toBe(false);
  });

  test.each(['9.9.9.9', '172.32.0.1', '2620:fe::fe'])('may reach %s', (address) => {
    expect(mayReach(address, [])).toBe(true);
  });

  test('may reach no address of this machine, public or not, and what the operator allows', () => {
    for (const each of Object.values(networkInterfaces()).flatMap((all) => all ?? []))
      expect([each.address, mayReach(each.address, [])]).toEqual([each.address, false]);
    expect(mayReach('10.1.2.3', ['10.1.0.0/16'])).toBe(true);
    expect(mayReach('::ffff:10.1.2.3', ['10.1.2.3'])).toBe(true);
    expect(mayReach('10.2.0.1', ['10.1.0.0/16'])).toBe(false);
    expect(mayReach('127.0.0.1', 'anywhere')).toBe(true);
  });

  test('is connected to the address that was checked: a name that leads inside leads nowhere', async () => {
    const within = promisify(lookupWithin([])) as (name: string, options: object) => Promise<unknown>;
    await expect(within('localhost', {})).rejects.toBeInstanceOf(Forbidden);
    await expect(within('localhost', { all: true })).rejects.toBeInstanceOf(Forbidden);
    const allowed = promisify(lookupWithin(['127.0.0.0/8', '::1'])) as (
      name: string,
      options: object,
    ) => Promise<unknown>;
    expect(await allowed('localhost', { all: true })).toContainEqual(
      expect.objectContaining({ address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/) }),
    );
  });

  test.each(['localhost', 'a.localhost', 'LOCALHOST.', '127.0.0.1', '[::1]', '2130706433'])(
    'is refused at once with the host %s',
    (host) => {
      // As a URL has it: 2130706433 is 127.0.0.1.
      expect(isForbiddenHost(new URL(`http://${host}/`).hostname, [])).toBe(true);
    },
  );
});

test.each([
  ['10.0.0.1', true],
  ['10.0.0.0/8', true],
  ['::1/128', true],
  ['10.0.0.0/33', false],
  ['10.0.0.0/8/8', false],
  ['example.com', false],
  ['10.0.0.0/', false],
])('%s is an address or a network: %s', (text, is) => {
  expect(isNetwork(text)).toBe(is);
});
