import { describe, expect, test } from 'vitest';
import type { DueTime } from '../../../../src/contract/cron.ts';
import type { Job } from '../../../../src/contract/job.ts';
import type { Run } from '../../../../src/contract/run.ts';
import { barHeights } from './bar-heights.ts';
import { durationsOf } from './duration-points.ts';
import { jobYaml } from './job-yaml.ts';
import { dayInWords, ledgerDays } from './ledger-days.ts';
import { restartCauses, uptimeOf } from './uptime.ts';

const at = (seconds: number): string => new Date(seconds * 1_000).toISOString();
const run = (id: string, from: number, to: number | null, more: Partial<Run> = {}): Run => ({
  id,
  job: 'mailer',
  trigger: 'failure',
  dueAt: null,
  startedAt: at(from),
  endedAt: to === null ? null : at(to),
  exitCode: to === null ? null : 3,
  exitSignal: null,
  outcome: to === null ? null : 'failed',
  reason: to === null ? null : 'exit code 3',
  memoryMaxBytes: null,
  commit: null,
  environment: 'shop',
  kind: 'worker',
  instance: 0,
  command: './mailer',
  predecessor: null,
  attempt: 1,
  askedBy: null,
  createdAt: at(from),
  memoryAvgBytes: null,
  endRequestedAt: null,
  leftovers: [],
  ...more,
});

describe('the uptime of a worker', () => {
  test('has gaps with their reasons, and nothing is known before the oldest run', () => {
    const runs = [
      run('c', 70, null),
      run('b', 30, 60),
      run('a', 10, 20, { outcome: 'stopped', reason: 'stopped' }),
    ];
    const { stretches, upShare } = uptimeOf(runs, 0, 100_000);
    expect(stretches.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['unknown', 0, 10_000],
      ['up', 10_000, 20_000],
      ['stopped', 20_000, 30_000],
      ['up', 30_000, 60_000],
      ['failed', 60_000, 70_000],
      ['up', 70_000, 100_000],
    ]);
    expect(upShare).toBeCloseTo(70 / 90);
  });

  test('counts an instance that runs as up, however often another one ends', () => {
    const runs = [run('a', 0, null), run('b', 10, 20), run('c', 40, 50)];
    expect(uptimeOf(runs, 0, 100_000)).toMatchObject({ stretches: [{ kind: 'up' }], upShare: 1 });
  });

  test('is down since the last run has ended', () => {
    expect(uptimeOf([run('a', 0, 50)], 0, 100_000).stretches.at(-1)).toMatchObject({
      kind: 'failed',
      from: 50_000,
      reason: 'exit code 3',
    });
  });

  test('is nothing known where nothing ran', () => {
    expect(uptimeOf([], 0, 10)).toMatchObject({ stretches: [{ kind: 'unknown' }], upShare: null });
  });
});

test('restarts are counted by cause, most frequent first, failures by how the run before ended', () => {
  const runs = [
    run('e', 50, null, { predecessor: 'd', trigger: 'deploy' }),
    run('d', 40, 50, { predecessor: 'c' }),
    run('c', 30, 40, { predecessor: 'b' }),
    run('b', 20, 30, { predecessor: 'a' }),
    run('a', 10, 20, { trigger: 'start', outcome: 'out-of-memory' }),
  ];
  expect(restartCauses(runs, 0)).toEqual([
    { words: 'failure: exit 3', count: 2, bad: true },
    { words: 'deployment', count: 1, bad: false },
    { words: 'failure: out of memory', count: 1, bad: true },
  ]);
});

describe('the calendar of the ledger', () => {
  const due = (moment: number, more: Partial<DueTime> = {}): DueTime => ({
    job: 'report',
    dueAt: new Date(moment).toISOString(),
    fate: 'ran',
    run: 'r',
    outcome: 'ok',
    reason: null,
    untilDueAt: null,
    count: 1,
    ...more,
  });
  const noon = new Date(2026, 10, 26, 12).getTime();

  test('has whole weeks from a Monday, of which the last holds today', () => {
    const days = ledgerDays([], noon, 5);
    expect(days).toHaveLength(35);
    expect(new Date(days[0]?.at ?? 0).getDay()).toBe(1);
    expect(
      days.slice(-7).some((day) => new Date(day.at).toDateString() === new Date(noon).toDateString()),
    ).toBe(true);
  });

  test('has each day once also where the clocks change', () => {
    const days = ledgerDays([], new Date(2026, 10, 1, 12).getTime(), 5);
    expect(new Set(days.map((day) => new Date(day.at).toDateString())).size).toBe(35);
  });

  test('a day wears the worst of its due times, and counts stretches', () => {
    const dueTimes = [
      due(noon),
      due(noon - 60_000, { outcome: 'failed' }),
      due(noon - 120_000, { fate: 'skipped', run: null, outcome: null, count: 7 }),
    ];
    const day = ledgerDays(dueTimes, noon, 1).find(({ dueTimes: all }) => all.length > 0);
    expect(day?.worst).toBe('bad');
    expect(day === undefined ? '' : dayInWords(day)).toBe('1 ran, 1 went wrong, 7 skipped');
  });

  test('a run that is kept no more counts as ran', () => {
    const [day] = ledgerDays([due(noon, { run: null, outcome: null })], noon, 1).filter(({ worst }) => worst);
    expect(day?.worst).toBe('ok');
  });
});

test('bars are high by the logarithm of their length, and never too low to be clicked', () => {
  const [none = 0, second = 0, hour = 0] = barHeights([0, 1, 3_600]);
  expect(hour).toBe(100);
  expect(none).toBeGreaterThan(5);
  expect(second).toBeGreaterThan(none);
  expect(barHeights([0, 0])).toEqual([none, none]);
});

test('lengths over time are those of runs that have ended, with their average and the longest', () => {
  const points = durationsOf([run('c', 100, null), run('b', 50, 56), run('a', 10, 12, { outcome: 'ok' })]);
  expect(points).toEqual({ times: [10, 50], ok: [2, null], bad: [null, 6], avg: 4, max: 6 });
});

describe('a job as nightshift.yml has it', () => {
  const worker = {
    name: 'mailer',
    type: 'worker',
    status: 'enabled',
    command: "php artisan queue:work --name='a: b'",
    exitSignal: 'TERM',
    exitTimeoutSeconds: 30,
    instances: 2,
    interval: null,
    crontab: null,
    timezone: null,
    maxRuntimeSeconds: null,
    maxInstances: null,
    handover: 'stop-first',
    catchUp: null,
    catchUpMaxAgeSeconds: null,
    onDeploy: null,
    retries: null,
    retryDelaySeconds: null,
    retryOn: null,
    warnLateSeconds: null,
    warnLongerSeconds: null,
    warnShorterSeconds: null,
  } as unknown as Job;

  test('leaves out what is as usual, and quotes what YAML would read as something else', () => {
    expect(jobYaml(worker)).toBe(
      [
        'jobs:',
        '  mailer:',
        '    type: worker',
        "    command: 'php artisan queue:work --name=''a: b'''",
        '    timeout: 30s',
        '    instances: 2',
        '',
      ].join('\n'),
    );
  });

  test('has the schedule of a cron', () => {
    const cron = {
      ...worker,
      type: 'cron',
      command: './report',
      crontab: '*/5 * * * *',
      timezone: 'Europe/Berlin',
      handover: null,
    };
    expect(jobYaml(cron as Job)).toContain("    crontab: '*/5 * * * *'\n    timezone: Europe/Berlin\n");
  });
});
