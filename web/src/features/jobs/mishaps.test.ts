import { expect, test } from 'vitest';
import type { DueTime } from '../../../../src/contract/cron.ts';
import type { Incident } from '../../../../src/contract/incident.ts';
import type { Run } from '../../../../src/contract/run.ts';
import { mishapsOf } from './mishaps.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 26, 3, minute)).toISOString();
const run = (id: string, minute: number, outcome: string | null, reason = 'exit code 3') =>
  ({ id, job: 'report', outcome, reason, endedAt: at(minute), createdAt: at(minute) }) as Run;
const missed = (minute: number) =>
  ({ job: 'feed', dueAt: at(minute), fate: 'missed', reason: 'the machine was down', count: 7 }) as DueTime;
const since = Date.parse(at(0));

test('what failed and what was missed stands in the order of time, newest first', () => {
  const late = {
    id: 'i',
    kind: 'cron-late',
    job: 'feed',
    beganAt: at(9),
    reason: 'started 5 s late',
    run: null,
  };
  const found = mishapsOf(
    [run('b', 5, 'failed'), run('a', 2, 'ok'), run('c', 1, 'stopped'), run('d', 1, null)],
    [missed(7)],
    [late as Incident],
    since,
  );
  expect(found.map(({ text }) => text)).toEqual([
    'started 5 s late',
    'missed 7 due times: the machine was down',
    'exit code 3',
  ]);
});

test('the same failure of one job again and again is one line', () => {
  const runs = [5, 4, 3].map((minute) => run(`${minute}`, minute, 'failed'));
  expect(mishapsOf([...runs, run('other', 2, 'failed', 'exit code 4')], [], [], since)).toMatchObject([
    { run: '5', times: 3 },
    { run: 'other', times: 1 },
  ]);
});

test('an incident that says the same as its run is not told twice, and another one without the name that stands before it', () => {
  const incident = (kind: string, ofRun: string | null, reason: string) =>
    ({ id: kind, kind, job: 'report', beganAt: at(6), reason, run: ofRun }) as Incident;
  const incidents = [
    incident('cron-failed', 'a', '"report" failed: exit code 3'),
    incident('out-of-memory', 'older', '"report" was ended: it held too much'),
  ];
  expect(mishapsOf([run('a', 5, 'failed')], [], incidents, since).map(({ text }) => text)).toEqual([
    'was ended: it held too much',
    'exit code 3',
  ]);
});

test('what lies before the moment is left out', () => {
  expect(mishapsOf([run('a', 5, 'failed')], [], [], Date.parse(at(6)))).toEqual([]);
});
