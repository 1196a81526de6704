/** SSH as its users have it: the real daemon, and OpenSSH's own client. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { SilentRelay } from '../testkit/silent-relay.ts';
import { type Daemon, run, Stage } from './daemon.ts';
import { has, leftovers, pidsOf } from './machine.ts';
import { Session, SshClient, sshPort } from './ssh-client.ts';

const keepaliveSeconds = 1;
/** Looks again and again, for as long as a busy machine may take. */
const soon = <Value>(look: () => Value | Promise<Value>) =>
  expect.poll(look, { timeout: 20_000, interval: 100 });
const isThere = has('ssh') && has('ssh-keygen');

describe.skipIf(!isThere)(`SSH${isThere ? '' : ' (skipped: no OpenSSH client on PATH)'}`, () => {
  const stage = new Stage();
  let daemon: Daemon;
  let shop: string;
  let blog: string;
  let client: SshClient;
  let container: boolean;

  beforeAll(async () => {
    daemon = await stage.start(
      '--ephemeral',
      '--ssh',
      '127.0.0.1:0',
      '--ssh-keepalive',
      `${keepaliveSeconds}s`,
    );
    container = daemon.lines.all.includes('runtime: container');
    shop = (await stage.environment(daemon, 'shop', '2XL')).name;
    blog = (await stage.environment(daemon, 'blog')).name;
    client = await SshClient.make(stage.folder, 'ada@laptop', await sshPort(daemon));
    await daemon.do('key', 'add', shop, `${client.key}.pub`);
    await daemon.do(
      'job',
      'add',
      shop,
      'mails',
      'worker',
      '--command',
      "sh -c 'echo sent >&2; exec sleep 86395'",
    );
    await daemon.do('job', 'add', shop, 'report', 'cron', '--command', 'echo written', '--every', '1mo');
  });
  afterAll(() => stage.dispose());

  const say = (...words: string[]) => client.say(shop, words);
  const gone = (seconds: string) =>
    soon(() => pidsOf(`NIGHTSHIFT_ENVIRONMENT=${shop}`, `sleep ${seconds}`)).toEqual([]);

  describe('the commands', () => {
    test('print the same table as the command line, and the same JSON', async () => {
      const { code, stdout, stderr } = await say('jobs');
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout.toString()).toMatch(/^Name {15}│ Duration {6}│ Memory/);
      expect(stdout.toString()).toMatch(/^mails .*│ true$/m);
      const names = (text: string): string[] =>
        (JSON.parse(text) as { name: string }[]).map((job) => job.name);
      expect(names((await say('jobs', '--json')).stdout.toString())).toEqual(
        expect.arrayContaining(['mails', 'report']),
      );
      expect(Object.keys(JSON.parse((await say('jobs --json')).stdout.toString())[0])).toEqual(
        Object.keys((await daemon.json<object[]>('jobs', shop))[0] ?? {}),
      );
    });

    test('are coloured on a terminal only', async () => {
      expect((await say('jobs')).stdout.toString()).not.toContain('\u001b');
      const painted = await client.say(shop, ['jobs'], '', '-tt');
      expect(painted.stdout.toString()).toContain('\u001b[32mtrue\u001b[0m\r\n');
    });

    test('explain themselves in about ten lines, also without any', async () => {
      const help = await say('help');
      expect(help.stdout.toString().trimEnd().split('\n').length).toBeLessThanOrEqual(11);
      expect(help.stdout.toString()).toContain(`This is "${shop}" on `);
      expect(await say()).toEqual(help);
    });

    test('reset the counters and nothing else', async () => {
      await daemon.do('job', 'run', shop, 'report');
      const exits = async () =>
        (await daemon.json<{ name: string; exitsOk: number }[]>('jobs', shop)).find(
          (job) => job.name === 'report',
        )?.exitsOk;
      expect(await exits()).toBeGreaterThan(0);
      expect((await say('jobs_reset')).code).toBe(0);
      expect(await exits()).toBe(0);
    });

    test('follow the log after its last lines, narrowed as asked', async () => {
      await daemon.do('job', 'run', shop, 'report');
      const crons = client.start(shop, ['tail', 'source:cron']);
      await crons.shows('INFO (report): written');
      const workers = client.start(shop, ['tail', 'source:worker', 'job:mails', 'level:ERR', 'mono']);
      await workers.shows('ERR  (mails): sent');
      await daemon.do('job', 'restart', shop, 'mails');
      await soon(() => workers.stdout.match(/sent/g)?.length).toBeGreaterThanOrEqual(2);
      await daemon.do('job', 'run', shop, 'report');
      await soon(() => crons.stdout.match(/written/g)?.length).toBeGreaterThanOrEqual(2);
      expect(crons.stdout).not.toContain('mails');
      expect(workers.stdout).not.toContain('report');
      await Promise.all([crons.kill(), workers.kill()]);
    });

    test.each([
      [['jobs', 'all'], /"jobs" takes --json and nothing else/],
      [['tail', 'joob:x'], /"tail" takes source:worker/],
      [['jobs_reset', 'now'], /takes nothing/],
    ])('that are wrong say one sentence: %j', async (words, sentence) => {
      const { code, stdout, stderr } = await say(...words);
      expect([code, stdout.length]).toEqual([2, 0]);
      expect(stderr).toMatch(sentence);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    });

    test('refuse a job that there is not', async () => {
      expect(await say('tail', 'job:nothing')).toMatchObject({
        code: 1,
        stderr: `nightshift: "${shop}" has no job "nothing": see "nightshift jobs ${shop}"\n`,
      });
    });
  });

  describe('a remote command', () => {
    test.each([
      ['true', 0],
      ['exit 3', 3],
      ['kill -INT $$', 130],
      ['kill -KILL $$', 137],
      ['no-such-program-here', 127],
    ])('"%s" ends with %i', async (line, code) => {
      expect((await say(line)).code).toBe(code);
    });

    test('that could not be run ends with 255 and says why', async () => {
      const other = stage.name('bare');
      await daemon.do('env', 'create', other, '--root', stage.root(other));
      await daemon.do('key', 'add', other, `${client.key}.pub`);
      expect(await client.say(other, ['true'])).toMatchObject({
        code: 255,
        stderr: `nightshift: "${other}" has no jobs component: book one with "nightshift book ${other} M"\n`,
      });
    });

    test('runs in the root, with the variables of the environment', async () => {
      await daemon.do('env', 'set', shop, 'GREETING=good night');
      const { stdout } = await say('pwd; echo "$GREETING $NIGHTSHIFT_TRIGGER"');
      expect(stdout.toString()).toBe(`${join(stage.folder, shop)}\ngood night remote\n`);
    });

    test('takes 10 MB and gives them back, byte for byte', async () => {
      const bytes = randomBytes(10 * 1024 * 1024);
      const session = client.start(shop, ['cat']);
      session.stdin.end(bytes);
      const { code, stdout, stderr } = await session.ended;
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout.equals(bytes)).toBe(true);
    });

    test('has stdout and stderr apart, whole and in order, also when both are full', async () => {
      const lines = 'seq 1 400000';
      const { code, stdout, stderr } = await say(`${lines} >&2 & ${lines}; wait`);
      const whole = Array.from({ length: 400_000 }, (_, index) => `${index + 1}\n`).join('');
      expect(code).toBe(0);
      expect(stdout.toString() === whole).toBe(true);
      expect(stderr === whole).toBe(true);
    });

    test('may hold several lines, and no NUL', async () => {
      expect((await say('echo one\necho two')).stdout.toString()).toBe('one\ntwo\n');
      const { code, stderr } = await execOf(client, shop, 'echo one\0two');
      expect(code).toBe(255);
      expect(stderr).toMatch(/^nightshift: the command can't be used: .* NUL character/);
    });

    test('leaves nothing behind that it detached', async () => {
      const { code } = await say('setsid sleep 86394 </dev/null >/dev/null 2>&1 & echo detached');
      expect(code).toBe(0);
      if (container) await gone('86394');
    });

    test('ends with its client, and so does what it detached', async () => {
      const session = client.start(shop, ['setsid sleep 86393 & sleep 86392 & echo up; wait']);
      await session.shows('up');
      await session.kill();
      await gone('86392');
      if (container) await gone('86393');
    });

    test('of a client that vanished without a word is gone within the keepalive', async () => {
      const relay = await SilentRelay.to(client.port);
      onTestFinished(() => relay.close());
      const session = client.at(relay.port).start(shop, ['sleep 86391 & echo up; wait']);
      await session.shows('up');
      await soon(() => pidsOf(`NIGHTSHIFT_ENVIRONMENT=${shop}`, 'sleep 86391')).toHaveLength(1);
      relay.fallSilent();
      await gone('86391');
      await session.kill();
    });

    test('stands in the activity log with who ran it', async () => {
      await say('echo for the record');
      const { items } = await daemon.get<{ items: { actor: string; act: string; detail: string }[] }>(
        `/activity?environment=${shop}&limit=20`,
      );
      expect(items).toContainEqual(
        expect.objectContaining({
          actor: 'ssh key "ada@laptop"',
          act: 'remote command',
          detail: 'echo for the record',
        }),
      );
    });

    test('waits for a deployment, and says so', async () => {
      const slow = `sh -c 'trap "until test -e let-go; do sleep 0.1; done; exit 0" TERM; echo ready; while :; do sleep 0.1; done'`;
      await daemon.do('job', 'add', shop, 'slow', 'worker', '--command', slow, '--timeout', '60s');
      const deploying = daemon.do('deploy', shop);
      await soon(async () => {
        const { items } = await daemon.get<{ items: { endedAt: string | null }[] }>(
          `/environments/${shop}/deployments`,
        );
        return items.some((each) => each.endedAt === null);
      }).toBe(true);
      const session = client.start(shop, ['echo after']);
      await session.shows('under way');
      writeFileSync(join(stage.folder, shop, 'let-go'), '');
      const { code, stdout, stderr } = await session.ended;
      await deploying;
      expect([code, stdout.toString()]).toEqual([0, 'after\n']);
      expect(stderr).toBe(
        `nightshift: a deployment of "${shop}" is under way: the command begins when it is done\n`,
      );
      await daemon.do('job', 'remove', shop, 'slow', '--yes');
    });
  });

  describe('a terminal', () => {
    test('has the size of the client, hears of changes, and passes Ctrl-C on', async () => {
      const words = [...client.options('-tt', '-l', shop), '127.0.0.1'].map((word) => `'${word}'`).join(' ');
      const loop = 'while read line && test "$line" != go; do stty size; done';
      const line = `tty; stty rows 31 cols 101; exec ssh ${words} 'stty size; ${loop}; echo now; sleep 86390'`;
      const session = new Session('script', ['-qefc', line, '/dev/null']);
      await session.shows('31 101');
      const terminal = /\/dev\/pts\/\d+/.exec(session.stdout)?.[0] ?? '';
      expect((await run('stty', ['-F', terminal, 'rows', '40', 'cols', '120'])).code).toBe(0);
      // The size goes its way beside what is typed.
      await soon(() => {
        session.stdin.write('size\n');
        return session.stdout;
      }).toContain('40 120');
      session.stdin.write('go\n');
      await session.shows('now');
      session.stdin.write('\u0003');
      expect((await session.ended).code).toBe(130);
      await gone('86390');
    });
  });

  describe('a client that does not read', () => {
    test('holds up its own command and nobody else', async () => {
      const idle = new Session('ssh', [...client.options('-l', shop), '127.0.0.1', 'yes'], false);
      const busy = await say('seq 1 200000');
      expect(busy.stdout.length).toBeGreaterThan(1_000_000);
      expect((await say('jobs')).code).toBe(0);
      await idle.kill();
      await soon(() => pidsOf(`NIGHTSHIFT_ENVIRONMENT=${shop}`, 'yes')).toEqual([]);
    });

    test('but its first lines ends the command, as it would in any pipe', async () => {
      const words = [...client.options('-l', shop), '127.0.0.1'];
      const firstOf = (line: string) => run('sh', ['-c', 'ssh "$@" | head -n 1', 'ssh', ...words, line]);
      expect(await firstOf('yes')).toMatchObject({ code: 0, stdout: 'y\n' });
      // Of a log it is noticed with the next line.
      const tailed = firstOf('tail job:mails');
      let over = false;
      void tailed.then(() => {
        over = true;
      });
      await soon(async () => {
        await daemon.do('job', 'restart', shop, 'mails');
        return over;
      }).toBe(true);
      expect((await tailed).stdout).toContain('(mails): sent\n');
      await soon(() => pidsOf(`NIGHTSHIFT_ENVIRONMENT=${shop}`, 'yes')).toEqual([]);
    });

    // What it loses, and that it is told: `src/ssh/commands/tail.test.ts`.
    test('of a log holds up neither the log nor other readers', async () => {
      const gate = 'until test -e flood-now; do sleep 0.1; done';
      // The pause is longer than a burst is waited for.
      const flood = `sh -c 'echo begins; ${gate}; seq 1 90000; sleep 2; echo over; exec sleep 86389'`;
      await daemon.do('job', 'add', shop, 'flood', 'worker', '--command', flood);
      const words = [...client.options('-l', shop), '127.0.0.1', 'tail job:flood'];
      const reader = new Session('ssh', words, false);
      // It has the first line, and takes no more.
      await once(reader.child.stdout, 'readable');
      writeFileSync(join(stage.folder, shop, 'flood-now'), '');
      await soon(() => daemon.do('logs', shop, '--job', 'flood', '-n', '1')).toContain('over');
      // Another reader, who came later, has all of it: the log itself lost nothing.
      const other = client.start(shop, ['tail job:flood']);
      await other.shows('(flood): over');
      await other.kill();
      await reader.kill();
      await daemon.do('job', 'remove', shop, 'flood', '--yes');
    }, 90_000);
  });

  test('fifty sessions at once are served, each with its own', async () => {
    const sessions = Array.from({ length: 50 }, (_, index) =>
      index % 5 === 0 ? client.say(shop, [`echo ${index}`]) : client.say(shop, ['jobs', '--json']),
    );
    const results = await Promise.all(sessions);
    expect(results.map((result) => result.code)).toEqual(Array(50).fill(0));
    for (const [index, { stdout }] of results.entries())
      if (index % 5 === 0) expect(stdout.toString()).toBe(`${index}\n`);
  });

  describe('what is not offered', () => {
    test('copies of files are refused with a sentence', async () => {
      const file = join(stage.folder, 'a-file');
      writeFileSync(file, 'x');
      const sentence = 'nightshift: scp and sftp are not offered here';
      for (const old of [[], ['-O']]) {
        const copied = await run('scp', [...client.options(), ...old, file, `${shop}@127.0.0.1:a-file`]);
        expect(copied.code).not.toBe(0);
        expect(copied.stderr).toContain(sentence);
      }
      expect((await run('sftp', [...client.options(), `${shop}@127.0.0.1`])).stderr).toContain(sentence);
    });

    test('forwarding is refused with a sentence', async () => {
      const options = client.options('-o', 'LogLevel=INFO', '-W', `127.0.0.1:${client.port}`);
      // The first word of an option counts.
      const through = await run('ssh', ['-o', 'LogLevel=INFO', ...options, `${shop}@127.0.0.1`]);
      expect(through.stderr).toContain('a port is not forwarded here');
      const back = await client.say(
        shop,
        ['true'],
        '',
        '-R',
        '0:127.0.0.1:1',
        '-o',
        'ExitOnForwardFailure=yes',
      );
      expect(back.code).toBe(255);
    });
  });

  describe('a key', () => {
    test('opens its own environment and no other', async () => {
      expect((await client.say(blog, ['jobs'])).code).toBe(255);
      const author = await SshClient.make(stage.folder, 'bob@desk', client.port);
      await daemon.do('key', 'add', blog, `${author.key}.pub`, '--name', 'the author');
      expect((await author.say(blog, ['jobs'])).code).toBe(0);
      expect((await author.say(shop, ['jobs'])).code).toBe(255);
      if (container) expect((await author.say(blog, [`ls ${join(stage.folder, shop)}`])).code).not.toBe(0);
    });

    test('that is taken away opens nothing, also on a connection that stands', async () => {
      const guest = await SshClient.make(stage.folder, 'guest', client.port);
      await daemon.do('key', 'add', shop, `${guest.key}.pub`);
      const control = ['-o', `ControlPath=${join(stage.folder, 'control')}`];
      const master = guest.start(shop, [], '-M', '-N', ...control);
      await soon(async () => (await guest.say(shop, ['true'], '', ...control)).code).toBe(0);
      await daemon.do('key', 'remove', shop, 'guest');
      const { code, stderr } = await guest.say(shop, ['jobs'], '', ...control);
      expect(code).toBe(1);
      expect(stderr).toMatch(/the key of this connection opens nothing here any more/);
      expect((await guest.say(shop, ['jobs'])).code).toBe(255);
      await master.kill();
    });

    test('of the host is made once and readable to its owner only', async () => {
      const file = join(stage.data, 'ssh_host_ed25519_key');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const shown = async () => (await run('ssh-keyscan', ['-p', String(client.port), '127.0.0.1'])).stdout;
      const first = await shown();
      expect(first).toMatch(/ ssh-ed25519 AAAA/);
      expect(await shown()).toBe(first);
    });

    test('that keygen makes is shown to other hosts by git', async () => {
      const made = (await say('keygen')).stdout.toString();
      expect(made).toMatch(/^ssh-ed25519 AAAA\S+ shop-\w+@nightshift\n$/);
      expect((await say('keygen')).stdout.toString()).toBe(made);
      const file = join(stage.folder, 'deploy.pub');
      writeFileSync(file, made);
      await daemon.do('key', 'add', blog, file);
      // As git calls it: the words of the variable are the shell's, the rest is added to them.
      const { code, stdout } = await say(
        `eval "$GIT_SSH_COMMAND -p ${client.port} ${blog}@127.0.0.1 help"; ls /tmp`,
      );
      expect(code).toBe(0);
      expect(stdout.toString()).toContain(`This is "${blog}" on `);
      if (container) expect(stdout.toString().trimEnd().split('\n').at(-1)).toMatch(/^Anything else/);
    });
  });

  test.each(['../shop', 'shop/', '/', '..', '.', 'a b', 'SHOP', 'x'.repeat(300), '%s'])(
    'nobody is let in as "%s"',
    async (user) => {
      const { code, stdout, stderr } = await client.say(user, ['jobs']);
      expect([code, stdout.length]).toEqual([255, 0]);
      expect(stderr).toMatch(/Permission denied \(publickey\)|remote username contains invalid characters/);
    },
  );
});

describe.skipIf(!isThere)(
  `log-ins that fail${isThere ? '' : ' (skipped: no OpenSSH client on PATH)'}`,
  () => {
    const stage = new Stage();
    afterAll(() => stage.dispose());

    test('wait longer and longer, until nobody answers; one that succeeds before is let in', async () => {
      const daemon = await stage.start('--ephemeral', '--ssh', '127.0.0.1:0');
      const { name } = await stage.environment(daemon, 'shop');
      const port = await sshPort(daemon);
      const [owner, stranger] = await Promise.all([
        SshClient.make(stage.folder, 'owner', port),
        SshClient.make(stage.folder, 'stranger', port),
      ]);
      await daemon.do('key', 'add', name, `${owner.key}.pub`);
      const knock = async (): Promise<string> => (await stranger.say(name, ['true'])).stderr;
      for (let count = 0; count < 5; count++) expect(await knock()).toContain('Permission denied');
      expect((await owner.say(name, ['true'])).code).toBe(0);
      // From many sides at once: nobody waits for another one's delay.
      const knocks = await Promise.all(Array.from({ length: 18 }, knock));
      expect(knocks.filter((said) => said.includes('Permission denied')).length).toBeGreaterThan(5);
      await soon(async () => (await owner.say(name, ['true'])).stderr).toMatch(
        /Connection (closed|reset)|kex_exchange_identification/,
      );
      expect(leftovers([`-l ${name}`])).toEqual([]);
    });
  },
);

/** A command that OpenSSH can't send, because its own words end at a NUL. */
async function execOf(
  client: SshClient,
  user: string,
  command: string,
): Promise<{ code: number; stderr: string }> {
  const connection = new ssh2.Client();
  try {
    return await new Promise((resolve, reject) => {
      connection.on('error', reject);
      connection.on('ready', () => {
        connection.exec(command, (error, channel) => {
          if (error) return reject(error);
          let stderr = '';
          channel.stderr.on('data', (bytes: Buffer) => {
            stderr += bytes.toString();
          });
          channel.resume();
          channel.on('close', (code: number) => resolve({ code, stderr }));
        });
      });
      connection.connect({
        host: '127.0.0.1',
        port: client.port,
        username: user,
        privateKey: readFileSync(client.key),
      });
    });
  } finally {
    connection.end();
  }
}
