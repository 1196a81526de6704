/**
 * The guides as they are written: every line of shell in them is run against a real daemon, or stands below with the reason why it can't be.
 * docs/guides/start.md has a test of its own (test/system/start-guide.test.ts).
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run } from '../../src/contract/run.ts';
import { type Daemon, run, Stage } from '../system/daemon.ts';
import { canPush, sshPortOf } from '../system/git-client.ts';
import { isRoot } from '../system/machine.ts';
import { MailReceiver, WebhookReceiver } from '../testkit/receivers.ts';
import { type Files, Scene } from './guide-scene.ts';
import { blocks, checkout, pages, shellLines } from './pages.ts';

/** Run by nobody here: what it would change, or who tries it. */
const elsewhere: Readonly<Record<string, string>> = {
  'docs/guides/start.md': 'test/system/start-guide.test.ts runs it from the first line to the last',
  'docs/guides/nginx.md': 'it changes the service of this machine: test/system/nginx.test.ts runs its files',
  'docs/guides/systemd.md':
    'it changes the service of this machine: script/machine-test runs it in one of its own',
  'docs/guides/postgresql.md':
    'it needs a database and changes the service: test/system/postgres.test.ts has one of its own',
  'docs/guides/node.md':
    'it needs Redis and npm packages: script/examples runs test/system/example-queues.test.ts',
  'docs/guides/php.md': 'it needs Redis and Symfony: script/examples runs test/system/example-queues.test.ts',
  'docs/guides/python.md':
    'it needs Redis and Celery: script/examples runs test/system/example-queues.test.ts',
};

const installs = /^(sudo )?(apt-get|npm|podman|systemctl|script\/|supervisorctl)\b/;
const service = /nightshift (install|uninstall|serve)\b/;

interface Guide {
  /** What it calls its environment. */
  readonly environment: string;
  /** Lines that are not run here, and why. */
  readonly left?: readonly (readonly [RegExp, string])[];
  readonly before?: (scene: Scene) => Promise<unknown> | unknown;
  /** Before one line: what it needs of those before it. */
  readonly eachLine?: (scene: Scene, line: string) => Promise<unknown>;
  readonly after?: (scene: Scene) => Promise<unknown> | unknown;
}

const stage = new Stage();
const hooks = new WebhookReceiver();
const mail = new MailReceiver();
let daemon: Daemon;

const loop = 'while :; do echo working; sleep 1; done';
const works =
  '#!/usr/bin/php\n<?php echo "working\\n"; if (($argv[1] ?? "") !== "tinker") while (true) sleep(1);\n';
const phpApp: Files = {
  artisan: works,
  craft: works,
  please: works,
  'bin/console': works,
  'bin/report.php': works,
};
const phpGuide = (environment: string): Guide => ({
  environment,
  before: (scene) => scene.lay(phpApp),
  after: async ({ environment: name }) =>
    expect((await daemon.json<object[]>('jobs', name)).length).toBeGreaterThan(1),
});

/** A job that has printed something. */
async function hasWorked(scene: Scene, job: string): Promise<void> {
  await scene.worker(job, loop);
  const log = daemon.follow(scene.environment);
  await log.line(job, 'working');
  await log.close();
}

/** A key, and what OpenSSH is to know to come in with it. */
async function hasKey(scene: Scene): Promise<void> {
  const key = join(scene.folder, 'id_ed25519');
  const made = await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ada@laptop', '-f', key]);
  expect(made).toMatchObject({ code: 0 });
  scene.stands.set('~/.ssh/id_ed25519.pub', `${key}.pub`);
  const port = await sshPortOf(daemon);
  const config = scene.beside(
    'ssh_config',
    `Host *\n  HostName 127.0.0.1\n  Port ${port}\n  IdentityFile ${key}\n  IdentitiesOnly yes\n  BatchMode yes\n` +
      '  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n',
  );
  scene.stands.set('@host:2222/', `@127.0.0.1:${port}/`);
  scene.stands.set('ssh shop', `ssh -F ${config} shop`).set('ssh -t shop', `ssh -F ${config} -t shop`);
  scene.env = {
    ...{ GIT_SSH_COMMAND: `ssh -F ${config}`, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    ...{ GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.org' },
    ...{ GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.org' },
  };
}

/** Whose import the guide shows. */
const supervisorFile = (root: string): string => `[program:shop-worker]
process_name = %(program_name)s_%(process_num)02d
directory = ${root}
command = php artisan queue:work --tries=3
environment = APP_ENV="production"
stopasgroup = true
numprocs = 8
user = forge
`;

const guides: Readonly<Record<string, Guide>> = {
  'README.md': {
    ...phpGuide('shop'),
    before: (scene) => {
      scene.cwd = checkout;
      scene.lay(phpApp);
    },
    left: [[/ demo\b/, 'the demo is that of script/server: test/system/fresh-clone.test.ts']],
  },
  'docs/guides/alerts.md': {
    environment: 'shop',
    before: async (scene) => {
      await scene.isThere();
      await daemon.do('alerts', 'set', '--allow', '127.0.0.0/8');
      await daemon.do(
        'alerts',
        'mail-server',
        '127.0.0.1',
        '--port',
        String(mail.port),
        '--from',
        'jobs@example.com',
      );
      for (const job of ['feed', 'report']) await scene.cron(job, 'true');
      scene.stands.set('https://hooks.example.com/…', hooks.url('/night'));
      scene.stands.set('https://hooks.slack.com/…', hooks.url('/chat'));
      scene.stands.set('https://hc-ping.com/UUID', hooks.url('/ping'));
    },
    after: async ({ environment, all }) => {
      expect(hooks.got.all.filter(({ path }) => path === '/chat')).toHaveLength(1);
      expect(all).toMatch(/ops@example\.com|example\.com/);
      for (const [name, ...of] of [['night'], ['chat', '--env', environment], ['ops', '--env', environment]])
        await daemon.do('alerts', 'remove', name as string, ...of, '--yes');
    },
  },
  'docs/guides/backup.md': {
    environment: 'shop',
    left: [
      [/2026-11-26\.backup$/, 'it asks for a passphrase, and nobody can be asked'],
      [/nightshift restore/, 'the daemon would have to be down: test/system/backup.test.ts restores'],
    ],
    before: async (scene) => {
      await scene.isThere();
      scene.beside('/etc/nightshift-backup.passphrase', 'a passphrase that is long enough\n');
      scene.stands.set('/var/backups', scene.folder);
    },
    after: ({ folder }) => expect(statSync(join(folder, 'nightshift.backup')).size).toBeGreaterThan(1_000),
  },
  'docs/guides/craft-and-statamic.md': phpGuide('site'),
  'docs/guides/crons.md': {
    environment: 'shop',
    before: (scene) => scene.isThere(),
    after: ({ all }) => expect(all).toMatch(/mails[\s\S]*report|report[\s\S]*mails/),
  },
  'docs/guides/deploying.md': {
    environment: 'shop',
    left: canPush ? [] : [[/./, 'there is no git here, or no OpenSSH']],
    before: async (scene) => {
      await scene.isThere();
      if (!canPush) return;
      await hasKey(scene);
      scene.beside('nightshift.yml', `jobs:\n  mails:\n    command: ${JSON.stringify(loop)}\n`);
      scene.stands.delete('nightshift.yml');
      const made = 'git init -q -b main && git add nightshift.yml && git commit -qm "Send mails"';
      expect(await run('sh', ['-ec', made], { cwd: scene.folder, env: scene.env })).toMatchObject({
        code: 0,
      });
    },
    eachLine: async (scene, line) => {
      const address = /https?:\/\/\S+\/hooks\/deploy\/\S+/.exec(scene.all)?.[0];
      if (line.startsWith('curl') && address !== undefined)
        scene.stands.set('https://HOST/hooks/deploy/SECRET', address).set('curl ', 'curl --fail --silent ');
      if (/deployments shop ID/.test(line)) {
        const [newest] = await daemon.json<{ id: string }[]>('deployments', scene.environment);
        scene.stands.set('deployments shop ID', `deployments shop ${newest?.id}`);
      }
    },
    after: async ({ environment }) => {
      const made = await daemon.json<{ trigger: string }[]>('deployments', environment);
      expect(made.map(({ trigger }) => trigger)).toEqual(['hook', 'git']);
    },
  },
  'docs/guides/images.md': {
    environment: 'pictures',
    ...(isRoot ? {} : { left: [[/chown|env create|apply/, 'root alone gives files to www-data']] }),
    before: (scene) => {
      scene.cwd = checkout;
      scene.stands.set('/srv/pictures &&', `${scene.root} -T &&`);
    },
  },
  'docs/guides/install.md': {
    environment: 'shop',
    after: ({ all }) => expect(all).toContain('hello'),
  },
  'docs/guides/laravel.md': phpGuide('shop'),
  'docs/guides/shipping-logs.md': { environment: 'shop', before: (scene) => scene.isThere() },
  'docs/guides/logs.md': {
    environment: 'shop',
    before: async (scene) => {
      await scene.isThere();
      await hasWorked(scene, 'mailer');
      const [newest] = await scene.client.history<Run>(`/environments/${scene.environment}/runs`, {}, 1);
      scene.stands.set('01k9zq3m7x5e0a1b', newest?.id ?? '');
    },
    after: ({ folder, all }) => {
      expect(all).toContain('(mailer): working');
      for (const file of ['week.log.zst', 'mailer.ndjson.gz'])
        expect(statSync(join(folder, file)).size).toBeGreaterThan(0);
    },
  },
  'docs/guides/mails.md': {
    environment: 'signup',
    ...(isRoot ? {} : { left: [[/chown|env create|set|apply/, 'root alone gives files to www-data']] }),
    before: (scene) => {
      scene.cwd = checkout;
      scene.stands
        .set('/srv/signup &&', `${scene.root} -T &&`)
        .set('mail.example.com SMTP_PORT=25', `127.0.0.1 SMTP_PORT=${mail.port}`);
    },
  },
  'docs/guides/metrics.md': {
    environment: 'shop',
    before: async (scene) => {
      await scene.isThere();
      await scene.worker('mailer', loop);
      scene.stands.set('/etc/prometheus', scene.folder);
    },
    after: ({ folder }) =>
      expect(readFileSync(join(folder, 'nightshift.token'), 'utf8').trim()).toMatch(/^\S{20,}$/),
  },
  'docs/guides/moving-in.md': {
    environment: 'shop',
    before: (scene) => {
      scene.lay({ artisan: works });
      scene.beside('/etc/supervisor/conf.d/shop.conf', supervisorFile(scene.root));
      scene.beside('/etc/cron.d/shop', '0 3 * * * www-data php artisan schedule:run\n');
      scene.beside(
        '/etc/systemd/system/shop-mails.service',
        `[Service]\nWorkingDirectory=${scene.root}\nExecStart=/bin/true\n`,
      );
      scene.beside(
        '.upsun/config.yaml',
        'applications:\n  shop:\n    workers:\n      queue:\n        commands: {start: php artisan queue:work}\n',
      );
      writeFileSync(join(scene.folder, 'Procfile'), 'web: bin/web\nworker: php artisan queue:work\n');
    },
    eachLine: (scene, line) => existsBefore(scene, line),
    after: (scene) => {
      const shown = blocks('docs/guides/moving-in.md').find(({ language }) => language === '')?.lines ?? [];
      const said = scene.all
        .replaceAll(scene.root, '/srv/shop')
        .replaceAll(scene.folder, '')
        .replaceAll(scene.environment, 'shop');
      expect(said).toContain(shown.map(({ text }) => text).join('\n'));
      expect(readFileSync(join(scene.folder, 'shop.conf'), 'utf8')).toContain('[program:shop-worker]');
    },
  },
  'docs/guides/ssh.md': {
    environment: 'shop',
    left: canPush ? [] : [[/./, 'there is no OpenSSH here']],
    before: async (scene) => {
      await scene.isThere();
      scene.lay(phpApp);
      await scene.worker('mails', loop);
      await daemon.do('user', 'add', 'ada', '--operator');
      if (!canPush) return;
      await hasKey(scene);
      const made = await run('ssh-keygen', [
        '-q',
        '-t',
        'ed25519',
        '-N',
        '',
        '-C',
        'ada',
        '-f',
        join(scene.folder, 'ada'),
      ]);
      expect(made).toMatchObject({ code: 0 });
      await daemon.do('key', 'add', scene.environment, join(scene.folder, 'id_ed25519.pub'));
    },
    eachLine: async ({ environment }, line) => {
      if (line.startsWith('nightshift key add shop'))
        await daemon.do('key', 'remove', environment, 'ada@laptop');
    },
  },
  'docs/guides/symfony.md': phpGuide('shop'),
  'docs/guides/troubleshooting.md': {
    environment: 'shop',
    left: [[/nightshift doctor/, 'it ends with 1 where something is missing on this machine']],
    before: async (scene) => {
      await scene.isThere();
      await hasWorked(scene, 'mails');
    },
    after: ({ all }) => expect(all).toContain('mails'),
  },
};

/** The guide looks at files before it makes the environment that they are for. */
async function existsBefore({ environment, root, client, printed }: Scene, line: string): Promise<void> {
  const call = `/environments/${environment}`;
  if (line.includes('env create')) await client.call('DELETE', call);
  else if (printed.length === 0)
    await client.call('POST', '/environments', {}, { name: environment, root, user: 'www-data' });
}

beforeAll(async () => {
  await Promise.all([hooks.up(), mail.up()]);
  daemon = await stage.start('--listen', '127.0.0.1:0', '--ssh', '127.0.0.1:0');
}, 60_000);
afterAll(async () => {
  await stage.dispose();
  await Promise.all([hooks.down(), mail.down()]);
}, 120_000);

const isOurs = ({ text }: { text: string }): boolean => /(^|\s)(bin\/)?nightshift /.test(text);

test('every guide that gives commands is run, here or elsewhere', () => {
  const given = pages.filter(
    (page) => (page === 'README.md' || page.startsWith('docs/guides/')) && shellLines(page).some(isOurs),
  );
  expect([...Object.keys(guides), ...Object.keys(elsewhere)].toSorted()).toEqual(given.toSorted());
});

test('no line is left out that no guide has any more', () => {
  for (const [page, { left = [] }] of Object.entries(guides))
    for (const [what, why] of left)
      expect(
        shellLines(page).some(({ text }) => what.test(text.trim())),
        `${page}: ${what} (${why})`,
      ).toBe(true);
});

describe.each(Object.entries(guides))('%s', (page, { environment, left = [], before, eachLine, after }) => {
  test('works as it is written', { timeout: 120_000 }, async () => {
    const scene = new Scene(stage, daemon, environment, page);
    await before?.(scene);
    for (const line of shellLines(page, (mark) => mark !== 'no-run')) {
      const text = line.text.trim();
      if (text === '' || installs.test(text) || service.test(text) || left.some(([what]) => what.test(text)))
        continue;
      await eachLine?.(scene, text);
      await scene.say({ ...line, text });
    }
    await after?.(scene);
    await scene.remove();
  });
});
