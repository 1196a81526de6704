import { describe, expect, test } from 'vitest';
import { createScheduler, type Scheduler, type SchedulerEffect } from '../../src/scheduler/scheduler.ts';
import { type Invariant, Violation } from './invariants.ts';
import { Life, type Settings } from './life.ts';
import { Random } from './random.ts';

const hour = 3_600_000;
const settings: Settings = { crons: 60, days: 30, start: Date.UTC(2026, 2, 1), troubleEveryMs: 2 * hour };

/** Seeds that once found something, and one that is new each time. */
const seeds = [1, 2, 4, 18, 22, 35, 71, 102, 119, 139, Date.now() % 1_000_000];

describe('a life of crons with crashes, set clocks, sleep, pauses, edits and deployments', () => {
  test.each(seeds)('keeps every invariant, from seed %i', (seed) => {
    const report = new Life(new Random(seed), settings).play();
    // All that can go wrong went wrong, and the crons ran.
    for (const count of [report.begun, report.skipped, report.missed, report.caughtUp, report.crashes])
      expect(count).toBeGreaterThan(10);
    for (const count of [report.clockChanges, report.sleeps, report.edits, report.deployments])
      expect(count).toBeGreaterThan(2);
  });

  test('is the same each time from one seed', () => {
    const play = () => new Life(new Random(7), { ...settings, days: 10 }).play();
    expect(play()).toEqual(play());
  });
});

/** Our scheduler, whose effects something goes wrong with. */
function erring(err: (effects: SchedulerEffect[], now: number) => SchedulerEffect[]): () => Scheduler {
  return () => {
    const scheduler = createScheduler();
    return {
      handle: (event, now) => err(scheduler.handle(event, now), now),
      next: (key) => scheduler.next(key),
      upcoming: (count, keys) => scheduler.upcoming(count, keys),
      open: (key) => scheduler.open(key),
      get size() {
        return scheduler.size;
      },
    };
  };
}

/** Every so-and-so-many-th effect of a kind is changed. */
function each(
  nth: number,
  kind: SchedulerEffect['kind'],
  change: (effect: SchedulerEffect, now: number) => SchedulerEffect[],
): (effects: SchedulerEffect[], now: number) => SchedulerEffect[] {
  let count = 0;
  return (effects, now) =>
    effects.flatMap((effect) =>
      effect.kind === kind && ++count % nth === 0 ? change(effect, now) : [effect],
    );
}

describe('a scheduler that errs is found out', () => {
  const quiet: Settings = { ...settings, days: 20, troubleEveryMs: 12 * hour };
  const found = (create: () => Scheduler): Invariant | null => {
    try {
      new Life(new Random(3), quiet, create).play();
      return null;
    } catch (error) {
      if (error instanceof Violation) return error.invariant;
      throw error;
    }
  };

  test('who does not err is not', () => expect(found(erring((effects) => effects))).toBeNull());

  test.each<[string, Invariant, () => Scheduler]>([
    ['forgets to tell of due times', 'accounted-once', erring(each(50, 'account', () => []))],
    ['forgets to begin', 'accounted-once', erring(each(50, 'begin', () => []))],
    ['begins twice', 'at-most-once', erring(each(40, 'begin', (effect) => [effect, effect]))],
    [
      'begins a minute early',
      'not-before',
      erring(
        each(20, 'begin', (effect) => [
          { ...effect, dueAt: (effect as { dueAt: number }).dueAt + 60_000 } as SchedulerEffect,
        ]),
      ),
    ],
    [
      'names a due time that is none',
      'known-due-time',
      erring(
        each(20, 'begin', (effect) => [
          { ...effect, dueAt: (effect as { dueAt: number }).dueAt - 1 } as SchedulerEffect,
        ]),
      ),
    ],
    [
      'says of what it catches up that it was in time',
      'not-late',
      erring((effects) =>
        effects.map((effect) => (effect.kind === 'begin' ? { ...effect, trigger: 'schedule' } : effect)),
      ),
    ],
    [
      'asks to be woken in the past',
      'no-spin',
      erring(each(100, 'wake', (_, now) => [{ kind: 'wake', at: now - 1 }])),
    ],
    [
      'begins what it should skip',
      'max-instances',
      erring((effects) =>
        effects.map((effect) =>
          effect.kind === 'account' && effect.reason.includes('instance')
            ? { kind: 'begin', key: effect.key, slot: 0, dueAt: effect.dueAt, trigger: 'schedule' }
            : effect,
        ),
      ),
    ],
    [
      'begins what is held',
      'held-back',
      erring((effects) =>
        effects.map((effect) =>
          effect.kind === 'account' && effect.reason === 'skipped: paused' && effect.count === undefined
            ? { kind: 'begin', key: effect.key, slot: 0, dueAt: effect.dueAt, trigger: 'schedule' }
            : effect,
        ),
      ),
    ],
    [
      'tells of missed due times twice',
      'accounted-once',
      erring(each(50, 'account', (effect) => [effect, effect])),
    ],
    [
      'floods its driver',
      'no-flood',
      erring(each(50, 'account', (effect) => Array.from({ length: 5_000 }, () => effect))),
    ],
  ])('one that %s', (_, invariant, create) => {
    expect(found(create)).toBe(invariant);
  });
});
