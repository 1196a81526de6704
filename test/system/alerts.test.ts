/** Alerts under the real daemon: to a real receiver of webhooks and a real mail server, which are away meanwhile, as the daemon is. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MailReceiver, type Received, WebhookReceiver } from '../testkit/receivers.ts';
import { type Daemon, Stage } from './daemon.ts';

/** On a busy machine a start takes its time; a second attempt comes after 5 s. */
const soon = { timeout: 45_000, interval: 100 };

interface Body {
  readonly type: string;
  readonly data: {
    readonly title: string;
    readonly text: string;
    readonly lines: readonly string[];
    readonly link: string | null;
    readonly incident: { readonly job: string; readonly kind: string; readonly run: string | null };
  };
}
const bodyOf = (received: Received): Body => JSON.parse(received.body) as Body;

describe('alerts', () => {
  const stage = new Stage();
  const hooks = new WebhookReceiver();
  const mail = new MailReceiver();
  let daemon: Daemon;
  let name: string;
  let key: string;

  const told = (path: string, type: string, job: string): Received[] =>
    hooks.got.all.filter(
      (each) => each.path === path && bodyOf(each).type === type && bodyOf(each).data.incident.job === job,
    );
  const letters = (subject: RegExp): string[] => mail.got.all.filter((letter) => subject.test(letter));
  const cron = (job: string, command: string, ...options: string[]) =>
    daemon.do('job', 'add', name, job, 'cron', '--command', command, '--every', '1mo', ...options);

  beforeAll(async () => {
    await Promise.all([hooks.up(), mail.up()]);
    daemon = await stage.start();
    name = (await stage.environment(daemon, 'alerts', 'XL')).name;
    const from = ['--from', 'Nightshift <jobs@example.com>'];
    await daemon.do('alerts', 'mail-server', '127.0.0.1', '--port', String(mail.port), ...from);
    await daemon.do('alerts', 'set', '--url', 'https://jobs.example.com');
    const added = await daemon.json<{ signingKey: string }>('alerts', 'webhook', 'all', hooks.url('/all'));
    key = added.signingKey;
    await daemon.do('alerts', 'mail', 'ops', 'ops@example.com');
  }, 60_000);

  afterAll(async () => {
    await stage.dispose();
    await Promise.all([hooks.down(), mail.down()]);
  }, 60_000);

  test('of an environment do not reach into the machine, unless the operator allows it', async () => {
    await daemon.do('alerts', 'set', '--allow', 'none');
    const add = ['alerts', 'webhook', 'chat', hooks.url('/own'), '--env', name, '--shape', 'slack'];
    expect(await daemon.cli(...add)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is an address of this machine or of its private network'),
    });
    const byName = ['alerts', 'webhook', 'name', 'http://localhost.:1/x', '--env', name];
    expect(await daemon.cli(...byName)).toMatchObject({ code: 1 });
    await daemon.do('alerts', 'set', '--allow', '127.0.0.0/8');
    await daemon.do(...add);
    await daemon.do('alerts', 'test', 'chat', '--env', name);
    expect(hooks.got.all.find(({ path }) => path === '/own')?.body).toContain('A test of the alert channel');
    const shown = await daemon.do('alerts', 'list', name);
    expect(shown).toMatch(/chat .*slack +127\.0\.0\.1:\d+ /);
    expect(await daemon.do('alerts', 'list', '--json')).not.toContain('/own');
    await daemon.do('alerts', 'remove', 'chat', '--env', name, '--yes');
  });

  test('tell of a failed cron once, with its last lines and a link, and when it is over', async () => {
    await cron('report', "sh -c 'echo reading; echo no such table >&2; exit 3'");
    expect(await daemon.cli('job', 'run', name, 'report')).toMatchObject({ code: 1 });
    await expect.poll(() => told('/all', 'incident.begin', 'report').length, soon).toBe(1);
    await daemon.cli('job', 'run', name, 'report');
    const [received] = told('/all', 'incident.begin', 'report') as [Received];
    const { data } = bodyOf(received);
    expect(data).toMatchObject({
      title: `${name}/report failed`,
      text: expect.stringContaining('"report" failed: exit code 3.'),
      lines: ['reading', 'no such table'],
      link: `https://jobs.example.com/environments/${name}/runs/${data.incident.run}`,
    });
    const signed = `${received.id}.${received.headers['webhook-timestamp']}.${received.body}`;
    const mac = createHmac('sha256', Buffer.from(key.slice('whsec_'.length), 'base64')).update(signed);
    expect(received.headers['webhook-signature']).toBe(`v1,${mac.digest('base64')}`);
    await expect.poll(() => letters(/^Subject: \[nightshift alert\] .*report/m).length, soon).toBe(1);

    await daemon.do('job', 'edit', name, 'report', '--command', 'true');
    await daemon.do('job', 'run', name, 'report');
    await expect.poll(() => told('/all', 'incident.over', 'report').length, soon).toBe(1);
    await expect.poll(() => letters(/^Subject: \[nightshift over\] .*report/m).length, soon).toBe(1);
    expect(told('/all', 'incident.begin', 'report')).toHaveLength(1);
    const why = await daemon.do('why', name, 'report');
    expect(why).toMatch(/^Its last run ended well at /);
  });

  test('tell an outside monitor of each run of a cron, and only of a job whose alerts are on', async () => {
    await cron('beat', 'true');
    await daemon.do('alerts', 'set', '--allow', '127.0.0.0/8');
    await daemon.do('alerts', 'job', name, 'beat', '--ping', hooks.url('/hc/beat?x=1'));
    await daemon.do('job', 'run', name, 'beat');
    const pings = () => hooks.got.all.map(({ path }) => path).filter((path) => path.startsWith('/hc/'));
    await expect.poll(pings, soon).toEqual(['/hc/beat/start?x=1', '/hc/beat?x=1']);
    await daemon.do('alerts', 'job', name, 'beat', '--off', 'cron-failed');
    await daemon.do('job', 'edit', name, 'beat', '--command', 'false');
    await daemon.cli('job', 'run', name, 'beat');
    await expect.poll(pings, soon).toContain('/hc/beat/fail?x=1');
    expect(await daemon.json('incidents', name, '--open')).toContainEqual(
      expect.objectContaining({ job: 'beat', kind: 'cron-failed' }),
    );
    expect(told('/all', 'incident.begin', 'beat')).toEqual([]);
    expect(await daemon.do('alerts', 'rules', name)).toContain('"beat": not of cron-failed');
  });

  test('arrive once each after the receivers and the daemon were away, killed in the worst moments', async () => {
    await daemon.kill();
    // It dies after the end of the run is kept, and before anybody has looked at it.
    daemon = await stage.startWithFaults('kill=end-recorded:1');
    await Promise.all([hooks.down(), mail.down()]);
    await cron('night', "sh -c 'exit 9'");
    await daemon.cli('job', 'run', name, 'night');
    await daemon.ended();
    daemon = await stage.start();
    const waiting = async () =>
      (await daemon.json<{ state: string; attempts: number }[]>('alerts', 'deliveries', '-n', '100')).filter(
        ({ state, attempts }) => state === 'waiting' && attempts > 0,
      );
    await expect.poll(async () => (await waiting()).length, soon).toBe(2);
    await daemon.kill();
    await Promise.all([hooks.up(), mail.up()]);
    // It dies once more when they have it, and before it has noted that.
    const dying = await stage.startWithFaults('kill=delivery-arrived:1').catch(() => undefined);
    await dying?.ended();
    daemon = await stage.start();
    const ids = () => new Set(told('/all', 'incident.begin', 'night').map(({ id }) => id));
    const messageIds = () =>
      new Set(
        letters(/^Subject: \[nightshift alert\] .*night/m).map(
          (letter) => /^Message-ID: (.*)$/im.exec(letter)?.[1],
        ),
      );
    await expect.poll(() => [ids().size, messageIds().size], soon).toEqual([1, 1]);
    await expect.poll(async () => (await waiting()).length, soon).toBe(0);
    expect(await daemon.do('alerts', 'deliveries')).toMatch(/ all +begin +delivered /);
  }, 120_000);
});
