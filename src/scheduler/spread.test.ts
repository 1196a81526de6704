import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Interval, intervals } from '../domain/job.ts';
import { compileSchedule } from './schedule.ts';
import { chooseMoment, StartMap, type Taken } from './spread.ts';

/** Adds so many crons of an interval, each placed beside the others; answers their moments. */
function place(map: StartMap, interval: Interval, count: number): number[] {
  return Array.from({ length: count }, () => {
    const moment = map.choose({ kind: 'interval', interval });
    map.add(compileSchedule({ kind: 'interval', interval, moment }));
    return moment;
  });
}

const crontab = (expression: string, moment = 0, timezone = 'UTC') =>
  compileSchedule({ kind: 'crontab', expression, timezone, moment });

describe('the moment of a new cron', () => {
  test('of 60 daily crons no two start in the same minute', () => {
    const map = new StartMap(0);
    const minutes = place(map, '1d', 60).map((moment) => Math.floor(moment / 60));
    expect(new Set(minutes).size).toBe(60);
    expect(map.peaks()).toEqual({ second: 1, minute: 1 });
  });

  test('of 600 daily crons neither, and 1,200 are two a minute', () => {
    const map = new StartMap(0);
    place(map, '1d', 600);
    expect(map.peaks()).toEqual({ second: 1, minute: 1 });
    place(map, '1d', 600);
    expect(map.peaks()).toEqual({ second: 1, minute: 2 });
  });

  test('36,000 daily crons are one a second when the last of them is placed', () => {
    // Placing is the same for the last 1,000 as for the first; script/simulate --spread places all of them.
    const map = new StartMap(0);
    const second = (moment: number) => compileSchedule({ kind: 'interval', interval: '1d', moment });
    for (let moment = 0; moment < 36_000; moment++) if (moment % 36 !== 7) map.add(second(moment));
    const last = place(map, '1d', 1_000);
    expect(new Set(last).size).toBe(1_000);
    expect(map.peaks().second).toBe(1);
    place(map, '1d', 1);
    expect(map.peaks().second).toBe(2);
  });

  test.each([
    ['1m', 60],
    ['10m', 600],
    ['30m', 1_800],
    ['1h', 3_600],
  ] as const)('crons of every %s fill all of their %i seconds before two share one', (interval, seconds) => {
    const map = new StartMap(0);
    expect(new Set(place(map, interval, seconds)).size).toBe(seconds);
    expect(map.peaks().second).toBe(1);
  });

  test('lies where its interval allows it', () => {
    const limits = { '1m': 60, '10m': 600, '30m': 1_800, '1h': 3_600, '1d': 36_000, '1w': 36_000 };
    const map = new StartMap(0);
    for (const interval of intervals) {
      for (const moment of place(map, interval, 200)) {
        expect(Number.isInteger(moment)).toBe(true);
        if (interval === '1mo') {
          expect(Math.floor(moment / 86_400)).toBeLessThan(28);
          expect(moment % 86_400).toBeLessThan(36_000);
        } else expect(moment).toBeLessThan(limits[interval]);
        expect(moment).toBeGreaterThanOrEqual(0);
      }
    }
  });

  test('of 28 monthly crons each has a day of its own', () => {
    const days = place(new StartMap(0), '1mo', 28).map((moment) => Math.floor(moment / 86_400));
    expect(new Set(days).size).toBe(28);
  });

  test('avoids the seconds of those with other intervals', () => {
    const map = new StartMap(0);
    place(map, '1m', 10);
    place(map, '10m', 100);
    place(map, '1h', 100);
    place(map, '1d', 1_000);
    expect(map.peaks().second).toBe(1);
  });

  test('leaves second 0 to crontab expressions', () => {
    const map = new StartMap(0);
    expect(place(map, '1m', 59)).not.toContain(0);
    expect(place(map, '1m', 1)).toEqual([0]);
  });

  test('fills the hole that a removed one leaves, and moves no other', () => {
    const map = new StartMap(0);
    const moments = place(map, '1m', 60);
    map.remove(compileSchedule({ kind: 'interval', interval: '1m', moment: moments[17] as number }));
    expect(place(map, '1m', 1)).toEqual([moments[17]]);
  });

  test('keeps away from what is heavy', () => {
    const map = new StartMap(0);
    for (let second = 0; second < 30; second++)
      map.add(compileSchedule({ kind: 'interval', interval: '1m', moment: second }), 10);
    for (const moment of place(map, '1m', 30)) expect(moment).toBeGreaterThanOrEqual(30);
  });

  test('depends on what is there, not on the order in which it is told', () => {
    const taken = fc.array(
      fc.record({ interval: fc.constantFrom(...intervals), moment: fc.integer({ min: 0, max: 59 }) }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(taken, fc.constantFrom(...intervals), (list, interval) => {
        const there: Taken[] = list.map((one) => ({
          schedule: compileSchedule({ kind: 'interval', ...one }),
        }));
        const wish = { kind: 'interval', interval } as const;
        expect(chooseMoment(wish, [...there].reverse())).toBe(chooseMoment(wish, there));
      }),
      { numRuns: 40 },
    );
  });
});

describe('the moment of H', () => {
  const placeCrontab = (map: StartMap, expression: string, timezone = 'UTC'): number => {
    const moment = map.choose({ kind: 'crontab', expression, timezone });
    map.add(crontab(expression, moment, timezone));
    return moment;
  };

  test('60 hourly ones have a minute each', () => {
    const map = new StartMap(0);
    const minutes = Array.from({ length: 60 }, () => placeCrontab(map, 'H * * * *'));
    expect(new Set(minutes).size).toBe(60);
    expect(map.peaks()).toEqual({ second: 1, minute: 1 });
  });

  test('nightly ones in their window have a minute each', () => {
    const map = new StartMap(0);
    for (let count = 0; count < 100; count++) placeCrontab(map, 'H H(0-7) * * *', 'Europe/Berlin');
    expect(map.peaks()).toEqual({ second: 1, minute: 1 });
  });

  test('avoids the minutes that other expressions start in', () => {
    const map = new StartMap(0);
    map.add(crontab('0-58 * * * *'));
    expect(placeCrontab(map, 'H * * * *')).toBe(59);
  });

  test('gives monthly ones a day each', () => {
    const map = new StartMap(0);
    const days = Array.from({ length: 28 }, () => Math.floor(placeCrontab(map, 'H 4 H * *') / 1440) % 28);
    expect(new Set(days).size).toBe(28);
  });

  test('an expression without H needs none', () => {
    expect(chooseMoment({ kind: 'crontab', expression: '5 4 * * *', timezone: 'UTC' }, [])).toBe(0);
  });
});
