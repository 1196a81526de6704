import { beforeEach, describe, expect, test } from 'vitest';
import type { Bench } from '../store.contract.ts';
import {
  noon,
  sampleDue,
  sampleEnd,
  sampleEnvironment,
  sampleHandle,
  sampleRun,
  sampleWorker,
} from '../store.testkit.ts';
import { refusal } from './environments.contract.ts';

export function describeRuns(bench: Bench): void {
  describe('runs', () => {
    beforeEach(async () => {
      await bench.store.addEnvironment(sampleEnvironment('shop'));
      await bench.store.addJob(sampleWorker('shop', 'mail'));
    });

    test('are there from their beginning to their end, also after closing and opening', async () => {
      const begun = sampleRun('shop', 'r1', { commit: 'c0ffee', predecessor: 'r0', instance: 2 });
      expect(await bench.store.beginRuns([begun], [])).toEqual(['r1']);
      await bench.reopen();
      expect(await bench.store.run('shop', 'r1')).toEqual(begun);

      await bench.store.runStarted('r1', noon + 50.25, sampleHandle('r1'));
      const started = { ...begun, startedAt: noon + 50.25, handle: sampleHandle('r1') };
      await bench.reopen();
      expect(await bench.store.openRuns()).toEqual([started]);

      await bench.store.runEndRequested('r1', 'deploy', noon + 70.5);
      const end = sampleEnd({
        exit: { kind: 'signalled', signal: 'TERM' },
        outcome: 'stopped',
        reason: 'restarted for a deployment',
        leftovers: [{ pid: 12, command: 'sleep 1000 \u0000 \ud83d\udca7' }],
      });
      expect(await bench.store.runEnded('r1', end, [])).toBe(true);
      await bench.reopen();
      expect(await bench.store.run('shop', 'r1')).toEqual({
        ...started,
        endRequest: 'deploy',
        endRequestedAt: noon + 70.5,
        ...end,
      });
      expect(await bench.store.openRuns()).toEqual([]);
    });

    test('of a job since a moment are those that have not ended, or ended then or later', async () => {
      const ends: Record<string, number | null> = { r1: noon - 1, r2: noon, r3: null, r4: noon + 9 };
      for (const [id, endedAt] of Object.entries(ends)) {
        await bench.store.beginRuns([sampleRun('shop', id, { createdAt: noon - 10 + Number(id[1]) })], []);
        if (endedAt !== null) await bench.store.runEnded(id, sampleEnd({ endedAt }), []);
      }
      await bench.store.beginRuns([sampleRun('shop', 'r5', { job: 'feed' })], []);
      const since = { environment: 'shop', job: 'mail', since: noon };
      expect((await bench.store.runsSince(since)).map((run) => run.id)).toEqual(['r4', 'r3', 'r2']);
      expect(await bench.store.runsSince({ ...since, environment: 'none' })).toEqual([]);
    });

    test('tell of each job how its newest run ended that is over', async () => {
      const begin = (id: string, at: number, job = 'mail') =>
        bench.store.beginRuns([sampleRun('shop', id, { job, createdAt: noon + at })], []);
      await begin('r1', 1);
      await begin('r2', 2);
      await begin('r3', 3);
      await begin('r4', 4, 'feed');
      const failed = sampleEnd({ outcome: 'failed', reason: 'exit code 3', endedAt: noon + 9 });
      await bench.store.runEnded('r1', sampleEnd(), []);
      await bench.store.runEnded('r2', failed, []);
      await bench.reopen();
      expect(await bench.store.lastEnds('shop', ['feed', 'mail', 'none'])).toEqual([
        { job: 'mail', run: 'r2', endedAt: noon + 9, outcome: 'failed', reason: 'exit code 3' },
      ]);
      expect(await bench.store.lastEnds('none', ['mail'])).toEqual([]);
    });

    test('say who asked for them, and which attempt they are', async () => {
      const run = sampleRun('shop', 'r1', { askedBy: 'ada', attempt: 3, predecessor: 'r0' });
      await bench.store.beginRuns([run], []);
      await bench.reopen();
      expect(await bench.store.run('shop', 'r1')).toEqual(run);
    });

    test('end exactly once, and never go backwards', async () => {
      await bench.store.beginRuns([sampleRun('shop', 'r1')], []);
      const delta = { environment: 'shop', job: 'mail', durationSeconds: 3, fails: 1 };
      const failed = sampleEnd({ outcome: 'failed', exit: { kind: 'exited', code: 3 } });
      const answers = await Promise.all([
        bench.store.runEnded('r1', failed, [delta]),
        bench.store.runEnded('r1', sampleEnd(), [delta]),
      ]);
      expect(answers).toEqual([true, false]);
      expect(await bench.store.runEnded('r1', sampleEnd(), [delta])).toBe(false);
      await bench.store.runStarted('r1', noon, sampleHandle('r1'));
      await bench.store.runEndRequested('r1', 'stop', noon);
      await bench.reopen();
      expect(await bench.store.runEnded('r1', sampleEnd(), [delta])).toBe(false);
      expect(await bench.store.run('shop', 'r1')).toEqual({ ...sampleRun('shop', 'r1'), ...failed });
      expect((await bench.store.statistics('shop'))[0]).toMatchObject({ ended: 1, fails: 1 });
    });

    test('are not begun twice under one id', async () => {
      const run = sampleRun('shop', 'r1');
      expect(await bench.store.beginRuns([run], [])).toEqual(['r1']);
      await bench.store.runStarted('r1', noon, sampleHandle('r1'));
      expect(await bench.store.beginRuns([run, sampleRun('shop', 'r2')], [])).toEqual(['r2']);
      expect((await bench.store.run('shop', 'r1'))?.startedAt).toBe(noon);
    });

    test('of an unknown environment are refused, and those asked for with them', async () => {
      const call = bench.store.beginRuns([sampleRun('shop', 'r1'), sampleRun('none', 'r2')], []);
      await expect(call).rejects.toThrow(refusal('environment.unknown'));
      expect(await bench.store.run('shop', 'r1')).toBeUndefined();
      expect(await bench.store.openRuns()).toEqual([]);
    });

    test('that are refused among others leave nothing behind, and the others are kept', async () => {
      const at = (id: string, minute: number) => sampleDue('shop', 'mail', noon + minute, id);
      const [one, two, three] = [at('r1', 1), at('r2', 2), at('r3', 3)];
      const answers = await Promise.allSettled([
        bench.store.beginRuns([one.run], [one.dueTime]),
        bench.store.beginRuns([two.run, sampleRun('none', 'r9')], [two.dueTime]),
        bench.store.beginRuns([three.run], [three.dueTime]),
      ]);
      expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect((await bench.store.openRuns()).map((run) => run.id)).toEqual(['r1', 'r3']);
      const due = await bench.store.dueTimes({ environment: 'shop', limit: 9 });
      expect(due.map((each) => each.run)).toEqual(['r3', 'r1']);
      expect(await bench.store.beginRuns([two.run], [two.dueTime])).toEqual(['r2']);
    });

    test('of another environment are not found, and unknown ones are left alone', async () => {
      await bench.store.addEnvironment(sampleEnvironment('blog'));
      await bench.store.beginRuns([sampleRun('shop', 'r1')], []);
      expect(await bench.store.run('blog', 'r1')).toBeUndefined();
      expect(await bench.store.run('none', 'r1')).toBeUndefined();
      await bench.store.runStarted('r9', noon, sampleHandle('r9'));
      expect(await bench.store.runEnded('r9', sampleEnd(), [])).toBe(false);
    });

    test('page newest first by moment and id, each exactly once', async () => {
      const runs = Array.from({ length: 25 }, (_, index) =>
        sampleRun('shop', `r${String(index * 7).padStart(3, '0')}`, {
          job: index % 5 === 0 ? null : index % 2 === 0 ? 'mail' : 'thumbs',
          createdAt: noon + Math.floor(index / 4) * 1_000,
        }),
      );
      await bench.store.beginRuns([...runs].reverse(), []);
      const ordered = [...runs].sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
      for (const job of [undefined, 'mail', 'thumbs']) {
        const wanted = ordered.filter((run) => job === undefined || run.job === job);
        const seen: string[] = [];
        for (;;) {
          const before = seen.at(-1);
          const page = await bench.store.runs({
            environment: 'shop',
            limit: 4,
            ...(job === undefined ? {} : { job }),
            ...(before === undefined ? {} : { before }),
          });
          expect(page.length).toBeLessThanOrEqual(4);
          seen.push(...page.map((run) => run.id));
          if (page.length < 4) break;
        }
        expect(seen).toEqual(wanted.map((run) => run.id));
      }
    });

    test('do not page back from a run that is not there', async () => {
      const call = bench.store.runs({ environment: 'shop', before: 'none', limit: 4 });
      await expect(call).rejects.toThrow(refusal('run.unknown'));
    });

    test('are forgotten beyond the newest of each job, open ones never', async () => {
      const ended: string[] = [];
      for (const job of ['mail', 'thumbs', null]) {
        for (let index = 0; index < 6; index += 1) {
          const id = `${job}-${index}`;
          await bench.store.beginRuns([sampleRun('shop', id, { job, createdAt: noon + index })], []);
          if (job === 'mail' && index === 1) continue;
          await bench.store.runEnded(id, sampleEnd(), []);
          if (index < 4) ended.push(id);
        }
      }
      expect([...(await bench.store.pruneRuns(2))].sort()).toEqual([...ended].sort());
      expect(await bench.store.pruneRuns(2)).toEqual([]);
      await bench.reopen();
      const left = (await bench.store.runs({ environment: 'shop', limit: 99 })).map((run) => run.id);
      expect(left.sort()).toEqual(
        ['mail-1', 'mail-4', 'mail-5', 'null-4', 'null-5', 'thumbs-4', 'thumbs-5'].sort(),
      );
      expect((await bench.store.openRuns()).map((run) => run.id)).toEqual(['mail-1']);
    });

    test('asked for by 200 callers at once are each answered for themselves', async () => {
      const calls = Array.from({ length: 200 }, (_, index) =>
        bench.store.beginRuns(
          [sampleRun(index % 50 === 7 ? 'none' : 'shop', `r${index}`, { createdAt: noon + index })],
          [],
        ),
      );
      const answers = await Promise.allSettled(calls);
      const refused = answers.filter((answer) => answer.status === 'rejected');
      expect(refused).toHaveLength(4);
      expect((await bench.store.openRuns()).map((run) => run.id)).toEqual(
        answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])),
      );
      await Promise.all(
        Array.from({ length: 200 }, async (_, index) => {
          await Promise.all([
            bench.store.runStarted(`r${index}`, noon, sampleHandle(`r${index}`)),
            bench.store.runEnded(`r${index}`, sampleEnd(), [
              { environment: 'shop', job: 'mail', exitsOk: 1 },
            ]),
          ]);
        }),
      );
      expect(await bench.store.openRuns()).toEqual([]);
      expect((await bench.store.statistics('shop'))[0]?.exitsOk).toBe(196);
      expect((await bench.store.run('shop', 'r5'))?.handle).toEqual(sampleHandle('r5'));
    });

    test('are seen by a read that is asked for after the write, without waiting for it', async () => {
      const write = bench.store.beginRuns([sampleRun('shop', 'r1')], []);
      const read = bench.store.run('shop', 'r1');
      expect((await read)?.id).toBe('r1');
      await write;
    });
  });
}
