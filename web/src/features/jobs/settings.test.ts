import { describe, expect, test } from 'vitest';
import type { Job } from '../../../../src/contract/job.ts';
import { emptyForm, exactDuration, formOf, optionsOf, readForm } from './settings.ts';

const cron = { ...emptyForm, type: 'cron', name: 'feed', command: 'true' } as const;

const aJob = {
  type: 'cron',
  name: 'feed',
  command: 'true',
  status: 'enabled',
  interval: '1h',
  crontab: null,
  timezone: null,
  exitSignal: 'TERM',
  exitTimeoutSeconds: 90,
  maxRuntimeSeconds: 43_200,
  maxInstances: 5,
  retryOn: null,
  warnLateSeconds: null,
} as unknown as Job;

describe('a form for a new job', () => {
  test('sends only what differs from the usual', () => {
    expect(readForm(cron)).toEqual({ settings: { command: 'true', interval: '10m' } });
    const worker = { ...emptyForm, command: 'work', enabled: false, more: { instances: '2' } };
    expect(readForm(worker)).toEqual({ settings: { command: 'work', status: 'disabled', instances: 2 } });
  });

  test('sends the kind of schedule that is chosen, and only that', () => {
    const form = {
      ...cron,
      scheduleKind: 'crontab',
      crontab: '15 3 * * *',
      timezone: 'Europe/Berlin',
    } as const;
    expect(readForm(form)).toMatchObject({ settings: { crontab: '15 3 * * *', timezone: 'Europe/Berlin' } });
    expect(readForm(form)).not.toHaveProperty('settings.interval');
  });

  test('forgets what was typed for the other type', () => {
    expect(readForm({ ...cron, more: { instances: '2', maxInstances: '1' } })).toEqual({
      settings: { command: 'true', interval: '10m', maxInstances: 1 },
    });
  });

  test.each([
    ['exitTimeoutSeconds', 'soon', 'is not a duration'],
    ['maxInstances', 'two', 'is not a whole number'],
    ['retryOn', '75; 111', 'are not exit codes'],
  ])('says beside %s that "%s" %s', (key, text, sentence) => {
    const answer = readForm({ ...cron, more: { [key]: text } });
    expect('errors' in answer && answer.errors[key]).toContain(sentence);
  });
});

describe('a form for a job that is there', () => {
  const before = formOf(aJob);

  test('shows durations without losing a second', () => {
    expect(before.more).toMatchObject({
      exitTimeoutSeconds: '1m30s',
      maxRuntimeSeconds: '12h',
      warnLateSeconds: '',
    });
    expect(exactDuration(86_399)).toBe('86399s');
  });

  test('sends only what was changed', () => {
    expect(readForm(before, before)).toEqual({ settings: {} });
    const changed = {
      ...before,
      enabled: false,
      more: { ...before.more, retryOn: '75, 111', warnLateSeconds: '5m' },
    };
    expect(readForm(changed, before)).toEqual({
      settings: { status: 'disabled', retryOn: [75, 111], warnLateSeconds: 300 },
    });
  });

  test('takes a warning away when its field is emptied, and refuses to empty what must be something', () => {
    const warned = { ...before, more: { ...before.more, warnLateSeconds: '5m' } };
    expect(readForm({ ...warned, more: { ...warned.more, warnLateSeconds: '' } }, warned)).toEqual({
      settings: { warnLateSeconds: null },
    });
    expect(readForm({ ...before, more: { ...before.more, maxInstances: '' } }, before)).toHaveProperty(
      'errors.maxInstances',
    );
  });
});

test('the command line that does the same has the options of nightshift', () => {
  expect(
    optionsOf({
      command: 'true',
      interval: '1h',
      retryOn: null,
      warnLateSeconds: null,
      exitTimeoutSeconds: 90,
      retries: 2,
    }),
  ).toEqual([
    '--command',
    'true',
    '--every',
    '1h',
    '--timeout',
    '1m30s',
    '--retries',
    '2',
    '--retry-on',
    'any',
    '--warn-late',
    'none',
  ]);
});
