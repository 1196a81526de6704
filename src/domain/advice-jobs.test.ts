import { describe, expect, test } from 'vitest';
import { sampleCron, sampleRun } from '../store/store.testkit.ts';
import { growthOf, type Held, moveOf, overlapOf } from './advice-jobs.ts';
import type { Cron } from './job.ts';
import type { Run } from './run.ts';

const megabyte = 1024 ** 2;
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const began = Date.UTC(2026, 10, 20);
const noise = (index: number): number => ((index * 7_919) % 13) / 13 - 0.5;

/** What was held every ten minutes from the begin of the run on. */
const heldFor = (hours: number, bytesAt: (hours: number) => number): Held[] =>
  Array.from({ length: hours * 6 }, (_, index) => ({
    at: began + index * 10 * minute,
    bytes: (bytesAt(index / 6) + 2 * noise(index)) * megabyte,
  }));

describe('a worker whose memory grows', () => {
  test('without end is told with the pace, and when the plan is full', () => {
    const told = growthOf(
      'mails',
      heldFor(12, (hours) => 60 + 12 * hours),
      began,
      512 * megabyte,
    );
    expect(told).toMatchObject({ kind: 'grows', job: 'mails' });
    expect(told?.sentence).toMatch(
      /^"mails" grows by 1[12]\.\d MB an hour: it held 6\d\.\d MB and holds 20\d\.\d MB after 11h 50m; at this pace the plan's 512 MB are full in 1d 2h\. /,
    );
  });

  test.each([
    ['and then stays, as a cache', (hours: number) => 60 + 100 * Math.min(1, hours / 4)],
    ['by little', (hours: number) => 60 + 2 * hours],
    ['and falls again and again', (hours: number) => 60 + 20 * (hours % 2)],
    ['not at all', () => 200],
  ])('%s is told nothing of', (_, bytesAt) => {
    expect(growthOf('mails', heldFor(12, bytesAt), began, 512 * megabyte)).toBeNull();
  });

  test('for a few hours only, or in a run before this one, is told nothing of', () => {
    const held = heldFor(12, (hours) => 60 + 12 * hours);
    expect(growthOf('mails', held.slice(0, 30), began, null)).toBeNull();
    expect(growthOf('mails', held, began + 9 * hour, null)).toBeNull();
    expect(
      growthOf(
        'mails',
        held.map((each) => ({ ...each, bytes: null })),
        began,
        null,
      ),
    ).toBeNull();
  });
});

let ids = 0;
const ran = (job: string, from: number, ms: number, given: Partial<Run> = {}): Run =>
  sampleRun('shop', `r${++ids}`, {
    ...{ job, kind: 'cron', dueAt: from, startedAt: from, endedAt: from + ms, outcome: 'ok' },
    ...given,
  });

describe('a cron that overlaps itself', () => {
  test('is told with how long it takes and how often it is due', () => {
    const runs = Array.from({ length: 20 }, (_, index) =>
      ran('feed', began + index * 10 * minute, (index % 4 === 0 ? 14 : 8) * minute),
    );
    expect(overlapOf('feed', runs, began + day)?.sentence).toMatch(
      /^5 of the last 20 runs of "feed" began while the one before still ran: it takes 8m and is due every 10m\./,
    );
    expect(overlapOf('feed', runs.slice(0, 8), began + day)).toBeNull();
  });
});

describe('crons that run together', () => {
  const at = (clock: string): number =>
    began + Number(clock.slice(0, 2)) * hour + Number(clock.slice(3)) * minute;
  const cron = (name: string, clock: string): Cron => {
    const expression = `${Number(clock.slice(3))} ${Number(clock.slice(0, 2))} * * *`;
    return sampleCron('shop', name, {
      schedule: { kind: 'crontab', expression, timezone: 'UTC', moment: 0 },
    });
  };
  const daily = (name: string, clock: string, minutes: number, bytes: number): Run[] =>
    [0, 1, 2].map((each) =>
      ran(name, at(clock) + each * day, minutes * minute, { memoryMaxBytes: bytes * megabyte }),
    );
  const runs = [
    ...daily('report', '02:00', 30, 200),
    ...daily('backup', '02:00', 20, 220),
    ...daily('feed', '02:10', 5, 60),
  ];
  const crons = [cron('report', '02:00'), cron('backup', '02:00'), cron('feed', '02:10')];

  test('are told which one to move, and to when', () => {
    expect(moveOf(crons, runs, 512 * megabyte)?.sentence).toBe(
      'At 02:10 UTC 3 crons run together and hold 480.0 MB of the plan\'s 512 MB: "backup" at 01:40 in place of 02:00 would make that 260.0 MB.',
    );
  });

  test('are left alone where the plan is large, where moving helps little, and where nobody chose the moment', () => {
    expect(moveOf(crons, runs, 2_048 * megabyte)).toBeNull();
    const alone = crons.slice(0, 1);
    expect(moveOf(alone, runs, 256 * megabyte)).toBeNull();
    const intervals = crons.map((each) => ({
      ...each,
      schedule: { kind: 'interval', interval: '1d', moment: 0 } as const,
    }));
    expect(moveOf(intervals, runs, 512 * megabyte)).toBeNull();
  });
});
