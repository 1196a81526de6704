import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NewChannel } from './alert-control.ts';
import { pingAddress } from './alert-dispatcher.ts';
import { makeWorld, member, noWait, operator, refused, type World, withShop } from './world.testkit.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
});
afterEach(async () => {
  world.control.close();
  await world.dispose();
});

const ada = member('shop');
const hook = (given: Partial<NewChannel> = {}): NewChannel => ({
  ...{ environment: 'shop', name: 'chat', kind: 'webhook', url: 'https://hooks.example.com/secret' },
  ...given,
});

describe('a channel', () => {
  test('shows where it goes and nothing secret, and is signed where that is ours', async () => {
    const { channel, signingKey } = await world.control.addAlertChannel(ada, hook());
    expect(signingKey).toMatch(/^whsec_/);
    expect(channel).toMatchObject({ name: 'chat', target: 'hooks.example.com', kinds: null, quiet: null });
    expect(JSON.stringify(await world.control.alertChannels(ada, 'shop'))).not.toContain('secret');
    const activity = await world.control.activity(operator, { limit: 20 });
    expect(JSON.stringify(activity)).not.toContain('/secret');
    expect(activity[0]).toMatchObject({
      act: 'add alert channel',
      detail: 'chat: webhook to hooks.example.com',
    });
    const slack = await world.control.addAlertChannel(ada, hook({ name: 'slack', shape: 'slack' }));
    expect(slack.signingKey).toBeNull();
  });

  test.each([
    [hook({ name: '-x' }), 'alert.channel-name'],
    [hook({ url: 'ftp://x/' }), 'alert.url'],
    [hook({ url: 'http://127.0.0.1/' }), 'alert.address-forbidden'],
    [hook({ url: 'http://[::ffff:a00:1]/' }), 'alert.address-forbidden'],
    [hook({ kinds: ['x'] }), 'alert.kind'],
    [hook({ quiet: { from: '25:00', until: '07:00', timezone: 'UTC' } }), 'alert.quiet'],
    [hook({ quiet: { from: '07:00', until: '07:00', timezone: 'UTC' } }), 'alert.quiet'],
    [hook({ quiet: { from: '22:00', until: '07:00', timezone: 'Mars' } }), 'cron.timezone'],
    [hook({ kind: 'mail' }), 'alert.mail-missing'],
    [hook({ kind: 'mail', to: ['a@b', 'x'] }), 'alert.mail-address'],
    [hook({ kind: 'mail', to: ['a@b\r\nBcc: c@d'] }), 'alert.mail-address'],
    [hook({ environment: 'blog' }), 'environment.unknown'],
    [hook({ environment: null }), 'access.denied'],
  ] as const)('%j is refused: %s', async (input, code) => {
    await refused(code, world.control.addAlertChannel(ada, input));
    expect(await world.control.alertChannels(operator)).toEqual([]);
  });

  test('of an environment is for its members, the operator’s for operators', async () => {
    const mine = await world.control.addAlertChannel(ada, hook());
    const all = await world.control.addAlertChannel(
      operator,
      hook({ environment: null, url: 'http://127.0.0.1:9/' }),
    );
    await refused('alert.channel-exists', world.control.addAlertChannel(ada, hook()));
    expect(await world.control.alertChannels(ada)).toEqual([mine.channel]);
    expect(await world.control.alertChannels(operator)).toHaveLength(2);
    for (const id of [all.channel.id, 'none']) {
      await refused('alert.channel-unknown', world.control.testAlertChannel(ada, id));
      await refused('alert.channel-unknown', world.control.changeAlertChannel(ada, id, { quiet: null }));
      await refused('alert.channel-unknown', world.control.removeAlertChannel(ada, id));
    }
    await refused('alert.channel-unknown', world.control.removeAlertChannel(member('blog'), mine.channel.id));
    await world.control.removeAlertChannel(ada, mine.channel.id);
    expect(await world.control.alertChannels(ada)).toEqual([]);
  });

  test('is tried, a few times in a minute, and says why nothing arrives', async () => {
    const { id } = (await world.control.addAlertChannel(ada, hook())).channel;
    await world.control.testAlertChannel(ada, id);
    expect(world.senders.posts).toMatchObject([{ url: 'https://hooks.example.com/secret', reach: [] }]);
    world.senders.failure = { why: 'hooks.example.com answered 404', refused: true };
    const told = await refused('alert.test-failed', world.control.testAlertChannel(ada, id));
    expect(told.message).toContain('answered 404');
    for (let time = 2; time < 10; time++)
      await world.control.testAlertChannel(ada, id).catch(() => undefined);
    await refused('alert.tests-too-many', world.control.testAlertChannel(ada, id));
  });

  test('by mail needs a mail server, which keeps its password when it is changed without one', async () => {
    const { id } = (await world.control.addAlertChannel(ada, hook({ kind: 'mail', to: ['ops@example.com'] })))
      .channel;
    await refused('alert.mail-server', world.control.testAlertChannel(ada, id));
    await refused('access.denied', world.control.changeAlertSettings(ada, { mailServer: null }));
    const server = {
      host: 'smtp.example.com',
      port: 587,
      tls: false,
      user: 'jobs',
      from: 'Jobs <jobs@example.com>',
    };
    await refused(
      'alert.mail-address',
      world.control.changeAlertSettings(operator, { mailServer: { ...server, from: 'x' } }),
    );
    const shown = await world.control.changeAlertSettings(operator, {
      mailServer: { ...server, password: 'hush' },
    });
    expect(JSON.stringify(shown)).not.toContain('hush');
    await world.control.changeAlertSettings(operator, { mailServer: { ...server, port: 25 } });
    await world.control.testAlertChannel(ada, id);
    expect(world.senders.mails).toMatchObject([
      { to: ['ops@example.com'], server: { port: 25, password: 'hush' } },
    ]);
    expect(await world.control.changeAlertSettings(operator, { mailServer: null })).toMatchObject({
      mailServer: null,
    });
  });

  test('goes with its environment', async () => {
    await world.control.addAlertChannel(ada, hook());
    await world.control.removeEnvironment(operator, 'shop');
    expect(await world.control.alertChannels(operator)).toEqual([]);
  });
});

describe('the settings', () => {
  test('open private networks for environments, and refuse what is none', async () => {
    await refused('alert.network', world.control.changeAlertSettings(operator, { allow: ['10.0.0.0/40'] }));
    await refused('alert.url', world.control.changeAlertSettings(operator, { publicUrl: 'javascript:x' }));
    await world.control.changeAlertSettings(operator, {
      allow: ['10.0.0.0/8'],
      publicUrl: 'https://jobs.example.com',
    });
    const { channel } = await world.control.addAlertChannel(ada, hook({ url: 'http://10.1.2.3/x' }));
    await world.control.testAlertChannel(ada, channel.id);
    expect(world.senders.posts).toMatchObject([{ reach: ['10.0.0.0/8'] }]);
    expect(JSON.parse(world.senders.posts[0]?.body ?? '')).toMatchObject({
      data: { link: 'https://jobs.example.com' },
    });
  });
});

describe('the rules of an environment', () => {
  test('are changed piece by piece', async () => {
    for (const [name, type] of [
      ['feed', 'cron'],
      ['mails', 'worker'],
    ] as const)
      await world.control.addJob(
        ada,
        'shop',
        { name, type, command: 'x', ...(type === 'cron' ? { interval: '1d' } : {}) },
        noWait,
      );
    const change = (input: Parameters<typeof world.control.changeAlertRules>[2]) =>
      world.control.changeAlertRules(ada, 'shop', input);
    await change({
      off: ['swap'],
      jobs: { feed: { afterFails: 3 } },
      pings: { feed: 'https://hc.example.com/uuid' },
    });
    await change({ jobs: { feed: { off: ['cron-late'] } } });
    expect(await world.control.alertRules(ada, 'shop')).toEqual({
      off: ['swap'],
      jobs: { feed: { off: ['cron-late'], afterFails: 3 } },
      pings: { feed: 'hc.example.com' },
    });
    await change({ jobs: { feed: { off: [], afterFails: 1 } }, pings: { feed: null } });
    expect(await world.control.alertRules(ada, 'shop')).toEqual({ off: ['swap'], jobs: {}, pings: {} });
    await refused('alert.kind', change({ off: ['x'] }));
    await refused('job.unknown', change({ jobs: { none: {} } }));
    await refused('alert.after-fails', change({ jobs: { feed: { afterFails: 0 } } }));
    await refused('alert.ping-of-worker', change({ pings: { mails: 'https://hc.example.com/x' } }));
    await refused('alert.address-forbidden', change({ pings: { feed: 'http://169.254.169.254/x' } }));
    await refused('environment.unknown', world.control.alertRules(member('blog'), 'shop'));
  });
});

test.each([
  ['https://hc.example.com/uuid', 'start', 'https://hc.example.com/uuid/start'],
  ['https://hc.example.com/uuid/?a=1', 'fail', 'https://hc.example.com/uuid/fail?a=1'],
  ['https://hc.example.com/uuid', 'success', 'https://hc.example.com/uuid'],
  ['https://x.example.com/push?state={state}', 'success', 'https://x.example.com/push?state=success'],
] as const)('the monitor %s hears of %s at %s', (address, state, wanted) => {
  expect(pingAddress(address, state)).toBe(wanted);
});
