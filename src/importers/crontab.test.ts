import { describe, expect, test } from 'vitest';
import { imported, jobsOf, notesOf, text } from './importing.testkit.ts';

const berlin = { type: 'cron', timezone: 'Europe/Berlin' };

describe('a crontab of a user', () => {
  test('becomes crons in the time zone of its machine, named by comments and commands', () => {
    const read = imported(
      'crontab',
      text`
        # Clean up the old baskets.
        15 3 * * *   cd /srv/shop && php bin/baskets.php --days 30 >> /dev/null 2>&1
        * * * * * cd /srv/shop && php artisan schedule:run
        @weekly /usr/bin/php /srv/shop/bin/report.php > /srv/shop/var/report.txt
      `,
    );
    expect(jobsOf(read)).toEqual([
      {
        ...berlin,
        name: 'clean-up-the-old-baskets',
        crontab: '15 3 * * *',
        command: 'php bin/baskets.php --days 30',
      },
      { ...berlin, name: 'schedule-run', crontab: '* * * * *', command: 'php artisan schedule:run' },
      {
        ...berlin,
        name: 'report',
        crontab: '@weekly',
        command: '/usr/bin/php /srv/shop/bin/report.php > /srv/shop/var/report.txt',
      },
    ]);
    expect(read.notes.map(({ line, sentence }) => `${line} ${sentence}`)).toEqual([
      '2 "cd /srv/shop" is left away: jobs begin in the root',
      '2 ">> /dev/null 2>&1" is left away: all output is in "nightshift logs shop"',
      '3 "cd /srv/shop" is left away: jobs begin in the root',
    ]);
  });

  test('reads %, \\% and another shell as cron does', () => {
    const read = imported(
      'crontab',
      text`
        0 0 * * * mail -s "100\% done" ops%Hello,%%it's done
        SHELL=/bin/bash
        0 1 * * * diff <(ls a) <(ls b)
      `,
    );
    expect(read.jobs.map(({ command }) => command)).toEqual([
      `printf '%s\\n' Hello, '' 'it'\\''s done' | mail -s "100% done" ops`,
      `/bin/bash -c 'diff <(ls a) <(ls b)'`,
    ]);
  });

  test('hands on variables and time zones to the lines below them', () => {
    const read = imported(
      'crontab',
      text`
        MAILTO=ops@example.org
        APP_ENV = production
        0 4 * * * bin/a
        CRON_TZ=America/New_York
        QUEUE="slow ones"
        0 5 * * * bin/b && bin/c
      `,
    );
    expect(read.variables).toEqual({ APP_ENV: 'production' });
    expect(jobsOf(read)).toEqual([
      { ...berlin, name: 'a', crontab: '0 4 * * *', command: 'bin/a' },
      {
        ...{ name: 'c', type: 'cron', crontab: '0 5 * * *', timezone: 'America/New_York' },
        command: "export QUEUE='slow ones'; bin/b && bin/c",
      },
    ]);
    expect(notesOf(read)).toEqual(['1 MAILTO=ops@example.org: left out']);
  });

  test('tells what it leaves out: @reboot, what is commented out, and what is no time', () => {
    const read = imported(
      'crontab',
      text`
        @reboot /srv/shop/bin/listen
        #0 5 * * * /srv/shop/bin/old
        61 * * * * bin/never
        what is this
      `,
    );
    expect(read.jobs).toEqual([]);
    expect(notesOf(read)).toEqual([
      '1 @reboot /srv/shop/bin/listen: left out',
      '2 #0 5 * * * /srv/shop/bin/old: left out',
      '3 61 * * * * bin/never: left out',
      '4 what is this: left out',
    ]);
  });
});

/** In the form of Debian's /etc/crontab. */
const system = text`
  SHELL=/bin/sh
  PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin
  # m h dom mon dow user  command
  17 * * * *  root  cd / && run-parts --report /etc/cron.hourly
  25 6 * * *  root  test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }
`;

describe('a crontab of the system', () => {
  test.each(['/etc/crontab', '/etc/cron.d/shop', '/tmp/anything'])('is known as such, as %s', (name) => {
    const read = imported('crontab', system, {}, name);
    expect(read.jobs.map(({ name, command, status }) => [name, command, status])).toEqual([
      ['cron.hourly', 'cd / && run-parts --report /etc/cron.hourly', 'disabled'],
      [
        'cron.daily',
        'test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }',
        'disabled',
      ],
    ]);
    expect(read.variables).toEqual({ PATH: '/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin' });
    expect(notesOf(read)).toEqual([
      '4 17 * * * * root cd / && run-parts --report /etc/cron.hourly: adapted',
      '4 /etc/cron.hourly: left out',
      '5 25 6 * * * root test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }: adapted',
      '5 /etc/cron.daily: left out',
    ]);
  });

  test('with lines of the environment’s own user needs nothing said', () => {
    const read = imported('crontab', '0 5 * * * www-data php /srv/shop/cron.php\n', {}, '/etc/cron.d/shop');
    expect(read.notes).toEqual([]);
    expect(read.jobs).toMatchObject([{ name: 'cron', command: 'php /srv/shop/cron.php' }]);
  });
});
