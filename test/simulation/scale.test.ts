import { describe, expect, test } from 'vitest';
import { createScheduler, type Scheduler, type SchedulerEffect } from '../../src/scheduler/scheduler.ts';
import { Violation } from './invariants.ts';
import { Random } from './random.ts';
import { measure } from './scale.ts';

type Begin = Extract<SchedulerEffect, { kind: 'begin' }>;

/** Our scheduler, of whose begins the hundredth is changed. */
function erring(change: (begin: Begin) => SchedulerEffect[]): () => Scheduler {
  return () => {
    const scheduler = createScheduler();
    let begins = 0;
    return {
      handle: (event, now) =>
        scheduler
          .handle(event, now)
          .flatMap((effect) => (effect.kind === 'begin' && ++begins === 100 ? change(effect) : [effect])),
      next: (key) => scheduler.next(key),
      upcoming: (count, keys) => scheduler.upcoming(count, keys),
      open: (key) => scheduler.open(key),
      get size() {
        return scheduler.size;
      },
    };
  };
}

const play = (create?: () => Scheduler) =>
  measure(
    200,
    10,
    new Random(1),
    () => 0,
    () => 0,
    create,
  );

describe('many crons of which nothing goes wrong', () => {
  test('begin once for each of their due times', () => {
    // All daily but for a few.
    expect(play().due).toBeGreaterThan(1_500);
  });

  test.each<[string, (begin: Begin) => SchedulerEffect[]]>([
    ['forgets one due time', () => []],
    ['begins one twice', (begin) => [begin, begin]],
    ['begins one a second late', (begin) => [{ ...begin, dueAt: begin.dueAt + 1_000 }]],
    ['begins another cron than the one that is due', (begin) => [{ ...begin, key: 'environment-1/job-1' }]],
  ])('find out a scheduler that %s', (_, change) => {
    expect(() => play(erring(change))).toThrow(Violation);
  });
});
