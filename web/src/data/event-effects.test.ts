import { describe, expect, test } from 'vitest';
import type { ApiEvent } from '../../../src/contract/events.ts';
import type { Run } from '../../../src/contract/run.ts';
import { effectsOf, type Key } from './event-effects.ts';

const key = (route: string, params: object = {}, query: object = {}): Key => [
  route,
  params as Key[1],
  query as Key[2],
];
const shop = { environment: 'shop' };

/** What becomes of an answer: the new one, `anew` when it has to be read again, `same` when nothing is said of it. */
function after(event: unknown, about: Key, answer: unknown): unknown {
  let result: unknown = 'same';
  for (const effect of effectsOf(event as ApiEvent)) {
    if (!effect.about(about) || effect.where?.(answer, about) === false) continue;
    if (effect.patch === undefined) return 'anew';
    result = effect.patch(result === 'same' ? answer : result, about);
  }
  return result;
}

const observed = {
  event: 'job',
  data: { ...shop, job: 'mailer', state: 'crash-loop', running: false, openRuns: [] },
};
const aRun = (id: string, fields: object = {}): Run =>
  ({ id, job: 'feed', ...shop, createdAt: `2026-11-26T00:00:0${id}.000Z`, ...fields }) as Run;

describe('what is observed of a job', () => {
  const jobs = {
    items: [
      { name: 'feed', state: 'scheduled' },
      { name: 'mailer', state: 'running', fails: 2 },
    ],
    next: null,
  };

  test('changes its row and leaves the others as they are', () => {
    const changed = after(observed, key('jobs', shop), jobs) as typeof jobs;
    expect(changed.items[1]).toEqual({ name: 'mailer', state: 'crash-loop', running: false, fails: 2 });
    expect(changed.items[0]).toBe(jobs.items[0]);
  });

  test('says nothing of other environments, nor of other jobs', () => {
    expect(after(observed, key('jobs', { environment: 'blog' }), jobs)).toBe('same');
    expect(after(observed, key('job', { ...shop, job: 'feed' }), { name: 'feed' })).toBe('same');
    expect(after(observed, key('jobs', shop), { items: [], next: null })).toEqual({ items: [], next: null });
  });

  test('changes the job itself, with its open runs', () => {
    expect(
      after(observed, key('job', { ...shop, job: 'mailer' }), { name: 'mailer', openRuns: ['1'] }),
    ).toMatchObject({
      state: 'crash-loop',
      openRuns: [],
    });
  });

  test('has the environment counted anew', () => {
    expect(after(observed, key('environment', shop), {})).toBe('anew');
    expect(after(observed, key('environments'), {})).toBe('anew');
  });
});

describe('a definition', () => {
  const event = (change: string) => ({
    event: 'definition',
    data: { ...shop, job: 'feed', change, version: null },
  });
  test('that was removed takes its row off the list', () => {
    const list = { items: [{ name: 'feed' }, { name: 'mailer' }], next: null };
    expect(after(event('removed'), key('jobs', shop), list)).toEqual({
      items: [{ name: 'mailer' }],
      next: null,
    });
  });
  test('that was added or changed has the list read anew', () => {
    expect(after(event('added'), key('jobs', shop), {})).toBe('anew');
    expect(after(event('changed'), key('job', { ...shop, job: 'feed' }), {})).toBe('anew');
  });
  test('has only that page of a long list read anew in which the job has its place', () => {
    const page = (names: string[], next: string | null) => ({ items: names.map((name) => ({ name })), next });
    const first = page(['bill', 'export'], 'export');
    expect(after(event('added'), key('jobs', shop, { limit: 2 }), first)).toBe('same');
    const second = page(['mailer', 'report'], 'report');
    expect(after(event('added'), key('jobs', shop, { after: 'export' }), second)).toBe('anew');
    expect(after(event('added'), key('jobs', shop, { after: 'report' }), page(['zip'], null))).toBe('same');
  });
});

describe('a run', () => {
  const list = { items: [aRun('2'), aRun('1')], next: null };
  const ids = (answer: unknown) => (answer as typeof list).items.map(({ id }) => id);

  test('that is new stands at the top of the newest page', () => {
    const event = { event: 'run-began', data: aRun('3') };
    expect(ids(after(event, key('runs', shop, { limit: 50 }), list))).toEqual(['3', '2', '1']);
    expect(ids(after(event, key('runs', shop, { job: 'mailer' }), list))).toEqual(['2', '1']);
    expect(ids(after(event, key('runs', shop, { before: '3' }), list))).toEqual(['2', '1']);
  });

  test('that is known changes in its place, and hearing it twice does no harm', () => {
    const event = { event: 'run-ended', data: aRun('1', { outcome: 'failed' }) };
    const once = after(event, key('runs', shop), list) as typeof list;
    expect(once.items[1]).toMatchObject({ id: '1', outcome: 'failed' });
    expect(ids(after(event, key('runs', shop), once))).toEqual(['2', '1']);
  });

  test('is the last one of its job, unless that is newer', () => {
    const job = { name: 'feed', lastRun: aRun('2') };
    const about = key('job', { ...shop, job: 'feed' });
    expect(after({ event: 'run-ended', data: aRun('3') }, about, job)).toMatchObject({
      lastRun: { id: '3' },
    });
    expect(after({ event: 'run-ended', data: aRun('1') }, about, job)).toMatchObject({
      lastRun: { id: '2' },
    });
  });
});

describe('after a gap', () => {
  test('everything is read anew', () => {
    expect(after({ event: 'reset', data: {} }, key('variables', shop), {})).toBe('anew');
  });
  test('of an environment, all that is shown of it', () => {
    const event = { event: 'environment', data: { ...shop, change: 'changed' } };
    expect(after(event, key('jobs', shop), {})).toBe('anew');
    expect(after(event, key('incidents', {}, shop), {})).toBe('anew');
    expect(after(event, key('jobs', { environment: 'blog' }), {})).toBe('same');
  });
});
