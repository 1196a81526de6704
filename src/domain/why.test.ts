import { describe, expect, test } from 'vitest';
import { sampleCron, sampleRun, sampleWorker } from '../store/store.testkit.ts';
import type { ObservedJob, ObservedState } from './observed.ts';
import { defaultPlans, megabyte } from './plan.ts';
import type { Run } from './run.ts';
import { type WhyFacts, whyOf } from './why.ts';

const now = Date.UTC(2026, 10, 22, 7, 40);
const at = (clock: string): number => Date.parse(`2026-11-22T${clock}Z`);
const minute = 60_000;

const seen = (state: ObservedState, more: Partial<ObservedJob> = {}): ObservedJob => ({
  environment: 'shop',
  job: 'mails',
  state,
  reason: 'as observed',
  runs: [],
  instancesRunning: 0,
  memoryBytes: null,
  ...more,
});
const planM = defaultPlans.find(({ name }) => name === 'M') ?? null;

const facts = (given: Partial<WhyFacts>): WhyFacts => ({
  now,
  job: sampleWorker('shop', 'mails'),
  observed: seen({ kind: 'stopped' }),
  plan: planM,
  plans: defaultPlans,
  paused: false,
  runs: [],
  dueTimes: [],
  acts: [],
  nextDueAt: null,
  usedBytes: null,
  ...given,
});

let ids = 0;
/** A run of so many seconds that ended at this moment. */
const ended = (endedAt: number, seconds: number, given: Partial<Run> = {}): Run =>
  sampleRun('shop', `run-${++ids}`, {
    job: 'mails',
    createdAt: endedAt - seconds * 1000 - 5,
    startedAt: endedAt - seconds * 1000,
    endedAt,
    exit: { kind: 'exited', code: 1 },
    outcome: 'failed',
    reason: 'exit code 1',
    ...given,
  });
const outOfMemory = (endedAt: number, seconds: number): Run =>
  ended(endedAt, seconds, {
    outcome: 'out-of-memory',
    exit: { kind: 'signalled', signal: 'KILL' },
    memoryMaxBytes: 431 * megabyte,
    reason: `out of memory (signal KILL): "mails" held 431.0 MB, the others 60.0 MB, and plan M has 512 MB for all: plan L (1024 MB) would have kept it`,
  });

describe('a worker that does not run', () => {
  test('says since when, of what it ended, how often, what follows and which plan would do', () => {
    const runs = [
      outOfMemory(at('03:12:00'), 4_000),
      outOfMemory(at('01:00:00'), 500),
      outOfMemory(at('00:10:00'), 500),
    ];
    const why = whyOf(
      facts({ runs, observed: seen({ kind: 'backing-off', until: now + 8_000, attempt: 1 }) }),
    );
    expect(why).toMatchObject({
      mood: 'bad',
      what: 'Not running',
      since: at('03:12:00'),
      because: expect.stringContaining('"mails" held 431.0 MB, the others 60.0 MB'),
      details: ['It is the third end like this in 7 days.'],
      next: { text: 'it is started again', at: now + 8_000 },
      run: runs[0]?.id,
    });
    expect(why.remedies[0]).toBe('book plan L (1024 MB): nightshift book shop L');
    expect(why.history).toHaveLength(1);
    expect(why.history[0]).toMatchObject({
      at: at('03:12:00'),
      from: at('00:10:00'),
      text: expect.stringMatching(/^3 runs ended after 8m 20s to 1h 6m: out of memory/),
    });
  });

  test('in a crash loop has not run since the last time that it lived, however many quick ends came after', () => {
    const quick = Array.from({ length: 212 }, (_, index) => ended(now - index * 60_000, 0.2));
    const runs = [...quick, ended(at('03:10:00'), 7_200, { commit: 'abc' })];
    const why = whyOf(facts({ runs, observed: seen({ kind: 'crash-loop', until: now, attempt: 212 }) }));
    expect(why).toMatchObject({
      what: 'Not running, in a crash loop',
      since: at('03:10:00'),
      details: ['It is the 213th end like this in 7 days.'],
    });
    expect(why.history.map(({ text }) => text)).toEqual(['213 runs ended after 0.2s to 2h: exit code 1']);
  });

  test('names the code with which it began to fail', () => {
    const runs = [
      ended(now - minute, 1, { commit: 'bbbbbbbbbb' }),
      ended(now - 2 * minute, 1, { commit: 'bbbbbbbbbb' }),
      ended(now - 90 * minute, 3_000, { commit: 'aaaaaaaaaa', outcome: 'ok', reason: null }),
    ];
    const why = whyOf(facts({ runs, observed: seen({ kind: 'backing-off', until: now, attempt: 2 }) }));
    expect(why.details).toContain(
      'With the code of commit aaaaaaa it still ended well; it began to fail with bbbbbbb.',
    );
  });

  test.each([
    [
      {
        job: sampleWorker('shop', 'mails', { status: 'disabled' }),
        acts: [{ at: 1, actor: 'ada', act: 'stop job', detail: '' }],
      },
      'it is disabled, by ada',
      'enable it: nightshift job start shop mails',
    ],
    [{ plan: null }, 'no plan is booked', 'book one: nightshift book shop XS'],
  ] as const)('because of people says whose doing it is, and how to undo it', (given, because, remedy) => {
    expect(whyOf(facts(given))).toMatchObject({
      mood: 'still',
      what: 'Not running',
      because,
      remedies: [remedy],
    });
  });
});

test('a worker that runs tells what it holds, and of the end before it only while that is news', () => {
  const observed = seen(
    { kind: 'running', since: now - minute },
    { runs: ['x'], memoryBytes: 100 * megabyte },
  );
  const running = (runs: readonly Run[]) => whyOf(facts({ observed, runs, usedBytes: 160 * megabyte }));
  const holds = 'It holds 100.0 MB, the other jobs 60.0 MB; plan M has 512 MB for all.';
  expect(running([ended(now - minute, 60)])).toMatchObject({
    mood: 'good',
    what: 'Running',
    since: now - minute,
    details: [holds, 'The run before it ended so: exit code 1.'],
  });
  expect(running([ended(now - 3 * 86_400_000, 60)]).details).toEqual([holds]);
  expect(
    running([ended(now - minute, 60, { outcome: 'stopped', reason: 'stopped (exit code 0)' })]).details,
  ).toEqual([holds]);
});

describe('a cron', () => {
  const job = sampleCron('shop', 'report');
  const waits = {
    job,
    observed: seen({ kind: 'scheduled', nextDueAt: now + minute }),
    nextDueAt: now + minute,
  };
  const ok = { outcome: 'ok', reason: null, kind: 'cron', exit: { kind: 'exited', code: 0 } } as const;

  test('whose last run failed says so until one ends well', () => {
    const runs = [ended(now - minute, 12), ended(now - 2 * minute, 12), ended(now - 3 * minute, 10, ok)];
    expect(whyOf(facts({ ...waits, runs }))).toMatchObject({
      mood: 'bad',
      what: 'Its last run failed',
      since: null,
      at: now - minute,
      because: 'exit code 1',
      details: ['In 7 days 2 of 3 runs failed.', 'The last one that ended well was 2m before it.'],
      next: { text: 'it is due', at: now + minute },
    });
    const healed = whyOf(facts({ ...waits, runs: [ended(now, 11, ok), ...runs] }));
    expect(healed).toMatchObject({
      mood: 'good',
      what: 'Its last run ended well',
      details: ['It took 11s.'],
    });
  });

  test('that was not run when it was due says why, and how to run it now', () => {
    const dueAt = at('03:00:00');
    const missed = { environment: 'shop', job: 'report', dueAt, fate: 'missed', run: null } as const;
    const reason = 'missed: the machine was down from 02:50 to 04:10';
    const runs = [ended(dueAt - 86_400_000, 10, { ...ok, dueAt: dueAt - 86_400_000 })];
    const why = whyOf(facts({ ...waits, runs, dueTimes: [{ ...missed, reason }] }));
    expect(why).toMatchObject({
      mood: 'bad',
      what: 'It did not run when it was due',
      at: dueAt,
      because: reason,
      remedies: ['run it now: nightshift job run shop report'],
    });
    expect(why.history.map(({ text }) => text)).toEqual([
      'a due time was missed: the machine was down from 02:50 to 04:10',
      'ended well after 10s',
    ]);
  });

  test('that is paused says who did it, and its skipped due times are one line', () => {
    const skipped = (dueAt: number) =>
      ({
        environment: 'shop',
        job: 'report',
        dueAt,
        fate: 'skipped',
        run: null,
        reason: 'skipped: paused',
      }) as const;
    const acts = [{ at: now - 9 * minute, actor: 'ada', act: 'pause job', detail: '' }];
    const dueTimes = [skipped(now - minute), skipped(now - 2 * minute), skipped(now - 3 * minute)];
    const why = whyOf(
      facts({ ...waits, job: { ...job, paused: true }, observed: seen({ kind: 'stopped' }), acts, dueTimes }),
    );
    expect(why).toMatchObject({
      because: 'it is paused, by ada',
      remedies: ['let it go on: nightshift job resume shop report'],
    });
    expect(why.history.map(({ text }) => text)).toEqual([
      '3 due times were skipped: paused',
      'ada: pause job',
    ]);
  });
});
