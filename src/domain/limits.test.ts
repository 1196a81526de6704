import { expect, it } from 'vitest';
import { limits } from './limits.ts';

it('every limit is a number above zero', () => {
  for (const [name, value] of Object.entries(limits)) expect(value, name).toBeGreaterThan(0);
});

it('a run may take as long as the design allows by default, and its log line fits its segment', () => {
  expect(limits.maxRuntimeSecondsMax).toBeGreaterThanOrEqual(12 * 3600);
  expect(limits.exitTimeoutSecondsMax).toBe(3_600);
  expect(limits.logLineBytes).toBeLessThan(limits.logSegmentBytes);
  expect(limits.logSegmentBytes).toBeLessThan(limits.logBytesPerEnvironment);
});
