import { describe, expect, it } from 'vitest';
import { catalogue, type ErrorCode, Refusal } from './errors.ts';

const codes = Object.keys(catalogue) as ErrorCode[];

describe.each(codes)('%s', (code) => {
  const anything = new Proxy({} as Record<string, string>, { get: (_, key) => `‹${String(key)}›` });
  const sentence = catalogue[code].sentence(anything);

  it('is one sentence without its full stop, in one line', () => {
    expect(sentence).toMatch(/^[^\n]+[^.\s]$/);
    expect(sentence).not.toMatch(/\.\s+[A-Z]/);
  });

  it('has a code of words and hyphens', () => {
    expect(code).toMatch(/^[a-z]+(\.[a-z]+(-[a-z]+)*)?$/);
  });
});

it('a refusal carries code, status, field and the words it was given', () => {
  const refusal = new Refusal('job.exit-signal', { signal: 'STOP', signals: ['TERM', 'INT'] });
  expect(refusal).toMatchObject({
    name: 'Refusal',
    code: 'job.exit-signal',
    status: 422,
    field: 'exitSignal',
  });
  expect(refusal.message).toBe('"STOP" is not an exit signal: choose one of TERM, INT');
  expect(new Refusal('environment.unknown', { environment: 'x' }).field).toBeUndefined();
});

it('a refusal keeps its cause', () => {
  const cause = new Error('disk');
  expect(new Refusal('internal', {}, { cause }).cause).toBe(cause);
});

it('control characters of what was asked never reach a terminal', () => {
  const { message } = new Refusal('job.name', { name: '\x1b[31mred\n\x07\x9b' });
  expect(message).not.toMatch(/\p{Cc}/u);
  expect(message).toContain('\\x1b[31mred\\x0a\\x07\\x9b');
});

it('words that are missing are told as nothing, not as "null"', () => {
  expect(new Refusal('cron.timezone', { timezone: 'X', nearest: undefined }).message).toBe(
    'there is no time zone "X": use a name such as Europe/Berlin',
  );
  expect(new Refusal('cron.timezone', { timezone: 'X', nearest: 'UTC' }).message).toBe(
    'there is no time zone "X": did you mean UTC?',
  );
});
