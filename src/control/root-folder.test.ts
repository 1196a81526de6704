import { describe, expect, it } from 'vitest';
import { checkRoot, liesIn } from './root-folder.ts';

const check = (root: string) => () =>
  checkRoot(root, '/var/lib/nightshift', [{ name: 'shop', root: '/srv/shop' }]);

describe('the root of an environment', () => {
  it.each([
    '/srv/blog',
    '/srv/shop2',
    '/var/www',
    ['', 'home', 'ada', 'app'].join('/'),
    ['', 'root', 'app'].join('/'),
    '/tmp/x',
    '/opt/app',
    '/usr/local/app',
  ])('can be %s', (root) => expect(check(root)).not.toThrow());

  it.each([
    '/',
    '/usr',
    '/etc',
    '/var',
    '/home',
    '/root',
    '/tmp',
    '/srv',
    '/opt',
    '/var/lib',
    '/usr/local',
    '/etc/app',
    '/proc',
    '/proc/1',
    '/sys/fs',
    '/dev/shm',
    '/run',
    '/run/user/0',
    '/boot',
    '/bin',
    '/usr/bin',
    '/usr/lib/x',
    '/var/lib/dpkg',
  ])('can’t be %s', (root) => expect(check(root)).toThrow(/can't be the root of an environment/));

  it.each(['/var/lib/nightshift', '/var/lib/nightshift/logs'])(
    'can’t be %s, where the daemon’s data lie',
    (root) => expect(check(root)).toThrow(/data folder/),
  );

  it('can’t lie around the data folder', () => {
    expect(() => checkRoot('/data', '/data/nightshift', [])).toThrow(/data folder/);
  });

  it.each(['/srv/shop', '/srv/shop/public', '/srv/shop/a/b'])('can’t be %s, where another one lies', (root) =>
    expect(check(root)).toThrow(/environment "shop"/),
  );

  it('can’t lie around that of another one', () => {
    expect(() => checkRoot('/apps/all', '/d', [{ name: 'shop', root: '/apps/all/shop' }])).toThrow(/"shop"/);
  });

  it('can’t hold a control character, which would end up on terminals', () => {
    expect(check('/srv/a\x1bb')).toThrow(/control character/);
  });
});

it('a folder lies in another one by its parts, not by its letters', () => {
  expect(liesIn('/srv/shop2', '/srv/shop')).toBe(false);
  expect(liesIn('/srv/shop/2', '/srv/shop')).toBe(true);
  expect(liesIn('/srv', '/')).toBe(true);
});
