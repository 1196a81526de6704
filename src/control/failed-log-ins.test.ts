import { expect, it } from 'vitest';
import { limits } from '../domain/limits.ts';
import { FailedLogIns } from './failed-log-ins.ts';

it('notes so many an hour, and tells afterwards how many it only counted', () => {
  const failed = new FailedLogIns();
  const most = limits.failedLogInsNotedPerHour;
  const noted = Array.from({ length: most + 7 }, (_, n) => failed.detail('wrong password', n));
  expect(noted.slice(0, most)).toEqual(Array.from({ length: most }, () => 'wrong password'));
  expect(noted.slice(most)).toEqual(Array.from({ length: 7 }, () => null));
  expect(failed.detail('wrong password', 3_600_000)).toBe(
    'wrong password; before it 7 more failed that are not noted',
  );
  expect(failed.detail('wrong password', 3_600_001)).toBe('wrong password');
});
