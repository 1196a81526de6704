import { expect, test } from 'vitest';
import { EntryFormatter, formatEntry } from './format.ts';
import type { LogEntry } from './log-store.ts';

const entry = (changes: Partial<LogEntry> = {}): LogEntry => ({
  time: Date.UTC(2021, 0, 14, 12, 0, 1) + 999.5,
  job: 'a-job',
  run: 'r',
  stream: 'stdout',
  level: 'INFO',
  message: Buffer.from('The message'),
  ...changes,
});

test('an entry reads as time, level, job and message', () => {
  expect(formatEntry(entry()).toString()).toBe('2021-01-14T12:00:01Z INFO (a-job): The message\n');
  expect(formatEntry(entry({ stream: 'stderr', level: 'ERR' })).toString()).toBe(
    '2021-01-14T12:00:01Z ERR  (a-job): The message\n',
  );
});

test('every byte of a message passes', () => {
  const message = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const line = formatEntry(entry({ message }));
  expect(line.subarray(-257, -1).equals(message)).toBe(true);
});

test('one formatter serves many entries', () => {
  const formatter = new EntryFormatter();
  const all = [
    entry(),
    entry({ job: 'b' }),
    entry({ level: 'ERR' }),
    entry({ time: 0 }),
    entry({ message: new Uint8Array() }),
  ];
  expect(all.map((each) => formatter.line(each).toString())).toEqual(
    all.map((each) => formatEntry(each).toString()),
  );
});
