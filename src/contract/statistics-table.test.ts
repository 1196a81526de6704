import { expect, test } from 'vitest';
import type { JobSummary } from './job.ts';
import { statisticsTable } from './statistics-table.ts';

const megabytes = (amount: number): number => Math.round(amount * 1024 * 1024);

const job: JobSummary = {
  name: 'a-worker',
  type: 'worker',
  status: 'enabled',
  state: 'running',
  running: true,
  fails: 0,
  exitsOk: 0,
  restarts: 0,
  durationAvgSeconds: null,
  durationMaxSeconds: null,
  memoryAvgBytes: megabytes(10.7),
  memoryMaxBytes: megabytes(18),
  environment: 'demo',
  reason: 'running for 3h',
  stateSince: null,
  stateUntil: null,
  attempt: null,
  instances: 1,
  instancesRunning: 1,
  memoryBytes: null,
  statisticsSince: '2026-11-22T03:12:07.000Z',
  nextDueAt: null,
  lastEnd: null,
};

const cron: JobSummary = {
  ...job,
  name: 'a-cron',
  type: 'cron',
  state: 'scheduled',
  running: false,
  fails: 2,
  exitsOk: 44,
  durationAvgSeconds: 5,
  durationMaxSeconds: 5,
  memoryAvgBytes: megabytes(15.1),
  memoryMaxBytes: megabytes(15.1),
};

test('the table is the one that is drawn, byte for byte', () => {
  expect(statisticsTable([cron, job])).toBe(`\
Name               │ Duration      │ Memory                │ Fails  │ Exits (OK)    │ Running
───────────────────┼───────────────┼───────────────────────┼────────┼───────────────┼─────────────────
a-cron             │ 5s (avg)      │ 15.1 MB (avg)         │ 2      │ 44            │ -
                   │ 5s (max)      │ 15.1 MB (max)         │        │               │
───────────────────┼───────────────┼───────────────────────┼────────┼───────────────┼─────────────────
a-worker           │ -             │ 10.7 MB (avg)         │ 0      │ 0             │ true
                   │               │ 18.0 MB (max)         │        │               │
`);
});

test('a job that was never measured has dashes, and a cron that runs has one too', () => {
  const fresh = {
    durationAvgSeconds: null,
    durationMaxSeconds: null,
    memoryAvgBytes: null,
    memoryMaxBytes: null,
  };
  const [, , first, second] = statisticsTable([{ ...cron, ...fresh, running: true }]).split('\n');
  expect(first).toBe(
    'a-cron             │ -             │ -                     │ 2      │ 44            │ -',
  );
  expect(second).toBe(
    '                   │               │                       │        │               │',
  );
});

test('a column grows where its content needs it, and the rules with it', () => {
  const long = 'send-the-monthly-newsletter';
  const lines = statisticsTable([{ ...job, name: long, running: false }, cron])
    .trimEnd()
    .split('\n');
  expect(lines[2]).toBe(
    'send-the-monthly-newsletter │ -             │ 10.7 MB (avg)         │ 0      │ 0             │ false',
  );
  const bars = (line: string): number[] => [...line].flatMap((sign, at) => ('│┼'.includes(sign) ? [at] : []));
  for (const line of lines) expect(bars(line)).toEqual(bars(lines[1] ?? ''));
});

test('a worker with several instances says how many of them run', () => {
  const table = statisticsTable([{ ...job, instances: 3, instancesRunning: 2 }]);
  expect(table).toContain('│ true (2 of 3)\n');
});

test('colours change no column', () => {
  const mark = (text: string) => `<${text}>`;
  const paint = { good: mark, bad: mark, warn: mark, dim: mark, bold: mark };
  const painted = statisticsTable([cron, job], paint);
  expect(painted).not.toBe(statisticsTable([cron, job]));
  expect(painted.replaceAll(/[<>]/g, '')).toBe(statisticsTable([cron, job]));
});
