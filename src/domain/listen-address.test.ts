import { describe, expect, test } from 'vitest';
import { formatListenAddress, parseListenAddress } from './listen-address.ts';

describe('an address to listen at', () => {
  test.each([
    ['127.0.0.1:8484', { host: '127.0.0.1', port: 8484 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
  ])('%s is read, and written as it was', (text, address) => {
    expect(parseListenAddress(text)).toEqual(address);
    expect(formatListenAddress(address)).toBe(text);
  });

  test.each([
    '',
    '8484',
    ':8484',
    'localhost',
    'localhost:',
    'a b:1',
    '::1:8484',
    '127.0.0.1:65536',
    'http://a:1',
    'a:1/',
  ])('"%s" is refused', (text) => {
    expect(() => parseListenAddress(text)).toThrow('is not an address to listen at');
  });
});
