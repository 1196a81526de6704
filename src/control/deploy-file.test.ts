import { describe, expect, it } from 'vitest';
import { limits } from '../domain/limits.ts';
import { noDeployFile, parseDeployFile } from './deploy-file.ts';

const whole = `
deploy:
  branch: production
  timeout: 10m
  commands:
    - composer install --no-dev
    - artisan migrate --force
plan: L
jobs:
  mails:
    command: artisan queue:work
    instances: 2
    signal: SIGINT
    timeout: 1m
  report:
    type: cron
    command: php bin/report.php
    every: 1d
    on_deploy: wait
    retry_on: [75, 111]
    warn_late: none
    enabled: false
  2024:
    command: x
`;

describe('nightshift.yml', () => {
  it('is read with everything that it may say', () => {
    const file = parseDeployFile(whole);
    expect(file).toMatchObject({
      branch: 'production',
      commandsSeconds: 600,
      commands: ['composer install --no-dev', 'artisan migrate --force'],
      plan: 'L',
    });
    expect(file.jobs).toEqual([
      {
        name: 'mails',
        type: 'worker',
        line: 10,
        command: 'artisan queue:work',
        instances: 2,
        exitSignal: 'INT',
        exitTimeoutSeconds: 60,
      },
      {
        name: 'report',
        type: 'cron',
        line: 15,
        command: 'php bin/report.php',
        interval: '1d',
        onDeploy: 'wait',
        retryOn: [75, 111],
        warnLateSeconds: null,
        status: 'disabled',
      },
      { name: '2024', type: 'worker', line: 23, command: 'x' },
    ]);
  });

  it('may be empty, and then says nothing', () => {
    expect(parseDeployFile('# nothing yet\n')).toEqual(noDeployFile);
    expect(parseDeployFile('jobs:\n').jobs).toEqual([]);
  });

  it.each([
    ['deploy: [', 'line 1, column 10: '],
    ['- jobs', 'line 1, column 1: the file must be a list of settings such as "deploy: …"'],
    ['tasks: {}', 'line 1, column 1: "tasks" is not known in the file: use deploy, plan, jobs'],
    [
      'job: {}',
      'line 1, column 1: "job" is not known in the file: did you mean jobs? Use deploy, plan, jobs',
    ],
    ['jobs:\n  a: {comand: x}', '"comand" is not known in job "a": did you mean command? Use type, command'],
    ['jobs:\n  a: {command: x, max-runtime: 1h}', 'did you mean max_runtime? Use'],
    ['jobs:\n  a: {command: x, interval: 1d}', '"interval" is not known in job "a": did you mean every? Use'],
    ['jobs:\n  a: {command: x, schedule: "@daily"}', 'did you mean crontab? Use'],
    [
      'jobs:\n  a: {command: x, colour: red}',
      'line 2, column 19: "colour" is not known in job "a": use type',
    ],
    [
      'jobs:\n  a: {command: x, every: 5m}',
      'line 2, column 26: "every" of job "a" is "5m" and must be one of 1m',
    ],
    ['jobs:\n  a: {command: x, timeout: soon}', 'must be a duration such as 90s, 10m or 2h'],
    ['jobs:\n  a: {command: x, instances: 1.5}', 'must be a whole number'],
    ['jobs:\n  a: {command: x, enabled: maybe}', 'must be true or false'],
    ['jobs:\n  a: {command: x, retry_on: [many]}', 'must be any, or a list such as [75, 111]'],
    ['jobs:\n  a: {command: }', 'line 2, column'],
    ['jobs:\n  a: {command: x}\n  a: {command: y}', 'line 3, column 3: Map keys must be unique'],
    ['jobs:\n  a: {type: daemon, command: x}', 'must be worker or cron'],
    ['jobs: [a]', '"jobs" must be a list of names'],
    ['deploy: {commands: make}', '"commands" must be a list'],
    ['deploy: {commands: [{}]}', 'a command must be a text on one line'],
    ['deploy: {branch: "../x"}', '"../x" is not a name for a branch'],
    ['deploy: {timeout: 2h}', 'must be between 1s and 1h'],
    ['a: &a {command: x}\njobs: {b: *a}', '"a" is not known'],
    ['jobs:\n  b: &b {command: x}\n  c: *b', 'job "c" can\'t be an alias: write it out'],
  ])('is refused with the place of the mistake: %j', (text, why) => {
    expect(() => parseDeployFile(text)).toThrow(why);
    expect(() => parseDeployFile(text)).toThrow(expect.objectContaining({ code: 'deploy.file' }));
  });

  it('is refused where it is too long, or lists too much', () => {
    expect(() => parseDeployFile(`# ${'x'.repeat(limits.deployFileBytes)}`)).toThrow('longer than 256 KB');
    const many = Array.from({ length: limits.deployCommands + 1 }, () => '- x').join('\n    ');
    expect(() => parseDeployFile(`deploy:\n  commands:\n    ${many}\n`)).toThrow('more than 100 commands');
  });
});
