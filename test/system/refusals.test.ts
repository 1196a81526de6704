import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Daemon, nightshift, run, Stage } from './daemon.ts';
import { isRoot } from './machine.ts';

const pick = (from: Readonly<Record<string, unknown>>, ...keys: string[]): unknown[] =>
  keys.map((key) => from[key]);

/** Everything that a refused command could have changed, without what is measured and moves on by itself. */
async function everything(daemon: Daemon): Promise<unknown[]> {
  const found: unknown[] = [];
  const environments = await daemon.get<{ items: Record<string, unknown>[] }>('/environments');
  for (const environment of environments.items) {
    found.push(
      pick(environment, 'name', 'root', 'user', 'trial', 'plan', 'variableNames', 'jobs', 'jobsEnabled'),
    );
    const jobs = await daemon.get<{ items: Record<string, unknown>[] }>(
      `/environments/${environment.name}/jobs`,
    );
    for (const { name } of jobs.items) {
      const job = await daemon.get<Record<string, unknown>>(`/environments/${environment.name}/jobs/${name}`);
      found.push(
        pick(job, 'name', 'type', 'status', 'command', 'instances', 'interval', 'crontab', 'version'),
      );
    }
  }
  return found;
}

/** One sentence for people: one line, no stack, no bare code. */
function expectOneSentence(stderr: string, about: RegExp): void {
  expect(stderr).toMatch(about);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/\bat .*\.ts:\d|node:internal|undefined|\[object/);
  expect(stderr).not.toMatch(/[\p{Cc}](?<!\n)/u);
}

describe('a command that is refused says one sentence and changes nothing', () => {
  const stage = new Stage();
  let daemon: Daemon;
  let shop: { name: string; root: string };
  let other: string;
  let file: string;
  let link: string;

  beforeAll(async () => {
    daemon = await stage.start('--ephemeral');
    shop = await stage.environment(daemon, 'shop', 'S');
    other = stage.root('other-root');
    file = join(stage.folder, 'a-file');
    writeFileSync(file, '');
    link = join(stage.folder, 'a-link');
    symlinkSync('/', link);
    await daemon.do('job', 'add', shop.name, 'mails', 'worker', '--command', 'sleep 1000', '--disabled');
    await daemon.do(
      'job',
      'add',
      shop.name,
      'reports',
      'cron',
      '--command',
      'true',
      '--every',
      '1d',
      '--disabled',
    );
  });
  afterAll(() => stage.dispose());

  const keyFile = (name: string, text: string): string => {
    const path = join(stage.folder, `key-${name}`);
    writeFileSync(path, `${text}\n`);
    return path;
  };

  interface Row {
    readonly title: string;
    readonly args: () => string[];
    readonly says: RegExp;
    readonly code?: 1 | 2;
  }
  const cron = (name: string, ...rest: string[]): string[] => [
    'job',
    'add',
    shop.name,
    name,
    'cron',
    ...rest,
  ];
  const worker = (name: string, ...rest: string[]): string[] => [
    'job',
    'add',
    shop.name,
    name,
    'worker',
    ...rest,
  ];
  const env = (name: string, root: string): string[] => ['env', 'create', name, '--root', root];

  const rows: Row[] = [
    {
      title: 'an unknown account',
      args: () => ['user', 'reset', 'nobody', '--yes'],
      says: /no account "nobody"/,
    },
    {
      title: 'an account with capital letters in its name',
      args: () => ['user', 'add', 'Ada'],
      says: /"Ada" is not a name for an account/,
    },
    {
      title: 'an account as a member of an unknown environment',
      args: () => ['user', 'add', 'ada', '--environment', 'nowhere'],
      says: /no environment "nowhere"/,
    },
    {
      title: 'an unknown account as a member',
      args: () => ['member', 'add', shop.name, 'nobody'],
      says: /no account "nobody"/,
    },
    {
      title: 'a token for an unknown environment',
      args: () => ['token', 'create', '--name', 'ci', '--environment', 'nowhere'],
      says: /no environment "nowhere"/,
    },
    {
      title: "an operator's token for one environment",
      args: () => ['token', 'create', '--name', 'ci', '--scope', 'operator', '--environment', shop.name],
      says: /the scope "operator" is not limited to environments/,
    },
    {
      title: 'a token that expires at once',
      args: () => ['token', 'create', '--name', 'ci', '--expires', '5s'],
      says: /expires between one minute and ten years/,
    },
    {
      title: 'logs sent to an address inside',
      args: () => ['ship', 'set', shop.name, 'http://127.0.0.1:4318'],
      says: /private network.*alerts set --allow/,
    },
    {
      title: 'logs sent to no address',
      args: () => ['ship', 'set', shop.name, 'collector'],
      says: /it is no URL.*http:\/\/collector:4318/,
    },
    {
      title: 'a header that is none',
      args: () => [
        'ship',
        'set',
        shop.name,
        'https://example.com',
        '--headers-file',
        keyFile('headers', 'x'),
      ],
      says: /line 1 .* is no header: write Name: value/,
      code: 2,
    },
    {
      title: 'logs sent nowhere that are to be sent no more',
      args: () => ['ship', 'stop', shop.name, '--yes'],
      says: /is sent nowhere: "nightshift ship set/,
    },
    { title: 'an unknown token', args: () => ['token', 'remove', 'none'], says: /no token "none"/ },
    { title: 'an unknown environment', args: () => ['jobs', 'nowhere'], says: /no environment "nowhere"/ },
    {
      title: 'an unknown environment to book',
      args: () => ['book', 'nowhere', 'M'],
      says: /no environment "nowhere"/,
    },
    {
      title: 'an unknown environment to remove',
      args: () => ['env', 'remove', 'nowhere', '--yes'],
      says: /no environment "nowhere"/,
    },
    {
      title: 'an unknown environment for logs',
      args: () => ['logs', 'nowhere'],
      says: /no environment "nowhere"/,
    },
    {
      title: 'an unknown environment for a remote command',
      args: () => ['exec', 'nowhere', '--', 'true'],
      says: /no environment "nowhere"/,
    },
    {
      title: 'an unknown job to stop',
      args: () => ['job', 'stop', shop.name, 'nothing'],
      says: /no job "nothing"/,
    },
    {
      title: 'an unknown job to show',
      args: () => ['job', 'show', shop.name, 'nothing'],
      says: /no job "nothing"/,
    },
    {
      title: 'an unknown job to run',
      args: () => ['job', 'run', shop.name, 'nothing'],
      says: /no job "nothing"/,
    },
    {
      title: 'an environment that is there already',
      args: () => env(shop.name, other),
      says: /exists already/,
    },
    {
      title: 'a job that is there already',
      args: () => worker('mails', '--command', 'true'),
      says: /has a job "mails" already/,
    },
    {
      title: 'an environment with a slash in its name',
      args: () => env('a/b', other),
      says: /not a name for an environment/,
    },
    {
      title: 'an environment with a control character in its name',
      args: () => env('a\u001b[31mb', other),
      says: /"a\\x1b\[31mb" is not a name/,
    },
    {
      title: 'an environment with an empty name',
      args: () => env('', other),
      says: /not a name for an environment/,
    },
    {
      title: 'an environment with capitals in its name',
      args: () => env('Shop', other),
      says: /not a name for an environment/,
    },
    {
      title: 'an environment with a name of 64 letters',
      args: () => env('a'.repeat(64), other),
      says: /not a name for an environment/,
    },
    {
      title: 'a job with a slash in its name',
      args: () => worker('../evil', '--command', 'true'),
      says: /not a name for a job/,
    },
    {
      title: 'a job with a newline in its name',
      args: () => worker('a\nb', '--command', 'true'),
      says: /"a\\x0ab" is not a name for a job/,
    },
    {
      title: 'a root that does not exist',
      args: () => env('new', join(stage.folder, 'missing')),
      says: /does not exist/,
    },
    { title: 'the root /', args: () => env('new', '/'), says: /can't be the root/ },
    { title: 'a root that leads to / by a link', args: () => env('new', link), says: /can't be the root/ },
    { title: 'a root that is a file', args: () => env('new', file), says: /not a folder/ },
    { title: 'a root in the data folder', args: () => env('new', stage.data), says: /can't be the root/ },
    {
      title: 'a root around the data folder',
      args: () => env('new', stage.folder),
      says: /can't be the root|each environment needs a folder/,
    },
    {
      title: 'a root of another environment',
      args: () => env('new', shop.root),
      says: /each environment needs a folder of its own/,
    },
    {
      title: 'a user that does not exist',
      args: () => [...env('new', other), '--user', 'no-such-user'],
      says: /no system user "no-such-user"/,
    },
    { title: 'an empty command', args: () => worker('new-1', '--command', ''), says: /the command is empty/ },
    {
      title: 'a command of blanks',
      args: () => worker('new-2', '--command', '  '),
      says: /the command is empty/,
    },
    { title: 'no command', args: () => worker('new-3'), says: /--command/, code: 2 },
    {
      title: 'a crontab expression with four fields',
      args: () => cron('new-4', '--command', 'true', '--crontab', '* * * *'),
      says: /not a crontab expression/,
    },
    {
      title: 'a crontab expression out of range',
      args: () => cron('new-5', '--command', 'true', '--crontab', '61 * * * *'),
      says: /not a crontab expression/,
    },
    {
      title: 'a crontab expression that is never due',
      args: () => cron('new-6', '--command', 'true', '--crontab', '0 0 30 2 *'),
      says: /never due/,
    },
    {
      title: 'a crontab expression to explain that is broken',
      args: () => ['crontab', 'every day'],
      says: /not a crontab expression/,
    },
    {
      title: 'an unknown time zone',
      args: () => cron('new-7', '--command', 'true', '--crontab', '0 1 * * *', '--timezone', 'Europe/Berlim'),
      says: /no time zone "Europe\/Berlim": did you mean Europe\/Berlin/,
    },
    {
      title: 'an interval that there is not',
      args: () => cron('new-8', '--command', 'true', '--every', '7m'),
      says: /not one of the intervals|1m, 10m, 30m/,
    },
    {
      title: 'a cron with neither interval nor expression',
      args: () => cron('new-9', '--command', 'true'),
      says: /--every/,
    },
    {
      title: 'a cron with both',
      args: () => cron('new-10', '--command', 'true', '--every', '1d', '--crontab', '* * * * *'),
      says: /--every|--crontab/,
    },
    {
      title: 'a worker with an interval',
      args: () => worker('new-11', '--command', 'true', '--every', '1d'),
      says: /crons|--every/,
    },
    {
      title: 'an exit signal that there is not',
      args: () => worker('new-12', '--command', 'true', '--signal', 'FOO'),
      says: /not an exit signal|--signal/,
    },
    {
      title: 'an exit timeout beyond an hour',
      args: () => worker('new-13', '--command', 'true', '--timeout', '2h'),
      says: /between 1 s and 1 h/,
    },
    {
      title: 'no instances',
      args: () => worker('new-14', '--command', 'true', '--instances', '0'),
      says: /instances|--instances/,
    },
    {
      title: 'more jobs than the plan holds',
      args: () => worker('new-15', '--command', 'true', '--instances', '3'),
      says: /plan S holds 2 enabled jobs/,
    },
    {
      title: 'more instances than the plan holds',
      args: () => ['job', 'edit', shop.name, 'mails', '--instances', '65'],
      says: /65 instances are not possible/,
    },
    {
      title: 'a plan that there is not',
      args: () => ['book', shop.name, 'XXL'],
      says: /no plan "XXL": choose one of XS, S, M/,
    },
    {
      title: 'an edit that says nothing',
      args: () => ['job', 'edit', shop.name, 'mails'],
      says: /nothing to change/,
    },
    {
      title: 'a variable with a bad name',
      args: () => ['env', 'set', shop.name, '1A=x'],
      says: /not a name for a variable/,
    },
    {
      title: "one of Nightshift's own variables",
      args: () => ['env', 'set', shop.name, 'NIGHTSHIFT_JOB=x'],
      says: /set by Nightshift itself/,
    },
    {
      title: 'a variable that is not there to unset',
      args: () => ['env', 'unset', shop.name, 'NOTHING'],
      says: /has no variable "NOTHING"/,
    },
    {
      title: 'a removal without a terminal and without --yes',
      args: () => ['env', 'remove', shop.name],
      says: /--yes/,
    },
    {
      title: 'an empty file as an SSH key',
      args: () => ['key', 'add', shop.name, file],
      says: /this is not an SSH public key \(it is empty\)/,
    },
    {
      title: 'a private key as an SSH key',
      args: () => ['key', 'add', shop.name, keyFile('private', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3')],
      says: /this is a private key, which belongs on your own machine only/,
    },
    {
      title: 'an SSH key of a type that is not taken',
      args: () => ['key', 'add', shop.name, keyFile('dsa', 'ssh-dss AAAA me@here')],
      says: /keys of type ssh-dss are not taken: make one with "ssh-keygen -t ed25519"/,
    },
    {
      title: 'an SSH key that is cut',
      args: () => ['key', 'add', shop.name, keyFile('cut', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDVr')],
      says: /this is not an SSH public key \(the key is cut or garbled\)/,
    },
    {
      title: 'a file with an SSH key that is not there',
      args: () => ['key', 'add', shop.name, '/nowhere/id.pub'],
      says: /\/nowhere\/id\.pub can't be read: it is not there/,
    },
    {
      title: 'an SSH key that is not there to remove',
      args: () => ['key', 'remove', shop.name, 'laptop'],
      says: /has no SSH key "laptop": see "nightshift key list"/,
    },
    {
      title: 'an SSH key of an account that there is not',
      args: () => ['key', 'list', 'nobody', '--account'],
      says: /there is no account "nobody"/,
    },
    { title: 'a command that there is not', args: () => ['jbos', shop.name], says: /jbos/, code: 2 },
    {
      title: 'an option that there is not',
      args: () => ['jobs', shop.name, '--frobnicate'],
      says: /--frobnicate/,
      code: 2,
    },
  ];

  test.each(rows)('$title', async ({ args, says, code }) => {
    const before = await everything(daemon);
    const result = await daemon.cli(...args());
    expectOneSentence(result.stderr, says);
    expect(result.stdout).toBe('');
    if (code !== undefined) expect(result.code).toBe(code);
    else expect([1, 2]).toContain(result.code);
    expect(await everything(daemon)).toEqual(before);
  });

  test('booking on a trial', async () => {
    const name = stage.name('trial');
    await daemon.do('env', 'create', name, '--root', stage.root(name), '--trial');
    const result = await daemon.cli('book', name, 'M');
    expectOneSentence(result.stderr, /on trial and can't book/);
    expect(result.code).toBe(1);
    expect((await daemon.json<{ plan: unknown }>('env', 'show', name)).plan).toBeNull();
  });

  test('a plan too small for what is enabled, naming the number', async () => {
    const full = await stage.environment(daemon, 'full', 'S');
    await daemon.do('job', 'add', full.name, 'one', 'worker', '--command', 'sleep 1000');
    await daemon.do('job', 'add', full.name, 'two', 'worker', '--command', 'sleep 1000');
    const result = await daemon.cli('book', full.name, 'XS');
    expectOneSentence(result.stderr, /plan XS holds 1 enabled jobs and ".*" would have 2/);
    expect(result.code).toBe(1);
  });

  test('a job where no component is booked, until one is', async () => {
    const name = stage.name('bare');
    await daemon.do('env', 'create', name, '--root', stage.root(name));
    const result = await daemon.cli('exec', name, '--', 'true');
    expectOneSentence(result.stderr, /has no jobs component: book one/);
    expect(result.code).toBe(1);
  });
});

describe('a command that is not found', () => {
  const stage = new Stage();
  afterAll(() => stage.dispose());

  test('is a failing run with the reason, and no crash', async () => {
    const daemon = await stage.start('--ephemeral');
    const { name } = await stage.environment(daemon, 'shop');
    await daemon.do(
      'job',
      'add',
      name,
      'lost',
      'cron',
      '--command',
      'no-such-program --now',
      '--every',
      '1mo',
    );
    await daemon.cli('job', 'run', name, 'lost');
    const [run] = await daemon.runsOf(name, 'lost');
    expect(run).toMatchObject({ outcome: 'failed', exitCode: 127, trigger: 'manual' });
    expect(run?.reason).toContain('not found');
    expect(daemon.runs).toBe(true);
  });
});

describe('a daemon that can not start says one sentence and ends', () => {
  const stage = new Stage();
  afterAll(() => stage.dispose());

  const serve = (data: string, env: NodeJS.ProcessEnv = {}, ...options: string[]) =>
    run(nightshift, ['serve', '--data', data, ...options], { env });

  test('on plans.yml with a mistake', async () => {
    const data = join(stage.folder, 'bad-plans');
    mkdirSync(data);
    writeFileSync(join(data, 'plans.yml'), 'plans:\n  - {name: XS, memory: lots, jobs: 1}\n');
    const result = await serve(data);
    expectOneSentence(result.stderr, /plans\.yml can't be used: .*(memory|lots)/);
    expect(result.code).toBe(1);
  });

  test('on plans.yml that is no YAML', async () => {
    const data = join(stage.folder, 'no-plans');
    mkdirSync(data);
    writeFileSync(join(data, 'plans.yml'), 'plans: [');
    const result = await serve(data);
    expectOneSentence(result.stderr, /plans\.yml can't be used/);
    expect(result.code).toBe(1);
  });

  test('on a data folder that can not be written', async () => {
    const file = join(stage.folder, 'in-the-way');
    writeFileSync(file, '');
    const result = await serve(join(file, 'data'));
    expectOneSentence(result.stderr, /data folder .* can't be written/);
    expect(result.code).toBe(1);
  });

  test('on a data folder that belongs to a newer version', async () => {
    const data = join(stage.folder, 'newer');
    const older = new Daemon(data, ['--ephemeral']);
    await older.ready();
    await older.terminate();
    const file = new DatabaseSync(join(data, 'nightshift.db'));
    file.exec('PRAGMA user_version = 999');
    file.close();
    const result = await serve(data);
    expectOneSentence(result.stderr, /belongs to a newer version .*999.*upgrade/);
    expect(result.code).toBe(1);
  });

  test('where the container runtime is asked for and runc is missing', async () => {
    const serving = [nightshift, 'serve', '--data', join(stage.folder, 'no-runc'), '--runtime', 'container'];
    // Hidden in a mount namespace of its own; without root containers are refused all the same.
    const hidden = ['/usr/sbin/runc', '/usr/bin/runc', '/usr/bin/crun'].filter((path) => existsSync(path));
    const hide = hidden.map((path) => `mount --bind /dev/null ${path} && `).join('');
    const result = isRoot
      ? await run('unshare', ['--mount', 'sh', '-c', `${hide}exec "$@"`, 'sh', ...serving])
      : await run(nightshift, serving.slice(1));
    expectOneSentence(result.stderr, /the container runtime does not work here: .*doctor/);
    expect(result.code).toBe(1);
  });

  test('where another one serves the data folder, naming its pid', async () => {
    const first = await stage.start('--ephemeral');
    const result = await serve(stage.data);
    expectOneSentence(result.stderr, new RegExp(`nightshift \\(pid ${first.pid}\\) serves .* already`));
    expect(result.code).toBe(1);
    expect(await first.do('env', 'list', '--json')).toBe('[]\n');
  });

  test('on an address that another program listens at, or that is none', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    try {
      const data = join(stage.folder, 'taken');
      const result = await serve(data, {}, '--listen', `127.0.0.1:${port}`);
      expectOneSentence(result.stderr, /nothing can listen at 127\.0\.0\.1:\d+ .*--listen/);
      expect(result.code).toBe(1);
      const unread = await serve(data, {}, '--listen', 'localhost');
      expectOneSentence(unread.stderr, /"localhost" is not an address .*HOST:PORT/);
      expect(unread.code).toBe(1);
    } finally {
      taken.close();
    }
  });

  test('where the command line finds no daemon', async () => {
    const result = await run(nightshift, ['env', 'list', '--data', join(stage.folder, 'nobody-home')]);
    expectOneSentence(result.stderr, /no daemon answers at .*nightshift serve/);
    expect(result.code).toBe(1);
  });
});
