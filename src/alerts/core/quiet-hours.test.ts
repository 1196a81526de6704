import { describe, expect, test } from 'vitest';
import { findZone, utc } from '../../scheduler/zone.ts';
import { quietUntil } from './quiet-hours.ts';

const at = (text: string): number => Date.parse(text);
const night = { from: '22:00', until: '07:00', timezone: 'UTC' };
const lunch = { from: '12:00', until: '13:30', timezone: 'UTC' };

describe('quiet hours', () => {
  test.each([
    [night, '2026-11-22T21:59:59Z', null],
    [night, '2026-11-22T22:00:00Z', '2026-11-23T07:00:00Z'],
    [night, '2026-11-23T00:30:00Z', '2026-11-23T07:00:00Z'],
    [night, '2026-11-23T06:59:59Z', '2026-11-23T07:00:00Z'],
    [night, '2026-11-23T07:00:00Z', null],
    [lunch, '2026-11-23T12:00:00Z', '2026-11-23T13:30:00Z'],
    [lunch, '2026-11-23T13:30:00Z', null],
  ] as const)('%j at %s end at %s', (quiet, now, until) => {
    expect(quietUntil(quiet, utc, at(now))).toBe(until === null ? null : at(until));
  });

  test('are of the clock of their time zone, also in the nights in which it is put forward or back', () => {
    const zone = findZone('Europe/Berlin') ?? utc;
    const until = (now: string) => new Date(quietUntil(night, zone, at(now)) ?? 0).toISOString();
    expect(until('2026-11-22T21:30:00Z')).toBe('2026-11-23T06:00:00.000Z');
    expect(until('2026-03-28T22:00:00Z')).toBe('2026-03-29T05:00:00.000Z');
    expect(until('2026-10-24T22:00:00Z')).toBe('2026-10-25T06:00:00.000Z');
  });

  test('hold nothing where there are none', () => {
    expect(quietUntil(null, utc, at('2026-11-22T23:00:00Z'))).toBeNull();
  });
});
