import { expect, test } from 'vitest';
import { logLineWriter } from './log-line.ts';

interface Entry {
  readonly time: number;
  readonly job: string;
  readonly level: 'INFO' | 'ERR';
  readonly message: Uint8Array;
}

const entry = (changes: Partial<Entry> = {}): Entry => ({
  time: Date.UTC(2021, 0, 14, 12, 0, 1) + 999.5,
  job: 'a-job',
  level: 'INFO',
  message: Buffer.from('The message'),
  ...changes,
});

const lineOf = (each: Entry): string => Buffer.from(logLineWriter()(each)).toString();

test('an entry reads as time, level, job and message', () => {
  expect(lineOf(entry())).toBe('2021-01-14T12:00:01Z INFO (a-job): The message\n');
  expect(lineOf(entry({ level: 'ERR' }))).toBe('2021-01-14T12:00:01Z ERR  (a-job): The message\n');
});

test('every byte of a message passes', () => {
  const message = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const line = Buffer.from(logLineWriter()(entry({ message })));
  expect(line.subarray(-257, -1).equals(message)).toBe(true);
});

test('one writer serves many entries', () => {
  const write = logLineWriter();
  const all = [
    entry(),
    entry({ job: 'b' }),
    entry({ level: 'ERR' }),
    entry({ time: 0 }),
    entry({ message: new Uint8Array() }),
  ];
  expect(all.map((each) => Buffer.from(write(each)).toString())).toEqual(all.map((each) => lineOf(each)));
});
