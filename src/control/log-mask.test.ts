import { expect, test } from 'vitest';
import { maskOf } from './log-mask.ts';

const masked = (variables: Record<string, string>, text: string): string =>
  Buffer.from(maskOf(variables)?.(Buffer.from(text)) ?? Buffer.from(text)).toString();

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

test('what is short or no secret stays, and so does every other byte', () => {
  expect(maskOf({ APP_KEY: 'abc', PORT: '8080808080' })).toBeUndefined();
  const mask = maskOf({ TOKEN: 'abcdefgh' });
  const bytes = Buffer.from([0, 255, 13, 0xc3, 0x28]);
  expect(Buffer.from(mask?.(bytes) ?? []).equals(bytes)).toBe(true);
});
