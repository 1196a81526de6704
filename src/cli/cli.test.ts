import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import type { Control } from '../control/control.ts';
import { Refusal } from '../domain/errors.ts';
import {
  aCronView,
  aDeployment,
  anEnvironmentView,
  anInstant,
  aRun,
  aWorkerView,
} from '../http/control-double.testkit.ts';
import { socketServer } from '../http/socket-server.testkit.ts';
import { fullName, runCli } from './cli.ts';
import { aLocal, call, caller } from './cli-run.testkit.ts';
import { makeProgram } from './program.ts';

/** Every command line that changes something or prints data, what it asks, and a piece of what it prints. */
const lines: readonly (readonly [line: string, asks: unknown[], prints: string])[] = [
  [
    'env create demo --root shop --user www',
    ['createEnvironment', { name: 'demo', root: '/srv/shop', user: 'www' }],
    'environment "demo" is there',
  ],
  [
    'env create demo --root /srv/demo --trial',
    ['createEnvironment', { name: 'demo', root: '/srv/demo', trial: true }],
    '"demo"',
  ],
  ['env list', ['environments'], 'demo  M     2/2   1/1      61.2 MB of 512 MB  ns-demo  /srv/demo'],
  ['env show demo', ['environment', 'demo'], '512 MB, 4 enabled jobs, 0.5 CPU'],
  ['env edit demo --no-trial', ['setTrial', 'demo', false], 'no longer on trial'],
  [
    'env edit demo --mask-secrets',
    ['setMaskSecrets', 'demo', true],
    'what the jobs of "demo" print is shown with the names of secret variables in place of their values',
  ],
  ['env edit demo --no-mask-secrets', ['setMaskSecrets', 'demo', false], 'is shown as it is'],
  ['env remove demo --yes', ['removeEnvironment', 'demo'], 'is removed'],
  [
    'env set demo A=1 B=x=y C=',
    ['setVariables', 'demo', { A: '1', B: 'x=y', C: '' }, { wait: true }],
    'set A, B, C',
  ],
  ['env unset demo A --no-wait', ['setVariables', 'demo', { A: null }, { wait: false }], 'removed A'],
  [
    'metrics demo --since 1h --step 1m',
    ['metrics', { environment: 'demo', stepSeconds: 60, from: anInstant - 3_600_000, until: anInstant }],
    'memory  80.0 MB at the end, 80.0 MB (avg), 80.0 MB (max), plan 512 MB',
  ],
  [
    'why demo a-cron',
    ['why', 'demo', 'a-cron'],
    'Its last run failed at 03:12:07 UTC, just now: exit code 3.',
  ],
  ['advice demo', ['advice', 'demo'], '→ "a-worker" grows by 12.0 MB an hour.'],
  [
    'alerts list demo',
    ['alertChannels', 'demo'],
    'chat  demo  slack  hooks.example.com  22:00-07:00 Europe/Berlin',
  ],
  [
    'alerts webhook chat https://hooks.example.com/x --env demo --shape slack --kind cron-failed,swap --quiet 22:00-7:00',
    [
      'addAlertChannel',
      {
        environment: 'demo',
        name: 'chat',
        kind: 'webhook',
        url: 'https://hooks.example.com/x',
        shape: 'slack',
        kinds: ['cron-failed', 'swap'],
        quiet: { from: '22:00', until: '07:00', timezone: 'UTC' },
      },
    ],
    'with this key, which is told only now:\nwhsec_c2VjcmV0',
  ],
  [
    'alerts mail ops a@example.com b@example.com',
    [
      'addAlertChannel',
      { environment: null, name: 'ops', kind: 'mail', to: ['a@example.com', 'b@example.com'] },
    ],
    'is told of',
  ],
  [
    'alerts edit chat --env demo --no-quiet --all-kinds',
    ['changeAlertChannel', 'channel-1', { kinds: null, quiet: null }],
    '"chat" is told of',
  ],
  [
    'ship set demo https://collector.example.com',
    ['setLogReceiver', 'demo', { url: 'https://collector.example.com', headers: {} }],
    'is sent to collector.example.com',
  ],
  ['ship show demo', ['logReceiver', 'demo'], 'Refused       3 lines, which are not sent again'],
  ['ship stop demo --yes', ['removeLogReceiver', 'demo'], 'is sent nowhere any more'],
  ['alerts test chat --env demo', ['testAlertChannel', 'channel-1'], 'arrived at hooks.example.com'],
  ['alerts remove chat --env demo --yes', ['removeAlertChannel', 'channel-1'], 'told no more'],
  [
    'alerts deliveries demo -n 5',
    ['alertDeliveries', { environment: 'demo', limit: 5 }],
    'waiting         2  in 10 s  hooks.example.com answered 503',
  ],
  [
    'alerts rules demo --off plan-full --on swap',
    ['changeAlertRules', 'demo', { off: ['plan-full'] }],
    'every kind of incident but swap',
  ],
  [
    'alerts job demo a-cron --after-fails 3 --ping https://hc.example.com/x',
    [
      'changeAlertRules',
      'demo',
      { jobs: { 'a-cron': { afterFails: 3 } }, pings: { 'a-cron': 'https://hc.example.com/x' } },
    ],
    '"a-cron": of fails only after 2 in a row',
  ],
  [
    'alerts mail-server smtp.example.com --from jobs@example.com --tls',
    [
      'changeAlertSettings',
      {
        mailServer: { host: 'smtp.example.com', port: 465, tls: true, user: null, from: 'jobs@example.com' },
      },
    ],
    'smtp.example.com:587, from jobs@example.com, as jobs',
  ],
  ['alerts set', ['alertSettings'], 'https://jobs.example.com'],
  ['alerts set --allow none', ['changeAlertSettings', { allow: [] }], '10.0.0.0/8'],
  ['plan list', ['plans'], 'M     512 MB             4  0.5                   -'],
  ['book demo M --force', ['book', 'demo', 'M', { wait: true, force: true }], '"demo" has plan M'],
  ['unbook demo --no-wait', ['unbook', 'demo', { wait: false }], 'no jobs component any more'],
  [
    'job add demo a-worker worker --command run --signal INT --timeout 1m --instances 2 --handover start-first --disabled',
    [
      'addJob',
      'demo',
      {
        name: 'a-worker',
        type: 'worker',
        command: 'run',
        status: 'disabled',
        exitSignal: 'INT',
        exitTimeoutSeconds: 60,
        instances: 2,
        handover: 'start-first',
      },
      { wait: true },
    ],
    'worker "a-worker" is added: running',
  ],
  [
    'job add demo a-cron cron --command run --every 10m --max-runtime 12h --max-instances 5 --catch-up latest --catch-up-max-age 2d --on-deploy wait',
    [
      'addJob',
      'demo',
      {
        name: 'a-cron',
        type: 'cron',
        command: 'run',
        interval: '10m',
        maxRuntimeSeconds: 43_200,
        maxInstances: 5,
        catchUp: 'latest',
        catchUpMaxAgeSeconds: 172_800,
        onDeploy: 'wait',
      },
      { wait: true },
    ],
    'due in 6 min, 2026-11-22 03:18:07 UTC',
  ],
  [
    'job edit demo a-worker --enabled --timezone Europe/Berlin --no-wait',
    ['editJob', 'demo', 'a-worker', { status: 'enabled', timezone: 'Europe/Berlin' }, { wait: false }],
    'is changed',
  ],
  ['job edit demo a-worker', ['editJob', 'demo', 'a-worker', {}, { wait: true }], 'is changed'],
  ['job remove demo a-worker -y', ['removeJob', 'demo', 'a-worker'], 'is removed'],
  ['job start demo a-worker', ['startJob', 'demo', 'a-worker', { wait: true }], 'worker "a-worker": running'],
  ['job stop demo a-worker --no-wait', ['stopJob', 'demo', 'a-worker', { wait: false }], 'worker "a-worker"'],
  ['job restart demo a-worker', ['restartJob', 'demo', 'a-worker', { wait: true }], 'worker "a-worker"'],
  [
    'job edit demo a-cron --retries 3 --retry-delay 1m --retry-on 75,111 --warn-late 5m --warn-longer 1h --warn-shorter 1s',
    [
      'editJob',
      'demo',
      'a-cron',
      {
        retries: 3,
        retryDelaySeconds: 60,
        retryOn: [75, 111],
        warnLateSeconds: 300,
        warnLongerSeconds: 3_600,
        warnShorterSeconds: 1,
      },
      { wait: true },
    ],
    'is changed',
  ],
  [
    'job edit demo a-cron --retry-on any --warn-late none',
    ['editJob', 'demo', 'a-cron', { retryOn: [], warnLateSeconds: null }, { wait: true }],
    'is changed',
  ],
  ['job pause demo a-cron', ['setJobPaused', 'demo', 'a-cron', true], 'cron "a-cron"'],
  ['job resume demo a-cron', ['setJobPaused', 'demo', 'a-cron', false], 'cron "a-cron"'],
  ['env pause demo', ['setPaused', 'demo', true], 'the crons of "demo" are paused'],
  ['env resume demo', ['setPaused', 'demo', false], 'the crons of "demo" go on'],
  [
    'key add demo - --name laptop',
    ['addSshKey', 'demo', { key: '', name: 'laptop' }],
    '"ada@laptop" opens "demo" now: SHA256:hG7wXJ0b1nS6pW3tJ6m0u2yq1cH4dE5fG6hI7jK8lM9 (ssh-ed25519)',
  ],
  [
    'key add ada - --account',
    ['addUserSshKey', 'ada', { key: '' }],
    '"ada@laptop" opens all that "ada" sees now',
  ],
  ['key list ada --account', ['userSshKeys', 'ada'], 'ada@laptop'],
  ['key remove ada x --account', ['removeUserSshKey', 'ada', 'x'], 'opens all that "ada" sees no more'],
  ['key list demo', ['sshKeys', 'demo'], 'ada@laptop'],
  ['key remove demo ada@laptop', ['removeSshKey', 'demo', 'ada@laptop'], 'opens "demo" no more'],
  [
    'user add ada --environment demo,shop',
    ['addUser', { name: 'ada', role: 'member', environments: ['demo', 'shop'] }],
    'http://127.0.0.1:8080/invitation#a-secret\n(good once, until 2026-11-22 04:12:07 UTC, in 1 h)',
  ],
  [
    'user add bob --operator',
    ['addUser', { name: 'bob', role: 'operator', environments: [] }],
    'invitation#',
  ],
  ['user list', ['users'], 'ada   member  active  -'],
  ['user role ada operator', ['changeUser', 'ada', { role: 'operator' }], '"ada" is an operator now'],
  ['user reset ada --yes', ['resetUser', 'ada'], 'a new password is chosen at\nhttp://127.0.0.1:8080/'],
  ['user remove ada --yes', ['removeUser', 'ada'], 'the account "ada" is removed'],
  ['member list demo', ['members', 'demo'], 'ada   member  active'],
  ['member add demo ada', ['addMember', 'demo', 'ada'], '"ada" is a member of "demo"'],
  ['member remove demo ada', ['removeMember', 'demo', 'ada'], 'a member of "demo" no more'],
  ['token list', ['tokens'], 'ci    ada  write  demo'],
  ['token remove ci', ['removeToken', 'ci'], 'the token "ci" is good no more'],
  ['activity demo -n 3', ['activity', { environment: 'demo', limit: 3 }], 'operator  socket  -     demo'],
  [
    'incidents demo --open -n 5',
    ['incidents', { environment: 'demo', open: true, limit: 5 }],
    'cron-late  demo         a-cron     2  open    "a-cron" began 6m after its due time',
  ],
  ['incidents', ['incidents', { limit: 50 }], 'a-cron'],
  ['job run demo a-cron', ['runJob', 'demo', 'a-cron', { wait: true }], 'nightshift logs demo --run run-2'],
  ['job show demo a-cron', ['job', 'demo', 'a-cron'], '15 3 * * 1-5 (Europe/Berlin)'],
  ['jobs demo', ['jobs', 'demo', { limit: 1_001 }], 'a-worker           │ -             │ 10.7 MB (avg)'],
  ['restart demo', ['restartWorkers', 'demo', { wait: true }], '1 worker of "demo" restarted: a-worker'],
  [
    'restart demo --no-wait',
    ['restartWorkers', 'demo', { wait: false }],
    '1 worker of "demo" asked to restart: a-worker',
  ],
  ['jobs-reset demo', ['resetStatistics', 'demo'], 'begin anew'],
  [
    'runs demo --job a-cron -n 3',
    ['runs', { environment: 'demo', job: 'a-cron', limit: 3 }],
    'failed   exit code 3; killed 1 left-over',
  ],
  ['crons demo --next 3', ['nextDue', 'demo', 3, undefined], '2026-11-22 03:18:07 UTC  in 6 min  a-cron'],
  [
    'crons demo --past --job a-cron',
    ['dueTimes', { environment: 'demo', job: 'a-cron', limit: 20 }],
    'skipped  -    five instances run',
  ],
  [
    'crons demo --past -n 7',
    ['dueTimes', { environment: 'demo', limit: 7 }],
    'skipped  -    five instances run; 3 due times until',
  ],
  [
    'logs demo',
    ['logs', { environment: 'demo', last: 100 }],
    '2021-01-14T12:00:01Z INFO (a-job): The message\n',
  ],
  ['job remove demo a-worker -y --force', ['removeJob', 'demo', 'a-worker', { force: true }], 'is removed'],
  [
    'job edit demo a-worker --command y --force',
    ['editJob', 'demo', 'a-worker', { command: 'y' }, { wait: true, force: true }],
    'is changed',
  ],
  ['export supervisor demo', ['exportJobs', 'demo', 'supervisor'], 'command = php mails.php'],
  ['deployments demo -n 5', ['deployments', 'demo', 5], 'deploy-1  cli'],
  ['deployments demo deploy-1', ['deployment', 'demo', 'deploy-1'], 'mails: restarted in 0.4s'],
  ['hook show demo', ['deployHook', 'demo'], 'never called'],
  ['hook rotate demo', ['rotateDeployHook', 'demo'], 'http://127.0.0.1:8484/hooks/deploy/s3cret'],
  ['hook remove demo', ['removeDeployHook', 'demo'], 'no deploy hook any more'],
  ['deploy demo --no-wait', ['deploy', 'demo', 'cli', { wait: false }], 'is done, after 1.5s'],
];

describe('every command', () => {
  test.each(lines)('%s', async (line, asks, prints) => {
    const server = await socketServer();
    const { exitCode, stdout, stderr } = await call(server, line.split(' '));
    expect(stderr).toBe('');
    expect(stdout).toContain(prints);
    expect(exitCode).toBe(0);
    expect(server.asked).toContainEqual(asks);
  });

  test.each(lines.filter(([line]) => !line.startsWith('logs')))(
    '%s --json prints one document',
    async (line) => {
      const server = await socketServer();
      const { exitCode, stdout } = await call(server, [...line.split(' '), '--json']);
      expect(exitCode).toBe(0);
      expect(() => JSON.parse(stdout)).not.toThrow();
    },
  );

  test('that makes a token prints it alone, for a file that a program reads, and the rest on standard error', async () => {
    const server = await socketServer();
    const words = 'token create --name ci --scope write --environment demo --expires 90d';
    const { exitCode, stdout, stderr } = await call(server, words.split(' '));
    expect([exitCode, stdout]).toEqual([0, 'ns_the-token-of-ada-that-is-told-once\n']);
    expect(stderr).toContain('this is the only time that it is shown');
    const asked = {
      name: 'ci',
      scope: 'write',
      environments: ['demo'],
      expiresAt: anInstant + 90 * 86_400_000,
    };
    expect(server.asked).toContainEqual(['createToken', asked]);
    await call(server, 'token create --name x'.split(' '));
    expect(server.asked).toContainEqual(['createToken', { name: 'x', scope: 'read', expiresAt: null }]);
    const { stdout: document, stderr: nothing } = await call(server, [...words.split(' '), '--json']);
    expect([JSON.parse(document), nothing]).toEqual([expect.objectContaining({ name: 'ci' }), '']);
  });

  test('has a line above, or a test of its own', () => {
    const elsewhere = [
      'serve',
      'doctor',
      'crontab',
      'completion',
      'version',
      'help',
      'exec',
      'apply',
      'import',
      'token create',
      'backup',
      'restore',
      'install',
      'uninstall',
      '__complete',
    ];
    const named = leaves(aProgram()).map((command) => fullName(command).replace('nightshift ', ''));
    const tried = new Set([...lines.map(([line]) => line), ...elsewhere]);
    expect(named.filter((name) => ![...tried].some((line) => `${line} `.startsWith(`${name} `)))).toEqual([]);
  });

  test.each(leaves(aProgram()).map((command) => fullName(command)))('%s has help', async (name) => {
    const words = name.split(' ').slice(1);
    const { exitCode, stdout, stderr } = await call(undefined, [...words, '--help']);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: ${name}`);
    if (words[0] !== '__complete') {
      expect((await call(undefined, ['help', ...words])).stdout).toContain(`Usage: ${name}`);
    }
  });
});

function aProgram(): Command {
  return makeProgram({ now: 0, run: async () => undefined }, '0.1.0', () => undefined);
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

describe('JSON', () => {
  test('of jobs, job show, runs and crons begins with the stable fields', async () => {
    const server = await socketServer();
    const fields = async (line: string) => {
      const document = JSON.parse((await call(server, [...line.split(' '), '--json'])).stdout);
      return Object.keys(Array.isArray(document) ? document[0] : document);
    };
    const ofJobs =
      'name, type, status, state, running, fails, exitsOk, restarts, durationAvgSeconds, durationMaxSeconds, memoryAvgBytes, memoryMaxBytes'.split(
        ', ',
      );
    const ofSettings =
      'command, exitSignal, exitTimeoutSeconds, instances, interval, crontab, timezone, maxRuntimeSeconds, maxInstances'.split(
        ', ',
      );
    const ofRuns =
      'id, job, trigger, dueAt, startedAt, endedAt, exitCode, exitSignal, outcome, reason, memoryMaxBytes, commit'.split(
        ', ',
      );
    expect((await fields('jobs demo')).slice(0, ofJobs.length)).toEqual(ofJobs);
    expect(await fields('job show demo a-cron')).toEqual(expect.arrayContaining([...ofJobs, ...ofSettings]));
    expect((await fields('runs demo')).slice(0, ofRuns.length)).toEqual(ofRuns);
    expect(await fields('crons demo')).toEqual(['job', 'dueAt']);
    expect(await fields('crontab @hourly')).toEqual(expect.arrayContaining(['description', 'next']));
  });

  test('of a list is an array, also when it is empty', async () => {
    const server = await socketServer({ jobs: async () => [], runs: async () => [] });
    expect((await call(server, ['jobs', 'demo', '--json'])).stdout).toBe('[]\n');
    expect((await call(server, ['--json', 'runs', 'demo'])).stdout).toBe('[]\n');
  });
});

describe('wrong usage', () => {
  test.each([
    ['jbos demo', 'unknown command "jbos" (Did you mean jobs?); see "nightshift --help"'],
    ['jobs', 'missing required argument "ENV"; see "nightshift jobs --help"'],
    ['jobs demo shop', 'see "nightshift jobs --help"'],
    [
      'env',
      'say what to do: create, list, show, edit, pause, resume, remove, set, unset; see "nightshift env --help"',
    ],
    ['env create demo', 'required option "--root <DIR>" not specified'],
    ['env set demo NOVALUE', '"NOVALUE" is not KEY=VALUE'],
    ['env edit demo', 'nothing to change: add --trial, --no-trial, --mask-secrets or --no-mask-secrets'],
    ['job add demo x work --command y', 'Allowed choices are worker, cron'],
    ['job add demo x worker', 'required option "--command <CMD>" not specified'],
    ['job add demo x worker --command y --timeout soon', 'Write a duration such as 10s, 5m, 1h30m or 2d'],
    ['job edit demo x --instances two', 'Write a whole number'],
    ['job edit demo x --enabled --disabled', 'a job is either enabled or disabled'],
    ['job edit demo x --catch-up some', 'Allowed choices are none, latest, all'],
    ['runs demo --limit 0', 'Write a whole number from 1'],
    ['logs demo --since soon', 'Write a time such as 2026-11-22T03:00:00Z, or how long ago, such as 1h'],
    ['logs demo --level LOUD', 'Allowed choices are DEBUG, INFO, WARN, ERR'],
    ['logs demo --follw', 'unknown option "--follw" (Did you mean --follow?)'],
    ['exec demo ls -l', 'unknown option "-l"; put -- before the command, or see "nightshift exec --help"'],
    ['exec demo', 'missing required argument "CMD"'],
    ['completion tcsh', 'there is no completion for "tcsh": choose bash, zsh or fish'],
    ['user role ada boss', '"boss" is not a role: choose operator or member'],
    ['token create', 'required option "--name <NAME>" not specified'],
    ['token create --name x --scope all', 'Allowed choices are read, write, operator'],
    ['help nothing', 'there is no command "nothing"'],
    ['serve --runtime docker', 'Allowed choices are auto, container, process'],
  ])('%s is said in one line, with exit code 2', async (line, sentence) => {
    const server = await socketServer();
    const { exitCode, stdout, stderr } = await call(server, line.split(' '));
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^nightshift: [^\n]+\n$/);
    expect(stderr).toContain(sentence);
    expect(server.asked).toEqual([]);
  });
});

describe('a refusal', () => {
  test.each(lines.map(([line]) => line))(
    'of %s is its sentence on stderr, with exit code 1',
    async (line) => {
      const refuse = () => {
        throw new Refusal('environment.unknown', { environment: 'demo' });
      };
      const names = Object.keys((await socketServer()).control) as (keyof Control)[];
      const server = await socketServer(Object.fromEntries(names.map((name) => [name, refuse])));
      const { exitCode, stdout, stderr } = await call(server, line.split(' '));
      expect(stdout).toBe('');
      expect(stderr).toBe('nightshift: there is no environment "demo": see "nightshift env list"\n');
      expect(exitCode).toBe(1);
    },
  );

  test('by a handler that needs no daemon is told the same way', async () => {
    const refused = await call(undefined, ['crontab', 'x'], {
      crontab: async () => {
        throw new Refusal('cron.expression', { expression: 'x', why: 'it has one field and needs five' });
      },
    });
    expect(refused).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'nightshift: "x" is not a crontab expression: it has one field and needs five\n',
    });
  });

  test('shows no stack, whatever went wrong', async () => {
    const { stderr, exitCode } = await call(undefined, ['doctor'], {
      doctor: async () => {
        throw new TypeError('x is not a function\n    at nowhere');
      },
    });
    expect([exitCode, stderr]).toEqual([1, 'nightshift: something went wrong: x is not a function\n']);
  });

  test('is what everybody gets without a daemon', async () => {
    const { exitCode, stderr } = await call(undefined, ['jobs', 'demo', '--data', '/nowhere']);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'nightshift: no daemon answers at /nowhere/nightshift.sock: start it with "nightshift serve", or name its folder with --data\n',
    );
  });

  test('of a run that did not go well says why, and where its output is', async () => {
    const server = await socketServer({ runJob: async () => aRun });
    const { exitCode, stderr } = await call(server, ['job', 'run', 'demo', 'a-cron']);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'nightshift: run run-2 of "a-cron" did not go well: failed, exit code 3; its output: nightshift logs demo --run run-2\n',
    );
  });

  test('of a deployment that failed says why', async () => {
    const server = await socketServer({
      deploy: async () => ({
        ...aDeployment,
        outcome: 'failed' as const,
        reason: 'worker "a" did not start',
      }),
    });
    const { exitCode, stderr } = await call(server, ['deploy', 'demo']);
    expect([exitCode, stderr]).toEqual([
      1,
      'nightshift: deployment deploy-1 failed: worker "a" did not start\n',
    ]);
  });
});

describe('a nightshift.yml', () => {
  test('is told, asked about and applied', async () => {
    const file = join(import.meta.dirname, 'cli.ts');
    const server = await socketServer();
    const dry = await call(server, ['apply', file, '--env', 'demo', '--dry-run']);
    expect(dry.stdout).toBe('job added: mails (worker: php mails.php)\njob removed: gone\n');
    const asked = await call(server, ['apply', file, '--env', 'demo']);
    expect(asked.stderr).toContain('removes gone with its statistics and due times');
    const done = await call(server, ['apply', file, '--env', 'demo', '--yes']);
    expect(done.stdout).toContain('cli.ts says now');
    const missing = await call(server, ['apply', 'nothing.yml', '--env', 'demo']);
    expect(missing).toMatchObject({ exitCode: 2 });
  });
});

describe('what can not be undone', () => {
  test.each(['env remove demo', 'job remove demo a-worker'])(
    '%s wants --yes where nobody can be asked',
    async (line) => {
      const server = await socketServer();
      const { exitCode, stderr } = await call(server, line.split(' '));
      expect(exitCode).toBe(1);
      expect(stderr).toContain("this can't be undone: add --yes if it is meant (removes ");
      expect(server.asked.map(([name]) => name)).not.toContain(
        line.startsWith('env') ? 'removeEnvironment' : 'removeJob',
      );
    },
  );

  test.each([
    ['y', 0, true],
    ['no', 1, false],
    ['', 1, false],
  ])('is asked for on a terminal: "%s"', async (answer, exitCode, done) => {
    const server = await socketServer();
    const { io, stderr } = caller(server, { terminal: true });
    io.stdin.write(`${answer}\n`);
    expect(await runCli(['env', 'remove', 'demo'], io, aLocal)).toBe(exitCode);
    expect(stderr.text).toContain('the root folder stays');
    expect(server.asked.some(([name]) => name === 'removeEnvironment')).toBe(done);
  });
});

describe('what people see', () => {
  test('of jobs ends with what somebody should read', async () => {
    const looping = {
      ...aWorkerView,
      observed: {
        ...aWorkerView.observed,
        state: { kind: 'crash-loop', until: 0, attempt: 14 } as const,
        reason: 'exit code 255, 14 times in a row; again in 8s',
        instancesRunning: 0,
      },
    };
    const server = await socketServer({
      jobs: async () => [looping],
      environment: async () => ({ ...anEnvironmentView, notices: ['plan L would fit better'] }),
    });
    const { stdout } = await call(server, ['jobs', 'demo']);
    expect(stdout).toMatch(
      /│ false\n[^\n]+\n\n! plan L would fit better\n! crash loop: a-worker, exit code 255, 14 times/,
    );
  });

  test('of due times has the reader’s clock beside UTC, where they differ', async () => {
    const server = await socketServer();
    const { io, stdout } = caller(server, { offset: 60 });
    await runCli(['crons', 'demo'], io, aLocal);
    expect(stdout.text).toBe(
      'Due                      Here                                  Job\n' +
        '2026-11-22 03:18:07 UTC  2026-11-22 04:18:07 +01:00  in 6 min  a-cron\n',
    );
  });

  test('holds no control characters that a user wrote', async () => {
    const evil = { ...aRun, reason: '\u001b]0;owned\u0007' };
    const server = await socketServer({ runs: async () => [evil] });
    expect((await call(server, ['runs', 'demo'])).stdout).toContain('\\x1b]0;owned\\x07');
  });

  test('has colours on a terminal, and none with NO_COLOR', async () => {
    const server = await socketServer();
    const plain = caller(server, { terminal: true });
    const variables = { ...plain.io.variables, NO_COLOR: '1' };
    await runCli(['env', 'list'], { ...plain.io, variables }, aLocal);
    const coloured = caller(server, { terminal: true });
    await runCli(['env', 'list'], coloured.io, aLocal);
    expect(plain.stdout.text).not.toContain('\u001b');
    expect(coloured.stdout.text).toContain('\u001b[2mName');
  });

  test('of thousands of jobs is fetched page by page, to the last one', async () => {
    const named = (number: number) => `job-${String(number).padStart(4, '0')}`;
    const all = Array.from({ length: 2_001 }, (_, number) => ({
      ...aCronView,
      job: { ...aCronView.job, name: named(number) },
    }));
    const server = await socketServer({
      jobs: async (_actor, _environment, page) =>
        all.filter(({ job }) => job.name > (page?.after ?? '')).slice(0, page?.limit),
    });
    const { stdout, exitCode } = await call(server, ['jobs', 'demo', '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).map(({ name }: { name: string }) => name)).toEqual(
      all.map(({ job }) => job.name),
    );
    const asked = server.asked.filter(([name]) => name === 'jobs').map(([, , page]) => page);
    expect(asked).toEqual([
      { limit: 1_001 },
      { limit: 1_001, after: named(999) },
      { limit: 1_001, after: named(1_999) },
    ]);
  });

  test('of runs beyond a page is fetched page by page', async () => {
    const all = Array.from({ length: 1_500 }, (_, index) => ({ ...aRun, id: `run-${1_500 - index}` }));
    const server = await socketServer({
      runs: async (_, { before, limit }) => {
        const start = before === undefined ? 0 : all.findIndex((run) => run.id === before) + 1;
        return all.slice(start, start + limit);
      },
    });
    const { stdout } = await call(server, ['runs', 'demo', '-n', '1200', '--json']);
    const ids = (JSON.parse(stdout) as { id: string }[]).map((run) => run.id);
    expect(ids).toEqual(all.slice(0, 1_200).map((run) => run.id));
  });
});
