import { describe, expect, test } from 'vitest';
import type { Cron, Worker } from '../domain/job.ts';
import { sampleCron, sampleWorker } from '../store/store.testkit.ts';
import { exportJobs } from './export-jobs.ts';
import { imported } from './importing.testkit.ts';

const origin = { environment: 'shop', root: '/srv/shop', user: 'www-data', variables: ['TOKEN'] };
const worker = (name: string, given: Partial<Worker> = {}): Worker => sampleWorker('shop', name, given);
const cron = (name: string, schedule: Cron['schedule'], given: Partial<Cron> = {}): Cron =>
  sampleCron('shop', name, { schedule, ...given });
const crontab = (expression: string, timezone = 'UTC', moment = 0): Cron['schedule'] => ({
  ...{ kind: 'crontab', expression, timezone, moment },
});
/** Without comments. */
const lines = (exported: string, sign: string): string[] =>
  exported.split('\n').filter((line) => line !== '' && !line.startsWith(sign));

describe('workers as programs of supervisord', () => {
  const jobs = [
    worker('mails', {
      command: 'php artisan queue:work -v',
      instances: 3,
      exitTimeoutSeconds: 60,
      exitSignal: 'INT',
    }),
    worker('odd', { command: `echo "100% of $HOME ; it's" # done`, status: 'disabled' }),
    cron('report', crontab('0 3 * * *')),
  ];
  const exported = exportJobs('supervisor', jobs, origin);

  test('have their settings, and what can’t be said as a comment', () => {
    expect(exported).toContain('; report is a cron: "nightshift export crontab" has it.\n');
    expect(exported).toContain('; Their variables are not in this file: TOKEN.');
    expect(lines(exported, ';').slice(0, 9)).toEqual([
      '[program:mails]',
      'command = php artisan queue:work -v',
      'directory = /srv/shop',
      'user = www-data',
      'numprocs = 3',
      'process_name = %(program_name)s_%(process_num)02d',
      'autostart = true',
      'autorestart = true',
      'startretries = 1000000',
    ]);
  });

  test('are imported again as they were', () => {
    const read = imported('supervisor', exported);
    expect(read.jobs).toMatchObject([
      {
        name: 'mails',
        command: 'php artisan queue:work -v',
        instances: 3,
        exitTimeoutSeconds: 60,
        exitSignal: 'INT',
      },
      { name: 'odd', status: 'disabled', command: `/bin/sh -c 'echo "100% of $HOME ; it'\\''s" # done'` },
    ]);
  });

  test('of several lines are told and left out', () => {
    const several = exportJobs('supervisor', [worker('a', { command: 'one\ntwo' })], origin);
    expect(lines(several, ';')).toEqual([]);
    expect(several).toContain(
      '; a has a command of several lines: put it into a script. It is\n; one\n; two\n',
    );
  });
});

describe('crons as lines of a crontab', () => {
  test('are grouped by time zone, with the moments that were chosen for them', () => {
    const jobs = [
      cron('ten', { kind: 'interval', interval: '10m', moment: 190 }),
      cron('week', { kind: 'interval', interval: '1w', moment: 86_400 + 3 * 3600 + 240 }),
      cron('month', { kind: 'interval', interval: '1mo', moment: 86_400 * 4 + 1800 }),
      cron('spread', crontab('H H(0-5) * * 1-5', 'Europe/Berlin', 2 * 60 + 7)),
      cron('last', crontab('0 3 L * *')),
      cron('off', crontab('@daily', 'Europe/Berlin'), { status: 'disabled', command: 'date +%F; true' }),
      worker('mails'),
    ];
    const exported = exportJobs('crontab', jobs, origin);
    expect(lines(exported, '#')).toEqual([
      'CRON_TZ=Europe/Berlin',
      '7 2 * * 1-5 cd /srv/shop && artisan queue:work -v',
      'CRON_TZ=UTC',
      '3-59/10 * * * * cd /srv/shop && artisan queue:work -v',
      '4 3 * * 2 cd /srv/shop && artisan queue:work -v',
      '30 0 5 * * cd /srv/shop && artisan queue:work -v',
    ]);
    expect(exported).toContain(`# last is due at times that a crontab can't say: 0 3 L * *`);
    expect(exported).toContain('# off\n# @daily cd /srv/shop && { date +\\%F; true; }\n');
    expect(exported).toContain('# mails is a worker: "nightshift export supervisor" has it.\n');
  });

  test('are imported again as they were, with their names', () => {
    const jobs = [
      cron('report', crontab('15 3 * * 1-5', 'Europe/Berlin'), { command: 'php bin/report.php --of 100%' }),
      cron('clean-up', crontab('0 4 * * *', 'Europe/Berlin'), { command: 'bin/a' }),
    ];
    const read = imported('crontab', exportJobs('crontab', jobs, origin));
    expect(read.jobs).toMatchObject([
      {
        name: 'report',
        crontab: '15 3 * * 1-5',
        timezone: 'Europe/Berlin',
        command: 'php bin/report.php --of 100%',
      },
      { name: 'clean-up', crontab: '0 4 * * *', timezone: 'Europe/Berlin', command: 'bin/a' },
    ]);
  });
});
