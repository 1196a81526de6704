import { expect, it } from 'vitest';
import { trustedProxies } from './trusted-proxies.ts';

it.each(['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', '192.0.2.7/32'])('%s may be trusted', (proxy) => {
  expect(trustedProxies([proxy])).toEqual([proxy]);
});

it.each([
  '',
  'proxy.example.org',
  '10.0.0',
  '10.0.0.0/33',
  '::/129',
  '10.0.0.0/8/8',
  '10.0.0.0/',
  'true',
  '*',
])('%j may not: it is no address and no network', (proxy) => {
  expect(() => trustedProxies([proxy])).toThrow(expect.objectContaining({ code: 'listen.proxy' }));
});
