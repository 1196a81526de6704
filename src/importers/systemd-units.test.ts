/** Drop-ins and templates, in the forms that people have them. */
import { describe, expect, test } from 'vitest';
import type { SourceFile } from './imported.ts';
import { imported, jobsOf, text } from './importing.testkit.ts';

const etc = '/etc/systemd/system';
const notesOf = ({ notes }: ReturnType<typeof imported>): string[] =>
  notes.map(
    ({ file, line, directive, fate }) => `${file.replace(/^.*\/system\//, '')}:${line} ${directive}: ${fate}`,
  );

describe('a drop-in', () => {
  const unit = text`
    [Service]
    User=www-data
    Environment=APP_ENV=dev DEBUG=1
    ExecStart=/usr/bin/php bin/mails.php
    TimeoutStopSec=10
    MemoryMax=128M
  `;
  const path = `${etc}/mails.service`;
  const override = {
    name: `${path}.d/override.conf`,
    text: text`
      [Service]
      Environment=APP_ENV=production
      ExecStart=
      ExecStart=/usr/bin/php bin/mails.php --all
      TimeoutStopSec=1min
    `,
  };

  test('of "systemctl edit" is read after the unit: lists are emptied by an empty value, of the rest the last counts', () => {
    const read = imported('systemd', unit, {}, path, [override]);
    expect(jobsOf(read)).toEqual([
      {
        ...{ name: 'mails', type: 'worker', exitTimeoutSeconds: 60 },
        command: '/usr/bin/php bin/mails.php --all',
      },
    ]);
    expect(read.jobs[0]).toMatchObject({ file: override.name, line: 4 });
    expect(read.variables).toEqual({ APP_ENV: 'production', DEBUG: '1' });
    expect(notesOf(read)).toEqual([
      'mails.service:4 ExecStart=/usr/bin/php bin/mails.php: not needed',
      'mails.service:5 TimeoutStopSec=10: not needed',
    ]);
    expect(read.notes[0]?.sentence).toBe(`${override.name}:3 takes its place, as in systemd`);
    expect(imported('systemd', unit, {}, path).jobs[0]?.command).toBe('/usr/bin/php bin/mails.php');
  });

  test.each([
    ['one that cuts everything short', '[Service]\nEnvironment=\nEnvironment=ONLY=this\n', { ONLY: 'this' }],
    ['one that takes a variable again', '[Service]\nEnvironment=DEBUG=2\n', { APP_ENV: 'dev', DEBUG: '2' }],
    ['an empty one', '', { APP_ENV: 'dev', DEBUG: '1' }],
  ])('changes variables: %s', (_, content, variables) => {
    const read = imported('systemd', unit, {}, path, [{ name: `${path}.d/a.conf`, text: content }]);
    expect(read.variables).toEqual(variables);
  });

  const greeting = (folder: string, file: string, value: string): SourceFile => ({
    name: `${folder}/${file}`,
    text: `[Service]\nEnvironment=GREETING=${value}\n`,
  });

  test.each<[string, SourceFile[], string]>([
    [
      'by the names of the files, whatever the folder',
      [greeting(`${etc}/service.d`, '90-all.conf', 'all'), greeting(`${path}.d`, '10-own.conf', 'own')],
      'all',
    ],
    [
      'of one name the nearest alone',
      [greeting(`${etc}/service.d`, 'a.conf', 'all'), greeting(`${path}.d`, 'a.conf', 'own')],
      'own',
    ],
    [
      'of one name /etc before what a package brings',
      [
        greeting('/usr/lib/systemd/system/mails.service.d', 'a.conf', 'package'),
        greeting(`${path}.d`, 'a.conf', 'administrator'),
      ],
      'administrator',
    ],
  ])('stands in the order of systemd: %s', (_, files, value) => {
    const read = imported('systemd', unit, {}, '/usr/lib/systemd/system/mails.service', files);
    expect(read.variables['GREETING']).toBe(value);
    expect(
      imported('systemd', unit, {}, '/usr/lib/systemd/system/mails.service', files.toReversed()),
    ).toMatchObject({
      variables: read.variables,
    });
  });

  test('of all units whose name begins alike, and of a template, is asked for', () => {
    const { optional } = imported('systemd', unit, {}, '/srv/units/shop-mails@eu.service');
    expect(optional).toEqual(
      [
        String.raw`shop-mails\@eu.service.d`,
        String.raw`shop-mails\@.service.d`,
        'shop-.service.d',
        String.raw`shop-\@eu.service.d`,
        String.raw`shop-\@.service.d`,
        'service.d',
      ].map((folder) => `/srv/units/${folder}/*.conf`),
    );
    const { optional: everywhere } = imported('systemd', unit, {}, '/usr/lib/systemd/system/mails.service');
    expect(everywhere).toContain('/etc/systemd/system/mails.service.d/*.conf');
    expect(imported('systemd', unit, {}, 'standard input').optional).toEqual([]);
  });

  test('of a timer changes when it is due: an empty time takes back all that the timer has', () => {
    const timer = '[Timer]\nOnBootSec=5min\nOnCalendar=daily\n';
    const more = [
      { name: `${etc}/report.timer.d/at-four.conf`, text: '[Timer]\nOnCalendar=\nOnCalendar=04:00\n' },
      { name: `${etc}/report.service`, text: '[Service]\nType=oneshot\nExecStart=bin/report\n' },
    ];
    const read = imported('systemd', timer, {}, `${etc}/report.timer`, more);
    expect(jobsOf(read)).toMatchObject([{ name: 'report', crontab: '0 4 * * *' }]);
    expect(notesOf(read)).toEqual([
      'report.timer:2 OnBootSec=5min: not needed',
      'report.timer:3 OnCalendar=daily: not needed',
    ]);
  });

  test('without its unit is told, and asks for it', () => {
    const read = imported('systemd', override.text, {}, override.name);
    expect([read.jobs, read.wanted]).toEqual([[], [path]]);
    expect(notesOf(read)).toEqual([
      'mails.service.d/override.conf:1 mails.service.d/override.conf: left out',
    ]);
    const whole = imported('systemd', override.text, {}, override.name, [{ name: path, text: unit }]);
    expect([whole.jobs.length, whole.wanted]).toEqual([1, []]);
  });
});

describe('an instance of a template', () => {
  /** As the documentation of Symfony Messenger has it. */
  const template = text`
    [Unit]
    Description=Symfony messenger-consume %i

    [Service]
    ExecStart=php bin/console messenger:consume %i --time-limit=3600
    Environment="MESSENGER_CONSUMER_NAME=symfony-%n-%i"
    EnvironmentFile=-/etc/shop/%i.env
    WorkingDirectory=/srv/shop/%p
    Restart=always
    RestartSec=30

    [Install]
    WantedBy=default.target
  `;

  test('is filled in from the name of the file', () => {
    const read = imported('systemd', template, {}, `${etc}/messenger@async.service`, [
      { name: '/etc/shop/async.env', text: 'QUEUE=fast\n' },
    ]);
    expect(jobsOf(read)).toEqual([
      {
        ...{ name: 'messenger-async', type: 'worker' },
        command: 'cd messenger && exec php bin/console messenger:consume async --time-limit=3600',
      },
    ]);
    expect(read.variables).toEqual({
      MESSENGER_CONSUMER_NAME: 'symfony-messenger@async.service-async',
      QUEUE: 'fast',
    });
  });

  test('stands beside others of it, each a job of its own', () => {
    const others = ['failed', 'mails'].map((each) => ({
      name: `${etc}/multi-user.target.wants/messenger@${each}.service`,
      text: template,
    }));
    const read = imported('systemd', template, {}, `${etc}/messenger@async.service`, others);
    expect(read.jobs.map(({ name }) => name)).toEqual([
      'messenger-async',
      'messenger-failed',
      'messenger-mails',
    ]);
  });

  test.each([
    ['%i', String.raw`srv-a\x2db`],
    ['%I', 'srv/a-b'],
    ['%n', String.raw`'on-disk@srv-a\x2db.service'`],
    ['%N', String.raw`'on-disk@srv-a\x2db'`],
    ['%p %j', 'on-disk disk'],
    ['%P %J', 'on/disk disk'],
    ['100%%i', '100%i'],
  ])('has %s as %s', (specifier, value) => {
    const file = `[Service]\nExecStart=run ${specifier}\n`;
    const read = imported('systemd', file, {}, String.raw`${etc}/on-disk@srv-a\x2db.service`);
    const quoted = value.includes('\\') && !value.startsWith("'") ? `'${value}'` : value;
    expect(read.jobs[0]?.command).toBe(`run ${quoted}`);
  });

  test('is nothing that a template alone has: each line that needs one is told', () => {
    const read = imported('systemd', template, {}, `${etc}/messenger@.service`);
    expect([read.jobs, read.variables]).toEqual([[], {}]);
    expect(notesOf(read).filter((each) => each.endsWith('left out'))).toEqual([
      'messenger@.service:5 ExecStart=php bin/console messenger:consume %i --time-limit=3600: left out',
      'messenger@.service:7 EnvironmentFile=-/etc/shop/%i.env: left out',
    ]);
    expect(read.notes.find(({ line }) => line === 5)?.sentence).toBe(
      '%i stands for the instance of a template: name its instances, such as messenger@NAME.service, in place of messenger@.service',
    );
    const same = imported('systemd', '[Service]\nExecStart=run %p\n', {}, `${etc}/mails@.service`);
    expect(jobsOf(same)).toEqual([{ name: 'mails', type: 'worker', command: 'run mails' }]);
  });

  test.each(['%h', '%H', '%t', '%u', '%b'])(
    'has %s left out, and said: only systemd knows it',
    (specifier) => {
      const file = `[Service]\nExecStart=run\nEnvironment=HERE=${specifier} THERE=2\n`;
      const read = imported('systemd', file, {}, `${etc}/mails@eu.service`);
      expect([read.jobs.length, read.variables]).toEqual([1, { THERE: '2' }]);
      expect(notesOf(read)).toEqual([`mails@eu.service:3 Environment=HERE=${specifier} THERE=2: left out`]);
    },
  );

  test('of a timer starts the same instance of its service', () => {
    const timer = '[Timer]\nOnCalendar=hourly\n';
    const path = `${etc}/report@eu.timer`;
    expect(imported('systemd', timer, {}, path).wanted).toEqual([`${etc}/report@eu.service`]);
    const service = {
      name: `${etc}/report@eu.service`,
      text: '[Service]\nType=oneshot\nExecStart=bin/report %i\n',
    };
    expect(jobsOf(imported('systemd', timer, {}, path, [service]))).toMatchObject([
      { name: 'report-eu', type: 'cron', command: 'bin/report eu' },
    ]);
    const named = imported('systemd', `${timer}Unit=report@%i.service\n`, {}, path, [service]);
    expect(named.jobs).toHaveLength(1);
  });
});
