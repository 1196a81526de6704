import { expect, it } from 'vitest';
import { Timestamps } from './timestamp.ts';

function stage() {
  const now = { wall: Date.UTC(2026, 10, 22, 12, 0, 0, 123), monotonic: 5_000 };
  const clock = { wall: () => now.wall, monotonic: () => now.monotonic, after: () => () => undefined };
  return { now, times: new Timestamps(clock) };
}

it('writes a time in UTC with nine decimals', () => {
  expect(stage().times.now()).toBe('2026-11-22T12:00:00.123000000Z');
});

it('orders what falls within the same millisecond', () => {
  const { now, times } = stage();
  times.now();
  now.monotonic += 0.123456;
  expect(times.now()).toBe('2026-11-22T12:00:00.123123456Z');
});

it('never runs ahead of the wall clock by a whole millisecond', () => {
  const { now, times } = stage();
  times.now();
  now.monotonic += 40;
  expect(times.now()).toBe('2026-11-22T12:00:00.123999999Z');
});

it('follows the wall clock when it is set back', () => {
  const { now, times } = stage();
  times.now();
  now.wall -= 3_600_000;
  expect(times.now()).toBe('2026-11-22T11:00:00.123000000Z');
});
