/** Crons under the real daemon: what begins them, what holds them back, what follows them, and what the ledger tells. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { heartbeatKey } from '../../src/platforms/local/crons.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { systemClock } from '../testkit/system-clock.ts';
import { type Daemon, type RunRow, Stage } from './daemon.ts';
import { EventReader } from './event-reader.ts';

interface DueRow {
  readonly job: string;
  readonly dueAt: string;
  readonly fate: 'ran' | 'skipped' | 'missed';
  readonly run: string | null;
  readonly reason: string | null;
  readonly untilDueAt: string | null;
  readonly count: number;
}
type Run = RunRow & {
  readonly dueAt: string | null;
  readonly predecessor: string | null;
  readonly attempt: number;
  readonly askedBy: string | null;
};

const minute = 60_000;
/** On a busy machine a start takes its time. */
const soon = { timeout: 15_000, interval: 100 };
const ledger = async (daemon: Daemon, environment: string, job: string) =>
  (await daemon.get<{ items: DueRow[] }>(`/environments/${environment}/due-times?job=${job}`)).items;
const runs = async (daemon: Daemon, environment: string, job: string) =>
  (await daemon.get<{ items: Run[] }>(`/environments/${environment}/runs?job=${job}`)).items;
const add = (daemon: Daemon, environment: string, job: string, command: string, ...options: string[]) =>
  daemon.do('job', 'add', environment, job, 'cron', '--command', command, ...options);

describe('a cron', () => {
  const stage = new Stage();
  let daemon: Daemon;
  let name: string;
  beforeAll(async () => {
    daemon = await stage.start('--ephemeral');
    name = (await stage.environment(daemon, 'crons', '2XL')).name;
  });
  afterAll(() => stage.dispose());

  test('is skipped where it may not run, and the ledger says why', { timeout: 90_000 }, async () => {
    const other = (await stage.environment(daemon, 'held')).name;
    const due = ['--crontab', '* * * * *'];
    await add(daemon, name, 'ready', 'true', ...due);
    await add(daemon, name, 'full', 'sleep 86399', '--max-instances', '1', ...due);
    await add(daemon, name, 'paused', 'true', ...due);
    await add(daemon, name, 'off', 'true', '--disabled', ...due);
    await add(daemon, other, 'still', 'true', ...due);
    await daemon.do('job', 'pause', name, 'paused');
    await daemon.do('env', 'pause', other);
    await daemon.do('job', 'run', name, 'full', '--no-wait');

    const events = await EventReader.follow(stage.data);
    const wanted = [
      [name, 'ready', 'ran', null],
      [name, 'full', 'skipped', 'skipped: one instance runs'],
      [name, 'paused', 'skipped', 'skipped: paused'],
      [name, 'off', 'skipped', 'skipped: disabled'],
      [other, 'still', 'skipped', 'skipped: the crons of the environment are paused'],
    ] as const;
    for (const [environment, job, fate, reason] of wanted) {
      const newest = async () => (await ledger(daemon, environment, job))[0];
      // The first due time of a cron that was added in the last moments of a minute came before the run, or the pause.
      await expect
        .poll(newest, { timeout: 75_000, interval: 500 })
        .toMatchObject({ fate, reason, count: 1, untilDueAt: null });
    }
    for (const [environment, job, fate, reason] of wanted)
      await events.has('due-time', { environment, job, fate, reason });
    events.close();
    const [row] = await ledger(daemon, name, 'ready');
    const [run] = await runs(daemon, name, 'ready');
    expect(row).toMatchObject({ run: run?.id, dueAt: run?.dueAt });
    expect(run).toMatchObject({ trigger: 'schedule', askedBy: null, attempt: 1 });
    const table = await daemon.do('crons', name, '--past', '--job', 'full', '-n', '1');
    expect(table).toMatch(/ full +skipped +- +skipped: one instance runs\n/);
    expect(await daemon.json('crons', name, '--past', '-n', '1')).toHaveLength(1);
    const shown = await daemon.json<{ paused: boolean; notices: string[] }>('env', 'show', other);
    expect(shown.paused).toBe(true);
    expect(await daemon.do('jobs', other)).toContain('! The crons are paused');
    for (const job of ['ready', 'full', 'paused']) await daemon.do('job', 'stop', name, job);
    await daemon.do('env', 'resume', other);
    await daemon.do('job', 'stop', other, 'still');
  });

  test('ends when its max runtime has passed, and is told to have timed out', async () => {
    await add(daemon, name, 'endless', 'sleep 86398', '--every', '1mo', '--max-runtime', '1s');
    const result = await daemon.cli('job', 'run', name, 'endless');
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('its max runtime had passed') });
    expect(await runs(daemon, name, 'endless')).toMatchObject([{ outcome: 'timed-out', exitSignal: 'TERM' }]);
  });

  test('that fails is begun again, as often as it asks for and after the codes that it names', async () => {
    const retry = ['--every', '1mo', '--retries', '2', '--retry-delay', '1s', '--retry-on', '75,111'];
    await add(daemon, name, 'flaky', "sh -c 'exit 75'", ...retry);
    await add(daemon, name, 'broken', "sh -c 'exit 1'", ...retry);
    for (const job of ['flaky', 'broken'])
      expect(await daemon.cli('job', 'run', name, job)).toMatchObject({ code: 1 });
    await expect.poll(async () => (await runs(daemon, name, 'flaky'))[0]?.attempt, soon).toBe(3);
    await expect.poll(async () => (await runs(daemon, name, 'flaky'))[0]?.outcome, soon).toBe('failed');
    const [third, second, first] = await runs(daemon, name, 'flaky');
    expect([third?.predecessor, second?.predecessor, first?.predecessor]).toEqual([
      second?.id,
      first?.id,
      null,
    ]);
    expect([third?.trigger, second?.trigger, first?.trigger]).toEqual(['failure', 'failure', 'manual']);
    expect(await runs(daemon, name, 'broken')).toHaveLength(1);
  });

  test('that waits for its retry says so, and has none when it is stopped meanwhile', async () => {
    const retry = ['--every', '1mo', '--retries', '3', '--retry-delay', '1h'];
    await add(daemon, name, 'patient', "sh -c 'exit 75'", ...retry);
    expect(await daemon.cli('job', 'run', name, 'patient')).toMatchObject({ code: 1 });
    const state = () => daemon.json('job', 'show', name, 'patient');
    await expect
      .poll(state, soon)
      .toMatchObject({ state: 'backing-off', attempt: 1, reason: 'exit code 75: retry 1 of 3 follows' });
    await daemon.do('job', 'stop', name, 'patient');
    await daemon.do('job', 'start', name, 'patient');
    expect(await state()).toMatchObject({ state: 'scheduled' });
  });

  test('is run now with a note of who asked', async () => {
    await add(daemon, name, 'asked', 'true', '--every', '1mo');
    await daemon.do('job', 'run', name, 'asked');
    const [run] = await runs(daemon, name, 'asked');
    expect(run?.askedBy).toBeTruthy();
    const { items } = await daemon.get<{ items: { actor: string; act: string; detail: string }[] }>(
      '/activity',
    );
    expect(items).toContainEqual(
      expect.objectContaining({ actor: run?.askedBy, act: 'run job', detail: `asked: run ${run?.id}` }),
    );
  });

  test('is left, restarted or waited for by a deployment, as it asks', async () => {
    const word = (on: string) => ['--every', '1mo', '--on-deploy', on];
    await add(daemon, name, 'left', 'sleep 86397', ...word('finish'));
    await add(daemon, name, 'anew', 'sleep 86396', ...word('restart'));
    await add(daemon, name, 'awaited', 'sleep 2', ...word('wait'));
    for (const job of ['left', 'anew', 'awaited']) await daemon.do('job', 'run', name, job, '--no-wait');
    const said = await daemon.do('deploy', name);
    expect(said).toMatch(/is done.*: waited \d+s for awaited/);
    expect(await runs(daemon, name, 'left')).toMatchObject([{ endedAt: null }]);
    expect(await runs(daemon, name, 'awaited')).toMatchObject([{ outcome: 'ok' }]);
    const [fresh, old] = await runs(daemon, name, 'anew');
    expect(fresh).toMatchObject({ trigger: 'deploy', predecessor: old?.id, endedAt: null });
    expect(old).toMatchObject({ outcome: 'stopped', reason: expect.stringContaining('for a deployment') });
    for (const job of ['left', 'anew']) await daemon.do('job', 'stop', name, job);
    expect(await runs(daemon, name, 'anew')).toHaveLength(2);
  });

  test('tells of runs that are too short, once, and when one is not', async () => {
    await add(daemon, name, 'brief', 'true', '--every', '1mo', '--warn-shorter', '1s');
    await daemon.do('job', 'run', name, 'brief');
    // Other crons of these tests fail, and have incidents of their own.
    const ofBrief = async (...options: string[]) =>
      (
        await daemon.json<{ job: string; kind: string; reason: string }[]>('incidents', name, ...options)
      ).filter(({ job }) => job === 'brief');
    const open = () => ofBrief('--open');
    await expect.poll(open, soon).toMatchObject([{ kind: 'cron-shorter', count: 1 }]);
    expect(await daemon.do('jobs', name)).toMatch(/! "brief" took .* shorter than 1s\./);
    await daemon.do('job', 'edit', name, 'brief', '--command', 'sleep 1.1');
    await daemon.do('job', 'run', name, 'brief');
    await expect.poll(open, soon).toEqual([]);
    expect(await ofBrief()).toMatchObject([
      { kind: 'cron-shorter', endReason: expect.stringContaining('kept the limit') },
    ]);
  });

  test.each([
    [['--crontab', '61 * * * *'], /the minute "61" is not possible: allowed are 0-59/],
    [['--crontab', '0 25 * * *'], /the hour "25" is not possible: allowed are 0-23/],
    [['--crontab', '0 0 32 * *'], /the day of month "32" is not possible: allowed are 1-31/],
    [['--crontab', '0 0 * foo *'], /the month "foo" is not possible: allowed are 1-12 or jan-dec/],
    [['--crontab', '0 0 * * 9'], /the day of week "9" is not possible: allowed are 0-7/],
    [
      ['--crontab', '* * * *'],
      /it has 4 fields and needs five: minute, hour, day of month, month, day of week/,
    ],
    [['--crontab', '0 0 30 2 *'], /is never due/],
    [['--crontab', '@reboot'], /@reboot names an event/],
    [['--crontab', '0 3 * * *', '--timezone', 'Europe/Berln'], /did you mean Europe\/Berlin\?/],
    [['--every', '7m'], /choose 1m, 10m, 30m, 1h, 1d, 1w or 1mo/],
  ])('with %j is refused in one sentence that says what is allowed', async (options, sentence) => {
    const result = await daemon.cli('job', 'add', name, 'bad', 'cron', '--command', 'true', ...options);
    expect(result).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(sentence) });
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('a daemon that was away', () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => stage.dispose());

  test('catches up what was due, in its order and not older than the job allows', async () => {
    const first = await stage.start();
    const { name } = await stage.environment(first, 'late', 'XL');
    const every = ['--every', '1mo'];
    await add(first, name, 'all', 'true', '--catch-up', 'all', '--catch-up-max-age', '5m', ...every);
    await add(first, name, 'latest', 'true', '--catch-up', 'latest', ...every);
    await add(first, name, 'none', 'true', '--catch-up', 'none', ...every);
    await first.terminate();

    // As if they had been due every minute, and the daemon away for ten of them.
    const away = Date.now() - 10 * minute;
    const store = await openSqliteStore({ folder: stage.data, clock: systemClock });
    for (const job of await store.jobs(name)) {
      if (job.type !== 'cron') continue;
      const schedule = { kind: 'crontab', expression: '* * * * *', timezone: 'UTC', moment: 0 } as const;
      await store.saveJob({ ...job, schedule, dueSince: away });
    }
    await store.setMeta(heartbeatKey, String(away));
    await store.close();

    const second = await stage.start();
    const missed = (rows: readonly DueRow[]) => rows.filter((row) => row.fate === 'missed');
    await expect.poll(async () => (await ledger(second, name, 'all')).length, soon).toBeGreaterThanOrEqual(5);
    const rows = await ledger(second, name, 'all');
    const [tooOld] = missed(rows);
    expect(missed(rows)).toHaveLength(1);
    expect(tooOld).toMatchObject({
      reason: expect.stringMatching(/the machine was down from .*; too old to be caught up$/),
    });
    expect(tooOld?.count).toBeGreaterThanOrEqual(4);
    expect(Date.parse(tooOld?.untilDueAt ?? '')).toBe(
      Date.parse(tooOld?.dueAt ?? '') + ((tooOld?.count ?? 0) - 1) * minute,
    );
    await expect.poll(async () => (await runs(second, name, 'all')).length, soon).toBeGreaterThanOrEqual(4);
    const caughtUp = (await runs(second, name, 'all')).filter((run) => run.trigger === 'catch-up').reverse();
    expect(caughtUp.length).toBeGreaterThanOrEqual(4);
    const moments = caughtUp.map((run) => Date.parse(run.dueAt ?? ''));
    expect(moments).toEqual(moments.map((_, index) => (moments[0] ?? 0) + index * minute));
    expect(moments[0]).toBe(Date.parse(tooOld?.untilDueAt ?? '') + minute);

    // The newest may have been due in the last moments before the start: then it was served in its time.
    expect((await runs(second, name, 'latest')).length).toBeGreaterThanOrEqual(1);
    expect(missed(await ledger(second, name, 'latest'))).toMatchObject([
      { reason: expect.stringContaining('only the latest is caught up') },
    ]);
    expect((await runs(second, name, 'none')).filter((run) => run.trigger === 'catch-up')).toEqual([]);
    expect(missed(await ledger(second, name, 'none'))[0]?.count).toBeGreaterThanOrEqual(8);
    // Who was not caught up has an incident; the table says how many due times a line tells of.
    const incidents = await second.json<{ job: string; kind: string }[]>('incidents', name);
    expect(incidents).toContainEqual(expect.objectContaining({ job: 'none', kind: 'cron-missed' }));
    expect(await second.do('crons', name, '--past', '--job', 'all')).toMatch(
      /too old to be caught up; \d+ due times until/,
    );
  });

  test('begins a failed run again that was waiting for its time', async () => {
    const first = await stage.start();
    const { name } = await stage.environment(first, 'retry');
    await add(
      first,
      name,
      'flaky',
      "sh -c 'exit 9'",
      '--every',
      '1mo',
      '--retries',
      '1',
      '--retry-delay',
      '4s',
    );
    expect(await first.cli('job', 'run', name, 'flaky')).toMatchObject({ code: 1 });
    await first.kill();
    const second = await stage.start();
    await expect.poll(async () => (await runs(second, name, 'flaky'))[0]?.attempt, soon).toBe(2);
    await expect.poll(async () => (await runs(second, name, 'flaky'))[0]?.startedAt, soon).not.toBeNull();
    const [retry, failed] = await runs(second, name, 'flaky');
    expect(retry).toMatchObject({ trigger: 'failure', predecessor: failed?.id, attempt: 2 });
    expect(Date.parse(retry?.startedAt ?? '') - Date.parse(failed?.endedAt ?? '')).toBeGreaterThanOrEqual(
      4_000,
    );
  });
});
