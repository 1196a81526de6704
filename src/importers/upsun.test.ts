import { expect, test } from 'vitest';
import { imported, jobsOf, notesOf, text } from './importing.testkit.ts';

const app = text`
  applications:
    shop:
      type: php:8.3
      variables:
        env:
          APP_ENV: production
          RETRIES: 3
        php:
          memory_limit: 256M
      hooks:
        deploy: php bin/console cache:clear
      crons:
        clean:
          spec: 'H 3 * * *'
          commands:
            start: php bin/clean.php
            stop: killall php
          timeout: 90
          shutdown_timeout: 20
        broken:
          spec: 'every night'
          commands: {start: x}
      workers:
        queue:
          size: S
          commands:
            pre_start: php bin/warm-up.php
            start: |
              php bin/console messenger:consume async
          variables:
            env:
              QUEUE: slow
  services:
    db: {type: mariadb}
`;

test('workers and crons of an app on Upsun, with its variables', () => {
  const read = imported('upsun', app);
  expect(jobsOf(read)).toEqual([
    {
      ...{ name: 'clean', type: 'cron', crontab: 'H 3 * * *', timezone: 'UTC', command: 'php bin/clean.php' },
      ...{ maxInstances: 1, maxRuntimeSeconds: 5400, exitTimeoutSeconds: 20 },
    },
    {
      ...{ name: 'queue', type: 'worker' },
      command: 'export QUEUE=slow; php bin/warm-up.php\nphp bin/console messenger:consume async',
    },
  ]);
  expect(read.variables).toEqual({ APP_ENV: 'production', RETRIES: '3' });
  expect(notesOf(read)).toEqual([
    '3 type: left out',
    '8 variables: php: left out',
    '10 hooks: left out',
    '17 clean: commands: stop: left out',
    '20 broken: left out',
    '25 queue: size: adapted',
    '33 services: left out',
  ]);
});

test('an app of its own file, as .platform.app.yaml has it', () => {
  const read = imported(
    'upsun',
    'name: shop\ntimezone: Europe/Paris\ncrons:\n  a:\n    spec: "0 1 * * *"\n    cmd: bin/a\n',
  );
  expect(jobsOf(read)).toMatchObject([{ name: 'a', timezone: 'Europe/Paris', command: 'bin/a' }]);
});

test('what is no YAML is refused with its line', () => {
  expect(() => imported('upsun', 'workers:\n  a: [')).toThrow(/can't be imported: line \d+: /);
});
