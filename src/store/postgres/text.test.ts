import { expect, test } from 'vitest';
import { read, written } from './text.ts';

test.each(['', 'plain', '\0', 'a\0b\0', '\uffff', '\uffff0', '\uffff1\0', '\uffff\uffff\0\uffff'])(
  'text %j is read as it was, and written without U+0000',
  (text) => {
    expect(read(written(text))).toBe(text);
    expect(written(text)).not.toContain('\0');
  },
);
