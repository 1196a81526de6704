import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { DueTime } from '../../domain/due-time.ts';
import { limits } from '../../domain/limits.ts';
import type { Bench } from '../store.contract.ts';
import { noon, sampleCron, sampleDue, sampleEnd, sampleEnvironment } from '../store.testkit.ts';

const minute = 60_000;
const day = 86_400_000;

export function describeDueTimes(bench: Bench): void {
  describe('due times', () => {
    beforeEach(async () => {
      await bench.store.addEnvironment(sampleEnvironment('shop'));
      for (const job of ['mail', 'backup', 'feed']) await bench.store.addJob(sampleCron('shop', job));
    });

    const skipped = (job: string, dueAt: number, given: Partial<DueTime> = {}): DueTime => ({
      environment: 'shop',
      job,
      dueAt,
      fate: 'skipped',
      run: null,
      reason: 'five instances run',
      ...given,
    });

    test('are kept with their fate, their run and their reason', async () => {
      const { run, dueTime } = sampleDue('shop', 'mail', noon, 'r1');
      const skip = skipped('mail', noon + minute);
      const miss = skipped('mail', noon + 2 * minute, { fate: 'missed', reason: 'the machine was down' });
      expect(await bench.store.beginRuns([run], [dueTime, skip, miss])).toEqual(['r1']);
      await bench.reopen();
      const found = await bench.store.dueTimes({ environment: 'shop', job: 'mail', limit: 9 });
      expect(found).toEqual([miss, skip, dueTime]);
      expect(await bench.store.run('shop', 'r1')).toEqual(run);
    });

    test('begin at most one run, whoever comes again with them', async () => {
      const first = sampleDue('shop', 'mail', noon, 'r1');
      const again = sampleDue('shop', 'mail', noon, 'r2');
      const other = sampleDue('shop', 'backup', noon, 'r3');
      expect(await bench.store.beginRuns([first.run], [first.dueTime])).toEqual(['r1']);
      await bench.reopen();
      const answer = await bench.store.beginRuns([again.run, other.run], [again.dueTime, other.dueTime]);
      expect(answer).toEqual(['r3']);
      expect(await bench.store.beginRuns([], [skipped('mail', noon)])).toEqual([]);
      expect(await bench.store.run('shop', 'r2')).toBeUndefined();
      const ledger = await bench.store.dueTimes({ environment: 'shop', job: 'mail', limit: 9 });
      expect(ledger).toEqual([first.dueTime]);
    });

    test('begin at most one run also within one call and among parallel ones', async () => {
      const [one, two, three] = ['r1', 'r2', 'r3'].map((id) => sampleDue('shop', 'mail', noon, id));
      if (one === undefined || two === undefined || three === undefined) throw new Error('unreachable');
      const answers = await Promise.all([
        bench.store.beginRuns([one.run, two.run], [one.dueTime, two.dueTime]),
        bench.store.beginRuns([three.run], [three.dueTime]),
      ]);
      expect(answers).toEqual([['r1'], []]);
      expect((await bench.store.openRuns()).map((run) => run.id)).toEqual(['r1']);
    });

    test('of a job that is gone begin nothing', async () => {
      const { run, dueTime } = sampleDue('shop', 'gone', noon, 'r1');
      expect(await bench.store.beginRuns([run], [dueTime])).toEqual([]);
      expect(await bench.store.openRuns()).toEqual([]);
    });

    test('page newest first over all jobs, and none is left out where many are due at one moment', async () => {
      const all: DueTime[] = [];
      for (let index = 0; index < 5; index += 1)
        for (const job of ['mail', 'backup', 'feed']) all.push(skipped(job, noon + index * minute));
      await bench.store.beginRuns([], all);
      const seen: DueTime[] = [];
      for (;;) {
        const last = seen.at(-1);
        const place = last === undefined ? {} : { before: last.dueAt, beforeJob: last.job };
        const page = await bench.store.dueTimes({ environment: 'shop', limit: 4, ...place });
        seen.push(...page);
        if (page.length < 4) break;
      }
      expect(new Set(seen.map((each) => `${each.job} ${each.dueAt}`)).size).toBe(15);
      expect(seen.map((each) => each.dueAt)).toEqual(seen.map((each) => each.dueAt).sort((a, b) => b - a));
      const before = await bench.store.dueTimes({ environment: 'shop', before: noon + minute, limit: 9 });
      expect(before.map((each) => each.dueAt)).toEqual([noon, noon, noon]);
    });

    test('as a stretch cover all moments from its first to its last', async () => {
      const stretch = skipped('mail', noon, { fate: 'missed', untilDueAt: noon + 10 * minute, count: 11 });
      await bench.store.beginRuns([], [stretch]);
      expect(await bench.store.dueTimes({ environment: 'shop', limit: 9 })).toEqual([stretch]);
      expect(await bench.store.lastDueTimes()).toEqual(new Map([['shop/mail', noon + 10 * minute]]));
      for (const [at, begins] of [
        [noon - minute, true],
        [noon, false],
        [noon + 5 * minute, false],
        [noon + 10 * minute, false],
        [noon + 11 * minute, true],
      ] as const) {
        const { run, dueTime } = sampleDue('shop', 'mail', at, `at-${at}`);
        expect(await bench.store.beginRuns([run], [dueTime])).toEqual(begins ? [run.id] : []);
      }
    });

    test('that a wrong clock told of give way to a run in the same step, except what ran', async () => {
      const missed = skipped('mail', noon, { fate: 'missed', untilDueAt: noon + 4 * minute, count: 5 });
      await bench.store.beginRuns([], [missed]);
      const left = skipped('mail', noon, { fate: 'missed', untilDueAt: noon + minute, count: 2 });
      const right = skipped('mail', noon + 3 * minute, {
        fate: 'missed',
        untilDueAt: noon + 4 * minute,
        count: 2,
      });
      const served = sampleDue('shop', 'mail', noon + 2 * minute, 'r1');
      const change = { drop: [missed], put: [left, right] };
      expect(await bench.store.beginRuns([served.run], [served.dueTime], [change])).toEqual(['r1']);
      await bench.reopen();
      const ledger = (): Promise<DueTime[]> =>
        bench.store.dueTimes({ environment: 'shop', job: 'mail', limit: 9 });
      expect(await ledger()).toEqual([right, served.dueTime, left]);
      // Nobody has what was read any more; what ran stays, whatever is asked.
      const again = sampleDue('shop', 'mail', noon + 2 * minute, 'r2');
      const changes = [change, { drop: [served.dueTime], put: [] }];
      expect(await bench.store.beginRuns([again.run], [again.dueTime], changes)).toEqual([]);
      expect(await ledger()).toEqual([right, served.dueTime, left]);
    });

    test('are known by the last that was accounted for', async () => {
      expect(await bench.store.lastDueTimes()).toEqual(new Map());
      await bench.store.beginRuns([], [skipped('mail', noon + 5), skipped('mail', noon), skipped('feed', 7)]);
      await bench.reopen();
      expect(await bench.store.lastDueTimes()).toEqual(
        new Map([
          ['shop/mail', noon + 5],
          ['shop/feed', 7],
        ]),
      );
    });

    test('of every minute take little space when they are old, and still begin nothing twice', async () => {
      const start = Math.floor(noon / day) * day;
      const days = 4;
      const all = Array.from({ length: days * 1440 }, (_, index) =>
        skipped('mail', start + index * minute, index === 700 ? { reason: 'the plan is full' } : {}),
      );
      for (let from = 0; from < all.length; from += 1440)
        await bench.store.beginRuns([], all.slice(from, from + 1440));
      await bench.store.housekeep(start + days * day);
      await bench.store.housekeep(start + days * day);
      await bench.reopen();

      const rows = await bench.store.dueTimes({ environment: 'shop', job: 'mail', limit: 99_999 });
      expect(rows.reduce((sum, row) => sum + (row.count ?? 1), 0)).toBe(all.length);
      expect(rows.length).toBeLessThan(limits.dueTimesKeptSinglePerJob + 2 * days);
      const odd = rows.filter((row) => row.reason === 'the plan is full');
      expect(odd).toEqual([all[700]]);
      for (const each of all) expect(covering(rows, each.dueAt), `${each.dueAt}`).toHaveLength(1);
      const { run, dueTime } = sampleDue('shop', 'mail', start + 300 * minute, 'again');
      expect(await bench.store.beginRuns([run], [dueTime])).toEqual([]);
      expect((await bench.store.lastDueTimes()).get('shop/mail')).toBe(all.at(-1)?.dueAt);
    });

    test('go when they are older than what is kept', async () => {
      await bench.store.beginRuns([], [skipped('mail', noon), skipped('mail', noon + day)]);
      await bench.store.housekeep(noon + limits.dueTimeAgeSeconds * 1_000 + 1);
      const rows = await bench.store.dueTimes({ environment: 'shop', limit: 9 });
      expect(rows.map((row) => row.dueAt)).toEqual([noon + day]);
    });

    test('and runs never double, whatever order of begins, ends, housekeeping and openings', async () => {
      const step = fc.oneof(
        { weight: 6, arbitrary: fc.record({ act: fc.constant('begin' as const), at: fc.nat(12) }) },
        { weight: 2, arbitrary: fc.record({ act: fc.constant('end' as const), at: fc.nat(12) }) },
        { weight: 1, arbitrary: fc.record({ act: fc.constant('keep' as const), at: fc.nat(3) }) },
        { weight: 1, arbitrary: fc.record({ act: fc.constant('open' as const), at: fc.constant(0) }) },
      );
      let number = 0;
      const begun = new Map<number, string>();
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
          for (const { act, at } of steps) {
            if (act === 'open') await bench.reopen();
            if (act === 'keep') await bench.store.housekeep(noon + day);
            if (act === 'end') await bench.store.runEnded(begun.get(at) ?? 'none', sampleEnd(), []);
            if (act !== 'begin') continue;
            number += 1;
            const { run, dueTime } = sampleDue('shop', 'mail', noon + at * minute, `r${number}`);
            const answer = await bench.store.beginRuns([run], [dueTime]);
            expect(answer).toEqual(begun.has(at) ? [] : [run.id]);
            if (answer.length > 0) begun.set(at, run.id);
          }
          const runs = await bench.store.runs({ environment: 'shop', limit: 99 });
          expect(runs.map((run) => run.id).sort()).toEqual([...begun.values()].sort());
        }),
        { numRuns: 15 },
      );
    });
  });
}

/** The rows that account for a moment. */
const covering = (rows: readonly DueTime[], at: number): DueTime[] =>
  rows.filter((row) => row.dueAt <= at && at <= (row.untilDueAt ?? row.dueAt));
