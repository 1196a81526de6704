import { describe, expect, test } from 'vitest';
import { crontabOf } from './calendar-event.ts';
import { imported, jobsOf, notesOf, text } from './importing.testkit.ts';

describe('a service of systemd', () => {
  test('becomes a worker, with its signal, its folder and its variables', () => {
    const read = imported(
      'systemd',
      text`
        [Unit]
        Description=Mails of the shop
        After=network.target

        [Service]
        User=www-data
        WorkingDirectory=/srv/shop
        Environment=APP_ENV=production "GREETING=Hello you"
        ExecStart=/usr/bin/php bin/mails.php --queue \
          $QUEUE
        Restart=always
        RestartSec=5
        KillSignal=SIGINT
        TimeoutStopSec=1min 30s
        MemoryMax=256M
        ProtectSystem=strict
      `,
      {},
      '/etc/systemd/system/mails.service',
    );
    expect(jobsOf(read)).toEqual([
      {
        ...{ name: 'mails', type: 'worker', exitSignal: 'INT', exitTimeoutSeconds: 90 },
        command: `/usr/bin/php bin/mails.php --queue "\${QUEUE}"`,
      },
    ]);
    expect(read.variables).toEqual({ APP_ENV: 'production', GREETING: 'Hello you' });
    expect(read.memoryBytes).toBe(256 * 1024 ** 2);
    expect(notesOf(read)).toEqual([
      '3 After=network.target: not needed',
      '12 RestartSec=5: not needed',
      '16 ProtectSystem=strict: not needed',
    ]);
  });

  test('with a timer becomes a cron, and asks for what belongs to it', () => {
    const timer = text`
      [Timer]
      OnCalendar=Mon..Fri 04:30
      Persistent=true
      RandomizedDelaySec=5min
      [Install]
      WantedBy=timers.target
    `;
    const service = {
      name: '/etc/systemd/system/report.service',
      text: text`
        [Service]
        Type=oneshot
        EnvironmentFile=/etc/shop.env
        ExecStartPre=/bin/mkdir -p out
        ExecStart=bin/report
        RuntimeMaxSec=1h
      `,
    };
    const path = '/etc/systemd/system/report.timer';
    const alone = imported('systemd', timer, {}, path);
    expect([alone.jobs, alone.wanted]).toEqual([[], [service.name]]);
    const both = imported('systemd', timer, {}, path, [service]);
    expect(both.wanted).toEqual(['/etc/shop.env']);
    const variables = { name: '/etc/shop.env', text: '# Of the shop\nTOKEN="a b"\n' };
    const whole = imported('systemd', timer, {}, path, [service, variables]);
    expect([whole.wanted, whole.variables]).toEqual([[], { TOKEN: 'a b' }]);
    expect(jobsOf(whole)).toEqual([
      {
        ...{
          name: 'report',
          type: 'cron',
          crontab: '30 4 * * 1-5',
          timezone: 'Europe/Berlin',
          catchUp: 'latest',
        },
        ...{ maxInstances: 1, maxRuntimeSeconds: 3600, command: '/bin/mkdir -p out && exec bin/report' },
      },
    ]);
    expect(notesOf(whole)).toContain('4 RandomizedDelaySec=5min: left out');
  });

  test('that runs once and has no timer is told', () => {
    const read = imported(
      'systemd',
      '[Service]\nType=oneshot\nExecStart=bin/x\n',
      {},
      '/etc/systemd/system/x.service',
    );
    expect([read.jobs, read.wanted, notesOf(read)]).toEqual([
      [],
      ['/etc/systemd/system/x.timer'],
      ['2 Type=oneshot: left out'],
    ]);
  });
});

describe('a calendar event', () => {
  test.each([
    ['daily', '0 0 * * *'],
    ['weekly', '0 0 * * 1'],
    ['*-*-* 02:00:00', '0 2 * * *'],
    ['*:0/15', '*/15 * * * *'],
    ['Sat,Sun 10:15', '15 10 * * 6,0'],
    ['*-*-01 03:30', '30 3 1 * *'],
    ['*-01,07-* 00:00', '0 0 * 1,7 *'],
    ['08..18:00', '0 8-18 * * *'],
  ])('%s is %s', (event, expression) => expect(crontabOf(event)?.expression).toBe(expression));

  test('has its own time zone where it names one', () => {
    expect(crontabOf('Sun 04:00 Europe/Vienna')).toEqual({
      expression: '0 4 * * 0',
      timezone: 'Europe/Vienna',
    });
  });

  test.each(['2027-01-01 00:00', '*-*-* 00:00:30', 'Mon *-*-01 00:00', '*-*~01', 'whenever', ''])(
    '%s can’t be said by a crontab',
    (event) => expect(crontabOf(event)).toBeNull(),
  );
});
