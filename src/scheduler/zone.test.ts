import { describe, expect, test } from 'vitest';
import { findZone, nearestZone, zoneFromOffsets } from './zone.ts';

const hour = 3_600_000;
const offsetsOf = (name: string, ...instants: number[]): number[] =>
  instants.map((instant) => (findZone(name)?.at(instant).offset ?? Number.NaN) / hour);

describe('zones', () => {
  test('have the offsets of their place and time', () => {
    expect(offsetsOf('Europe/Berlin', Date.UTC(2026, 0), Date.UTC(2026, 6))).toEqual([1, 2]);
    expect(offsetsOf('Australia/Lord_Howe', Date.UTC(2026, 0), Date.UTC(2026, 6))).toEqual([11, 10.5]);
    expect(offsetsOf('Asia/Kathmandu', Date.UTC(2026, 0))).toEqual([5.75]);
    expect(offsetsOf('America/St_Johns', Date.UTC(2026, 0))).toEqual([-3.5]);
    expect(offsetsOf('UTC', 0)).toEqual([0]);
  });

  test('change at the second that the law names', () => {
    const zone = findZone('Europe/Berlin');
    const change = Date.UTC(2026, 2, 29, 1);
    const piece = zone?.at(change);
    expect(zone?.at(change - 1).end).toBe(change);
    expect(piece?.start).toBe(change);
    expect(piece?.skippedFrom).toBe(change + hour);
    expect(zone?.at(Date.UTC(2026, 9, 25, 1)).repeatedUntil).toBe(Date.UTC(2026, 9, 25, 1) + 2 * hour);
  });

  test('remember what a change repeats also across the edge of a table', () => {
    // Tables end every 2^35 ms; the clock goes back an hour before such an edge, by two hours.
    const edge = 60 * 2 ** 35;
    const change = Math.floor((edge - hour) / 1000) * 1000;
    const zone = zoneFromOffsets('Test/Edge', (instant) => (instant < change ? 2 * hour : 0));
    expect(zone.at(edge + 1).repeatedUntil).toBe(change + 2 * hour);
    expect(zone.at(edge + 1).offset).toBe(0);
    expect(zone.at(edge - 2 * hour).offset).toBe(2 * hour);
  });

  test('are found by old names and in any case', () => {
    expect(offsetsOf('us/eastern', Date.UTC(2026, 0))).toEqual([-5]);
    expect(offsetsOf('EUROPE/BERLIN', Date.UTC(2026, 0))).toEqual([1]);
    expect(offsetsOf('Asia/Calcutta', Date.UTC(2026, 0))).toEqual(
      offsetsOf('Asia/Kolkata', Date.UTC(2026, 0)),
    );
  });

  test.each(['', ' ', 'Europe', 'Europe/Nowhere', '+01:00', '../../etc/passwd', 'Europe/Berlin\n', '🌍'])(
    'there is none called "%s"',
    (name) => expect(findZone(name)).toBeUndefined(),
  );

  test.each([
    ['Europe/Berln', 'Europe/Berlin'],
    ['berlin', 'Europe/Berlin'],
    ['america/new york', 'America/New_York'],
    ['Ameirca/New_York', 'America/New_York'],
    ['UCT0', 'UTC'],
    ['xyzzy-plugh', undefined],
  ])('the nearest to "%s" is %s', (name, nearest) => expect(nearestZone(name)).toBe(nearest));
});
