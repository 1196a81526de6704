import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ownUserName, rootNotices } from './root-user.ts';

it('a user of its own is named for its environment', () => {
  expect(ownUserName('shop')).toBe('ns-shop');
});

it('names of users fit Linux, and long environments that differ only at their end have different ones', () => {
  const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  fc.assert(
    fc.property(name, name, (a, b) => {
      expect(ownUserName(a)).toMatch(/^ns-[a-z0-9-]{1,29}$/);
      if (a !== b) expect(ownUserName(a)).not.toBe(ownUserName(b));
    }),
  );
  const long = 'x'.repeat(60);
  expect(ownUserName(`${long}1`)).not.toBe(ownUserName(`${long}2`));
});

it('a root folder that is gone is said', () => {
  const environment = { name: 'shop', root: '/srv/shop', user: 'ns-shop' };
  expect(rootNotices(environment, { kind: 'missing' }, true)).toEqual([
    'The root folder /srv/shop is not there: no job can run until it is back.',
  ]);
});
