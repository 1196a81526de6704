/**
 * examples/php, examples/node and examples/python: a worker of a well-known queue finishes what is in its hands when code is deployed, and the
 * next one goes on; nothing is lost, nothing is done twice. script/examples brings the Debian packages and the npm package.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Beside, layOut } from '../examples/example.ts';
import { type Daemon, type Follower, Stage } from './daemon.ts';
import { has } from './machine.ts';

const python = '/usr/bin/python3';
/** Where script/examples has installed the packages of examples/node. */
const nodePackages = process.env['NIGHTSHIFT_EXAMPLE_PACKAGES'];
/** Beside other tests on a busy machine. */
const patienceMs = 90_000;

interface Example {
  readonly name: 'php' | 'node' | 'python';
  /** What it needs and this machine lacks; empty when nothing. */
  readonly lack: string;
  readonly job: string;
  readonly variables: (port: number) => string;
  /** A line of the worker by which it is known to wait for tasks. */
  readonly ready: RegExp;
  /** Leaves task number `n` to the worker. */
  readonly put: (n: number) => readonly string[];
  readonly begun: (n: number) => string;
  readonly done: (n: number) => string;
}

const redis = has('redis-server') ? [] : ['redis-server'];
const lacks = (...all: readonly (string | false)[]): string =>
  [...redis, ...all.filter((each) => each !== false)].join(', ');
const fails = (program: string, ...words: string[]): boolean => spawnSync(program, words).status !== 0;

const examples: readonly Example[] = [
  {
    name: 'php',
    lack: lacks(
      !existsSync('/usr/share/php/Symfony/Component/Messenger/autoload.php') && 'php-symfony-messenger',
      !existsSync('/usr/share/php/Symfony/Component/Console/autoload.php') && 'php-symfony-console',
      fails('php', '-r', 'exit(class_exists("Redis") ? 0 : 1);') && 'php-redis',
    ),
    job: 'messages',
    variables: (port) => `MESSENGER_TRANSPORT_DSN=redis://127.0.0.1:${port}/messages`,
    ready: /Consuming messages/,
    put: (n) => ['php', 'bin/console', 'app:order', String(n)],
    begun: (n) => `invoice ${n} begun`,
    done: (n) => `invoice ${n} written`,
  },
  {
    name: 'node',
    lack: lacks(
      fails(
        '/usr/bin/node',
        '-e',
        'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)',
      ) && 'Node 20 or newer in /usr/bin',
      nodePackages === undefined && 'bullmq',
    ),
    job: 'reports',
    variables: (port) => `REDIS_URL=redis://127.0.0.1:${port}`,
    ready: /^ready$/,
    put: (n) => ['node', 'ask-for-report.js', `month-${n}.`],
    begun: (n) => `report month-${n}. begun`,
    done: (n) => `report month-${n}. made`,
  },
  {
    name: 'python',
    lack: lacks(fails(python, '-c', 'import celery, redis') && 'python3-celery, python3-redis'),
    job: 'tasks',
    variables: (port) => `REDIS_URL=redis://127.0.0.1:${port}/0`,
    ready: /ready\.$/,
    put: (n) => ['python3', '-c', `import shop; shop.remind.delay("${n}@example.org")`],
    begun: (n) => `reminder to ${n}@example.org begun`,
    done: (n) => `reminder to ${n}@example.org sent`,
  },
];

describe.each(examples)(
  'the queue of examples/$name',
  ({ name: example, lack, job, variables, ready, put, begun, done }) => {
    if (lack !== '') {
      test.skip(`is not tried: this machine has no ${lack}; script/examples brings it`, () => undefined);
      return;
    }
    const stage = new Stage();
    let daemon: Daemon;
    let log: Follower;
    let server: Beside;
    let name: string;

    beforeAll(async () => {
      server = await Beside.start(
        (port) => [
          'redis-server',
          '--port',
          String(port),
          '--bind',
          '127.0.0.1',
          '--save',
          '',
          '--dir',
          stage.folder,
        ],
        { cwd: stage.folder },
      );
      daemon = await stage.start('--ephemeral');
      const environment = await stage.environment(daemon, example);
      name = environment.name;
      const { root } = environment;
      if (example === 'node' && nodePackages !== undefined)
        cpSync(join(nodePackages, 'node_modules'), join(root, 'node_modules'), { recursive: true });
      layOut(example, root);
      await daemon.do('env', 'set', name, variables(server.port));
      await daemon.do('apply', join(root, 'nightshift.yml'), '--env', name, '--yes');
      log = daemon.follow(name);
      await says(ready);
    }, 2 * patienceMs);
    afterAll(async () => {
      await log?.close();
      await stage.dispose();
      await server?.end();
    }, 2 * patienceMs);

    const says = (words: RegExp | string) =>
      log.lines.first(
        `the worker to say "${words}"`,
        ({ job: by, message }) =>
          by === job && (typeof words === 'string' ? message.includes(words) : words.test(message)),
        patienceMs,
      );
    /** As the web front-end does, in the same environment. */
    const order = (n: number): Promise<string> => daemon.do('exec', name, '--', ...put(n));

    test(
      'is worked on; a deployment waits for the task in hand, and the next worker goes on',
      async () => {
        await order(1);
        await says(done(1));
        await order(2);
        const { run } = await says(begun(2));
        const numbers = [3, 4, 5];
        const deployed = daemon.do('deploy', name);
        await deployed;
        const ended = (await daemon.runsOf(name, job)).find((each) => each.id === run);
        expect(ended).toMatchObject({ outcome: 'stopped', exitCode: 0, exitSignal: null });
        expect(log.lines.all.some((line) => line.run === run && line.message.includes(done(2)))).toBe(true);
        for (const n of numbers) await order(n);
        for (const n of numbers) expect((await says(done(n))).run).not.toBe(run);
        for (const n of [1, 2, ...numbers]) {
          const told = log.lines.all.filter((line) => line.message.includes(done(n)));
          expect(told, `task ${n}`).toHaveLength(1);
        }
      },
      2 * patienceMs,
    );

    if (example !== 'python') return;
    test(
      'has a cron in place of a beat: what it calls is worked on, and the ledger has the run',
      async () => {
        await daemon.do('job', 'run', name, 'nightly-report');
        await says('the report of the night is made');
        expect((await daemon.runsOf(name, 'nightly-report'))[0]).toMatchObject({ outcome: 'ok' });
      },
      2 * patienceMs,
    );
  },
);
