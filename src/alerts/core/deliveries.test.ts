import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AlertChannel, AlertRules, Delivery } from '../../domain/alert.ts';
import { noRules } from '../../domain/alert.ts';
import { type Incident, over, type Sighting, sighted } from '../../domain/incident.ts';
import { sampleRun } from '../../store/store.testkit.ts';
import { afterFailure, arrived, deliveriesOf, leftOut, nextStep, pauseAfter, pingOf } from './deliveries.ts';

const now = Date.UTC(2026, 10, 22, 3);
const hour = 3_600_000;
const channel = (id: string, given: Partial<AlertChannel> = {}): AlertChannel => ({
  ...{ id, environment: null, name: id, kind: 'webhook', shape: 'nightshift', to: [] },
  ...{ target: 'example.com', kinds: null, quiet: null, createdAt: now },
  ...given,
});
const failed: Sighting = {
  ...{ environment: 'shop', job: 'report', kind: 'cron-failed' },
  ...{ reason: '"report" failed: exit code 3', run: 'run-1', dueAt: null },
};
const first = sighted(undefined, failed, now, 'i1');
const second = sighted(first, failed, now + 1, 'i1');
const third = sighted(second, failed, now + 2, 'i1');
const ended = over(third, 'it ended well', now + 3);
const ids = (
  before: Incident | undefined,
  incident: Incident,
  rules: AlertRules = noRules,
  channels = [channel('all')],
) => deliveriesOf(before, incident, rules, channels, now).map(({ delivery }) => delivery.id);

describe('an incident', () => {
  test('is told once when it begins, not again while it lasts, and once when it is over', () => {
    expect(ids(undefined, first)).toEqual(['i1.begin.all']);
    expect(ids(first, second)).toEqual([]);
    const [end] = deliveriesOf(third, ended, noRules, [channel('all')], now);
    expect(end).toMatchObject({ delivery: { id: 'i1.over.all', phase: 'over' }, after: 'i1.begin.all' });
  });

  test('goes to the channels of its environment and of the operator, if they want its kind', () => {
    const channels = [
      channel('all'),
      channel('shop', { environment: 'shop' }),
      channel('blog', { environment: 'blog' }),
      channel('swap', { kinds: ['swap'] }),
    ];
    expect(ids(undefined, first, noRules, channels)).toEqual(['i1.begin.all', 'i1.begin.shop']);
    const machine = sighted(
      undefined,
      { ...failed, environment: null, job: null, kind: 'disk-low' },
      now,
      'i2',
    );
    expect(ids(undefined, machine, noRules, channels)).toEqual(['i2.begin.all']);
  });

  test('of a kind that is off, in the environment or of the job, is told to nobody', () => {
    expect(ids(undefined, first, { ...noRules, off: ['cron-failed'] })).toEqual([]);
    const off = (job: string): AlertRules => ({
      ...noRules,
      jobs: { [job]: { off: ['cron-failed'], afterFails: 1 } },
    });
    expect(ids(undefined, first, off('report'))).toEqual([]);
    expect(ids(undefined, first, off('other'))).toEqual(['i1.begin.all']);
  });

  test('of a cron that may fail twice is told with the third fail in a row, once', () => {
    const rules: AlertRules = { ...noRules, jobs: { report: { off: [], afterFails: 3 } } };
    expect([ids(undefined, first, rules), ids(first, second, rules)]).toEqual([[], []]);
    expect(ids(second, third, rules)).toEqual(['i1.begin.all']);
    expect(ids(third, sighted(third, failed, now, 'i1'), rules)).toEqual([]);
  });
});

const waiting = (id: string, given: Partial<Delivery> = {}): Delivery => ({
  ...{ id, environment: null, channel: 'all', phase: 'begin', incident: 'i1', run: null, about: 'shop' },
  ...{ createdAt: now, dueAt: now, attempts: 0, state: 'waiting', endedAt: null, trouble: null },
  ...given,
});

describe('what waits for a channel', () => {
  const begin = waiting('i1.begin.all');
  const end = waiting('i1.over.all', { phase: 'over', createdAt: now + 1, dueAt: now + 1 });

  test('goes one by one in its order', () => {
    expect(nextStep([], null, now)).toEqual({ kind: 'nothing' });
    expect(nextStep([begin, end], null, now)).toEqual({ kind: 'send', delivery: begin, leaveOut: [] });
    expect(nextStep([end], null, now + 1)).toEqual({ kind: 'send', delivery: end, leaveOut: [] });
  });

  test('waits behind the first one when the receiver is away, and is told in full afterwards', () => {
    const tried = afterFailure(begin, { why: 'it is away', refused: false }, now);
    expect(nextStep([tried, end], null, now + 1)).toEqual({ kind: 'wait', until: now + 5_000 });
    expect(nextStep([tried, end], null, now + 5_000)).toMatchObject({ delivery: tried, leaveOut: [] });
    const other = waiting('i2.begin.all', { incident: 'i2' });
    const otherEnd = waiting('i2.over.all', { incident: 'i2', phase: 'over' });
    expect(nextStep([other, otherEnd], null, now + hour)).toMatchObject({ delivery: other, leaveOut: [] });
  });

  test('waits for the end of quiet hours; what is over by then is told as one', () => {
    const until = now + 4 * hour;
    const step = nextStep([begin, end], until, now);
    expect(step).toMatchObject({ kind: 'hold', until, held: [{ dueAt: until }, { dueAt: until }] });
    const held = step.kind === 'hold' ? step.held : [];
    expect(nextStep(held, null, until)).toMatchObject({
      kind: 'send',
      delivery: { id: end.id },
      leaveOut: [{ id: begin.id }],
    });
    expect(nextStep(held.slice(0, 1), null, until)).toMatchObject({
      kind: 'send',
      delivery: { id: begin.id },
    });
    // Held already: nothing is written anew.
    expect(nextStep(held, until, now)).toMatchObject({ kind: 'hold', held: [] });
  });
});

describe('a delivery', () => {
  test('is tried again after 5 s, 10 s, 20 s … an hour, and for three days', () => {
    expect([1, 2, 3, 4, 20].map(pauseAfter)).toEqual([5_000, 10_000, 20_000, 40_000, hour]);
    let delivery = waiting('a');
    let clock = now;
    while (delivery.state === 'waiting') {
      delivery = afterFailure(delivery, { why: 'it is away', refused: false }, clock);
      if (delivery.state === 'waiting') clock = delivery.dueAt;
    }
    expect(delivery).toMatchObject({ state: 'given-up', trouble: 'it is away' });
    expect(clock - now).toBeGreaterThan(70 * hour);
    expect(clock - now).toBeLessThanOrEqual(72 * hour);
  });

  test('that is refused is given up after a few attempts', () => {
    let delivery = waiting('a');
    while (delivery.state === 'waiting')
      delivery = afterFailure(delivery, { why: '404', refused: true }, delivery.dueAt);
    expect(delivery.attempts).toBe(8);
  });

  test('is over when it arrived, or need not be told any more', () => {
    expect(arrived(waiting('a'), now + 9)).toMatchObject({
      state: 'delivered',
      attempts: 1,
      endedAt: now + 9,
    });
    expect(leftOut(waiting('a'), 'gone', now)).toMatchObject({ state: 'left-out', trouble: 'gone' });
  });
});

test('a monitor hears of the begin and the end of each run, in this order, and not of an end that a person wanted', () => {
  const run = sampleRun('shop', 'r1', { job: 'report', kind: 'cron', startedAt: now });
  const pings = [run, { ...run, endedAt: now, outcome: 'failed' as const }].map(
    (each) => pingOf(each, now)?.delivery,
  );
  expect(pings.map((each) => each?.id)).toEqual(['r1.start', 'r1.fail']);
  expect(pings[1]?.createdAt).toBeGreaterThan(pings[0]?.createdAt ?? 0);
  expect(pingOf({ ...run, endedAt: now, outcome: 'ok' }, now)?.delivery.phase).toBe('success');
  expect(pingOf({ ...run, endedAt: now, outcome: 'stopped' }, now)).toBeNull();
  // A begin that could not be told before the end is of no use to anybody.
  const [start, fail] = pings as [Delivery, Delivery];
  expect(nextStep([start, fail], null, now)).toMatchObject({
    delivery: { id: 'r1.fail' },
    leaveOut: [{ id: 'r1.start' }],
  });
});

test('whatever fails in whatever order, each incident arrives once at its begin and once when it is over, begin first', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 60 }),
      fc.integer({ min: 1, max: 5 }),
      (receives, incidents) => {
        let open: Delivery[] = [];
        for (let index = 0; index < incidents; index++) {
          const incident = sighted(undefined, failed, now + index, `i${index}`);
          const all = [channel('all')];
          open.push(...deliveriesOf(undefined, incident, noRules, all, now).map(({ delivery }) => delivery));
          const end = over(incident, 'well', now + index);
          open.push(...deliveriesOf(incident, end, noRules, all, now).map(({ delivery }) => delivery));
        }
        const got: string[] = [];
        let clock = now;
        for (let round = 0; open.length > 0; round++) {
          const step = nextStep(open, null, clock);
          if (step.kind === 'wait') clock = step.until;
          if (step.kind !== 'send') continue;
          const takes = receives[round] ?? true;
          if (takes) got.push(step.delivery.id);
          const after = takes
            ? arrived(step.delivery, clock)
            : afterFailure(step.delivery, { why: 'x', refused: false }, clock);
          open = open
            .filter((each) => !step.leaveOut.includes(each))
            .map((each) => (each.id === after.id ? after : each))
            .filter(({ state }) => state === 'waiting');
        }
        const wanted = Array.from({ length: incidents }, (_, index) => [
          `i${index}.begin.all`,
          `i${index}.over.all`,
        ]);
        expect(got).toEqual(wanted.flat());
      },
    ),
  );
});
