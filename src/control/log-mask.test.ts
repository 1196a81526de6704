import { expect, test } from 'vitest';
import { maskOf } from './log-mask.ts';

const masked = (variables: Record<string, string>, text: string): string =>
  Buffer.from(maskOf(variables)?.apply(Buffer.from(text)) ?? Buffer.from(text)).toString();

test('values of secret variables are replaced by their names, everywhere in a line', () => {
  const variables = { DB_PASSWORD: 'geheim-1', API_KEY: 'geheim-1-and-more', APP_ENV: 'production' };
  expect(masked(variables, 'production: geheim-1-and-more, geheim-1geheim-1!')).toBe(
    'production: [API_KEY], [DB_PASSWORD][DB_PASSWORD]!',
  );
});

test('the password inside an address is one as well', () => {
  const variables = { DATABASE_URL: 'mysql://shop:s3cr3t-word@db/shop' };
  expect(masked(variables, 'connect mysql://shop:s3cr3t-word@db/shop')).toBe('connect [DATABASE_URL]');
  expect(masked(variables, 'denied for s3cr3t-word')).toBe('denied for [DATABASE_URL]');
});

test('a value is known as JSON and addresses write it', () => {
  const variables = { DB_PASSWORD: 'a"b/c d&e' };
  const json = JSON.stringify({ password: variables.DB_PASSWORD });
  expect(masked(variables, json)).toBe('{"password":"[DB_PASSWORD]"}');
  expect(masked(variables, `http://db/?p=${encodeURIComponent(variables.DB_PASSWORD)}`)).toBe(
    'http://db/?p=[DB_PASSWORD]',
  );
});

test('half a character in a value, which no address can hold, is no trouble', () => {
  expect(masked({ TOKEN: 'abcdef\ud800' }, 'abcdef')).toBe('abcdef');
});

test('of a value with several lines each long one is a secret', () => {
  const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nshort==\n-----END KEY-----\n';
  const variables = { APP_PRIVATE_KEY: key };
  expect(masked(variables, '  MIIEvQIBADANBgkqhkiG9w0BAQEFAASC')).toBe('  [APP_PRIVATE_KEY]');
  expect(masked(variables, 'short==')).toBe('short==');
  expect(masked(variables, JSON.stringify(key))).toBe('"[APP_PRIVATE_KEY]"');
});

test('what is short or no secret stays, and so does every other byte', () => {
  expect(maskOf({ APP_KEY: 'abc', PORT: '8080808080' })).toBeUndefined();
  const bytes = Buffer.from([0, 255, 13, 0xc3, 0x28]);
  expect(maskOf({ TOKEN: 'abcdefgh' })?.apply(bytes)).toBe(bytes);
});

test('a text that may stand in place of a secret is told from one that can only have been printed', () => {
  const mask = maskOf({ DB_PASSWORD: 'geheim-1' });
  const may = (text: string) => mask?.mayShow(text);
  expect(['PASS', '[DB_PASSWORD]', 'is [', '] or', 'geheim', 'pass'].map(may)).toEqual([
    ...[true, true, true, true],
    ...[false, false],
  ]);
});
