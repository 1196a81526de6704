import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from './run.ts';
import {
  type CountedEnd,
  deltaOfEnd,
  deltaOfSample,
  deltaOfStart,
  durationAvgSeconds,
  durationMaxSeconds,
  grow,
  memoryAvgBytes,
  memoryMaxBytes,
  noStatistics,
  type StatisticsDelta,
} from './statistics.ts';

const cron = { environment: 'shop', job: 'report', kind: 'cron', startedAt: 1_000 } as const;
const worker = { environment: 'shop', job: 'mailer', kind: 'worker', startedAt: 1_000 } as const;
const end = (outcome: Outcome, more: Partial<CountedEnd> = {}): CountedEnd => ({
  endedAt: 6_000,
  exit: { kind: 'exited', code: 0 },
  outcome,
  memoryAvgBytes: 100,
  memoryMaxBytes: 200,
  ...more,
});
const none = noStatistics('shop', 'report', 0);
const total = (deltas: readonly StatisticsDelta[]) => deltas.reduce(grow, none);

describe('the end of a run', () => {
  it.each(['failed', 'signalled', 'timed-out', 'out-of-memory', 'lost'] as const)(
    '%s is a fail',
    (outcome) => {
      const counted = total(deltaOfEnd(cron, end(outcome)));
      expect(counted).toMatchObject({ fails: 1, exitsOk: 0 });
    },
  );

  it('ok is an exit', () => {
    expect(total(deltaOfEnd(worker, end('ok')))).toMatchObject({ fails: 0, exitsOk: 1 });
  });

  it('stopped is an exit where its exit code was 0, and else neither', () => {
    expect(total(deltaOfEnd(worker, end('stopped')))).toMatchObject({ fails: 0, exitsOk: 1 });
    const killed = end('stopped', { exit: { kind: 'signalled', signal: 'KILL' } });
    expect(total(deltaOfEnd(worker, killed))).toMatchObject({ fails: 0, exitsOk: 0 });
    const rude = end('stopped', { exit: { kind: 'exited', code: 143 } });
    expect(total(deltaOfEnd(worker, rude))).toMatchObject({ fails: 0, exitsOk: 0 });
  });

  it('has a duration that counts for crons only', () => {
    expect(durationAvgSeconds(total(deltaOfEnd(cron, end('ok'))))).toBe(5);
    expect(durationAvgSeconds(total(deltaOfEnd(worker, end('ok'))))).toBeNull();
    expect(durationMaxSeconds(total(deltaOfEnd(worker, end('ok'))))).toBeNull();
  });

  it('of a run that never started has none', () => {
    expect(deltaOfEnd({ ...cron, startedAt: null }, end('failed'))).toEqual([
      { environment: 'shop', job: 'report', memoryMaxBytes: 200, fails: 1 },
    ]);
  });

  it('has no negative duration when the clock was set back', () => {
    expect(durationAvgSeconds(total(deltaOfEnd(cron, end('ok', { endedAt: 0 }))))).toBe(0);
  });

  it('of a remote command counts for no job', () => {
    expect(deltaOfEnd({ ...cron, job: null, kind: 'remote' }, end('failed'))).toEqual([]);
  });

  it('has its memory counted for a cron, and for a worker only what its samples have not counted', () => {
    expect(memoryAvgBytes(total(deltaOfEnd(cron, end('ok'))))).toBe(100);
    expect(total(deltaOfEnd(worker, end('ok'))).memorySeconds).toBe(0);
    const short = end('failed', { memoryAvgBytes: null });
    expect(memoryAvgBytes(total(deltaOfEnd(worker, short)))).toBe(200);
    expect(
      memoryAvgBytes(total(deltaOfEnd(cron, end('ok', { memoryAvgBytes: null, memoryMaxBytes: null })))),
    ).toBeNull();
  });
});

describe('the start of a worker', () => {
  const start = { environment: 'shop', job: 'mailer', kind: 'worker' } as const;

  it('counts as a restart after the first', () => {
    expect(deltaOfStart({ ...start, trigger: 'start' })).toEqual([]);
    for (const trigger of ['failure', 'exit', 'deploy', 'settings', 'manual'] as const)
      expect(total(deltaOfStart({ ...start, trigger })).restarts).toBe(1);
  });

  it('is no cron’s and no remote command’s', () => {
    expect(deltaOfStart({ ...start, kind: 'cron', trigger: 'schedule' })).toEqual([]);
    expect(deltaOfStart({ ...start, job: null, kind: 'remote', trigger: 'remote' })).toEqual([]);
  });
});

describe('statistics', () => {
  it('weigh memory by the time for which it was held', () => {
    const samples = [deltaOfSample('shop', 'mailer', 100, 9), deltaOfSample('shop', 'mailer', 1_100, 1)];
    expect(memoryAvgBytes(total(samples))).toBe(200);
    expect(memoryMaxBytes(total(samples))).toBe(1_100);
  });

  it('have nothing to show before anything was counted', () => {
    expect(
      [durationAvgSeconds, durationMaxSeconds, memoryAvgBytes, memoryMaxBytes].map((of) => of(none)),
    ).toEqual([null, null, null, null]);
  });

  it('come to the same in whatever order they are counted, and no average exceeds its maximum', () => {
    const delta = fc
      .record({
        kind: fc.constantFrom('cron' as const, 'worker' as const),
        seconds: fc.integer({ min: 0, max: 9_999 }),
        bytes: fc.integer({ min: 1, max: 1_000_000 }),
        outcome: fc.constantFrom<Outcome>('ok', 'failed', 'stopped'),
      })
      .map(({ kind, seconds, bytes, outcome }) =>
        deltaOfEnd(
          { ...cron, kind },
          end(outcome, { endedAt: 1_000 + seconds * 1_000, memoryAvgBytes: bytes, memoryMaxBytes: bytes }),
        ),
      );
    fc.assert(
      fc.property(fc.array(delta), (deltas) => {
        const forth = total(deltas.flat());
        expect(total(deltas.flat().reverse())).toEqual(forth);
        expect(durationAvgSeconds(forth) ?? 0).toBeLessThanOrEqual(durationMaxSeconds(forth) ?? 0);
        expect(memoryAvgBytes(forth) ?? 0).toBeLessThanOrEqual((memoryMaxBytes(forth) ?? 0) * (1 + 1e-9));
        expect(forth.fails + forth.exitsOk).toBe(deltas.length);
      }),
    );
  });
});
