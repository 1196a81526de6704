/** Walks every route of the contract's table: what strangers, members of another environment and narrow tokens get of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Route, type RouteName, routes } from '../contract/routes.ts';
import { noWait, operator } from '../control/world.testkit.ts';
import { type Answer, type Browser, makeSite, openSite, password, type Site } from './browser.testkit.ts';
import { routeExamples } from './route-examples.testkit.ts';

interface Example {
  readonly name: RouteName;
  readonly route: Route;
  /** In the environment of that name. */
  ask(by: Browser, environment: string): Promise<Answer>;
}

const streams: Partial<Record<RouteName, { ask: string; body?: unknown }>> = {
  logs: { ask: 'GET /environments/demo/logs' },
  exec: { ask: 'GET /environments/demo/exec' },
  events: { ask: 'GET /events?environment=demo' },
  backup: { ask: 'POST /backup', body: { passphrase: null } },
};

const examples: readonly Example[] = (Object.entries(routes) as [RouteName, Route][]).map(([name, route]) => {
  const stream = streams[name];
  const { ask, body }: { ask: string; body?: unknown } =
    stream ?? routeExamples[name as keyof typeof routeExamples];
  const inEnvironment = (text: string, environment: string): string => text.replaceAll('demo', environment);
  return {
    name,
    route,
    ask: (by, environment) =>
      by.ask(
        inEnvironment(ask, environment),
        body === undefined ? undefined : JSON.parse(inEnvironment(JSON.stringify(body), environment)),
      ),
  };
});
const named = (name: RouteName): Example => examples.find((each) => each.name === name) as Example;
const titled = (list: readonly Example[]) => list.map((each) => [each.name, each] as const);
/** A WebSocket is authorised with its first message: `exec-access.test.ts`. */
const documents = examples.filter(({ route }) => route.kind !== 'socket');

/** Words that stand in the blog and nowhere else. */
const ofBlog = /\/srv\/blog|blog-secret/;

let site: Site;
/** A member of the shop. */
let ada: Browser;

async function furnish(made: Site): Promise<void> {
  site = made;
  const { control } = site.world;
  for (const name of ['shop', 'blog']) {
    await control.createEnvironment(operator, { name, root: `/srv/${name}` });
    await control.book(operator, name, 'M', { wait: false, force: false });
  }
  await control.addJob(operator, 'blog', { name: 'blog-secret', type: 'worker', command: 'x' }, noWait);
  await control.setVariables(operator, 'blog', { BLOG: 'blog-secret' }, noWait);
  ada = await site.person('ada', 'member', 'shop');
}

/** One for all tests whose requests change nothing. */
function oneSite(): void {
  beforeAll(async () => furnish(await openSite()));
  afterAll(() => site.close());
}

/** One for each test. */
const ownSite = (): void => beforeEach(async () => furnish(await makeSite()));

describe('a stranger', () => {
  oneSite();

  test.each(titled(examples.filter(({ route }) => route.access === 'account')))(
    'gets nothing of %s',
    async (_, example) => {
      const { status, body, headers } = await example.ask(site.browser(), 'shop');
      expect([status, body.error.code]).toEqual([401, 'access.unauthenticated']);
      expect(headers['www-authenticate']).toBe('Bearer');
    },
  );

  test.each(titled(examples.filter(({ route }) => route.access === 'public')))(
    'may ask %s, and gets in by none of it without a secret',
    async (_, example) => {
      const { status, body, headers } = await example.ask(site.browser(), 'shop');
      expect(status).toBeGreaterThanOrEqual(400);
      expect(body.error.code).toMatch(/^(session\.wrong|link\.invalid)$/);
      expect(headers['set-cookie']).toBeUndefined();
    },
  );

  test('with a cookie or a token that is none, gets nothing either', async () => {
    const stranger = site.browser();
    stranger.cookie = `nightshift=${'x'.repeat(43)}`;
    expect((await stranger.ask('GET /environments')).body.error.code).toBe('session.ended');
    for (const token of ['', 'x', `ns_${'x'.repeat(43)}`, 'ns_../../etc'])
      expect((await site.program(token).ask('GET /environments')).body.error.code).toBe('token.invalid');
  });
});

describe('a member of another environment', () => {
  oneSite();

  test.each(titled(documents.filter(({ route }) => route.path.includes(':environment'))))(
    'is told of %s what is told of an environment that does not exist',
    async (_, example) => {
      const foreign = await example.ask(ada, 'blog');
      expect([foreign.status, foreign.body.error.code]).toEqual([404, 'environment.unknown']);
      const missing = await example.ask(ada, 'none');
      expect(JSON.stringify(missing.body).replaceAll('none', 'blog')).toBe(JSON.stringify(foreign.body));
      expect(missing.status).toBe(foreign.status);
    },
  );
});

describe('a member of another environment', () => {
  ownSite();

  /** What is about no environment, or names one elsewhere than in its path: the status, and the code of a refusal. */
  const outside: Partial<Record<RouteName, readonly [number, string?]>> = {
    daemon: [200],
    plans: [200],
    explainCrontab: [200],
    environments: [200],
    createEnvironment: [403, 'access.denied'],
    backup: [403, 'access.denied'],
    activity: [404, 'environment.unknown'],
    events: [404, 'environment.unknown'],
    incidents: [404, 'environment.unknown'],
    alertChannels: [404, 'environment.unknown'],
    addAlertChannel: [404, 'environment.unknown'],
    changeAlertChannel: [404, 'alert.channel-unknown'],
    removeAlertChannel: [404, 'alert.channel-unknown'],
    testAlertChannel: [404, 'alert.channel-unknown'],
    alertDeliveries: [404, 'environment.unknown'],
    alertSettings: [403, 'access.denied'],
    changeAlertSettings: [403, 'access.denied'],
    metricsNow: [404, 'environment.unknown'],
    session: [200],
    logOut: [204],
    logIn: [401, 'session.wrong'],
    setUp: [404, 'link.invalid'],
    link: [404, 'link.invalid'],
    acceptInvitation: [404, 'link.invalid'],
    users: [403, 'access.denied'],
    addUser: [403, 'access.denied'],
    user: [200],
    changeUser: [403, 'access.denied'],
    removeUser: [403, 'access.denied'],
    resetUser: [403, 'access.denied'],
    changePassword: [403, 'password.wrong'],
    // The own one: the example is ada's.
    proposeSecondFactor: [200],
    confirmSecondFactor: [403, 'password.wrong'],
    removeSecondFactor: [403, 'password.wrong'],
    sessions: [200],
    endSession: [404, 'session.unknown'],
    // The own ones too.
    userSshKeys: [200],
    addUserSshKey: [422, 'key.invalid'],
    removeUserSshKey: [404, 'key.unknown'],
    tokens: [200],
    createToken: [404, 'environment.unknown'],
    removeToken: [404, 'token.unknown'],
  };

  test.each(titled(documents.filter(({ route }) => !route.path.includes(':environment'))))(
    'gets nothing of it by %s',
    async (name, example) => {
      const expected = outside[name];
      expect(expected, `say in this test what a member may do with ${name}`).toBeDefined();
      if (name === 'createToken') site.world.clock.advance(Date.UTC(2026, 9, 1) - site.world.clock.wall());
      if (name === 'createToken') await ada.logIn('ada');
      const { status, body } = await example.ask(ada, 'blog');
      expect([status, body?.error?.code]).toEqual([expected?.[0], expected?.[1]]);
      expect(JSON.stringify(body ?? null)).not.toMatch(status < 300 ? /blog/ : ofBlog);
    },
  );

  test('sees the own environments and nobody else’s in every list', async () => {
    await site.world.control.createToken(operator, { name: 'machine', scope: 'operator', expiresAt: null });
    expect(
      (await ada.ask('GET /environments')).body.items.map((each: { name: string }) => each.name),
    ).toEqual(['shop']);
    const activity = (await ada.ask('GET /activity')).body.items;
    expect(new Set(activity.map((each: { environment: string }) => each.environment))).toEqual(
      new Set(['shop']),
    );
    expect((await ada.ask('GET /tokens')).body.items).toEqual([]);
    await site.person('bob', 'member', 'shop', 'blog');
    const members = (await ada.ask('GET /environments/shop/members')).body.items;
    expect(
      members.map(({ name, environments }: { name: string; environments: string[] }) => [name, environments]),
    ).toEqual([
      ['ada', ['shop']],
      ['bob', ['shop']],
    ]);
    expect((await ada.ask('GET /users/bob')).body.error.code).toBe('access.denied');
    expect((await ada.ask('GET /users/nobody')).body.error.code).toBe('access.denied');
  });

  test('does no operator’s act in the own one either', async () => {
    for (const name of ['removeEnvironment', 'changeEnvironment', 'addMember', 'removeMember'] as const)
      expect((await named(name).ask(ada, 'shop')).body.error.code).toBe('access.denied');
    expect((await ada.ask('GET /environments/shop')).status).toBe(200);
  });

  test('does nothing to the account of somebody else', async () => {
    await site.person('bob', 'member', 'shop');
    const current = { current: password };
    for (const [line, body] of [
      ['POST /users/bob/password', { ...current, password: 'another password' }],
      ['POST /users/bob/second-factor', undefined],
      ['POST /users/bob/second-factor/confirm', { ...current, secret: 'x', code: '000000' }],
      ['POST /users/bob/second-factor/remove', current],
    ] as const)
      expect((await ada.ask(line, body)).body.error.code).toBe('account.unknown');
  });

  test('sees an environment no more from the moment that the membership is taken', async () => {
    expect((await ada.ask('GET /environments/shop')).status).toBe(200);
    await site.world.control.removeMember(operator, 'shop', 'ada');
    expect((await ada.ask('GET /environments/shop')).body.error.code).toBe('environment.unknown');
  });
});

const machine = async (scope: 'read' | 'write' | 'operator', environments?: string[]): Promise<Browser> => {
  const { token } = await site.world.control.createToken(operator, {
    name: `ci ${tokens++}`,
    scope,
    expiresAt: null,
    ...(environments === undefined ? {} : { environments }),
  });
  return site.program(token);
};
let tokens = 0;

describe('a token that may only look', () => {
  oneSite();

  test.each(titled(documents.filter(({ route }) => route.method !== 'GET' && route.access === 'account')))(
    'is refused by %s',
    async (_, example) => {
      const { status, body } = await example.ask(await machine('read'), 'shop');
      expect([status, body.error.code]).toEqual([403, 'access.scope']);
    },
  );
});

describe('a token', () => {
  ownSite();

  test('of scope read sees everything but secrets', async () => {
    const reader = await machine('read');
    expect((await reader.ask('GET /environments')).body.items).toHaveLength(2);
    expect((await reader.ask('GET /environments/blog/jobs')).status).toBe(200);
    expect((await reader.ask('GET /environments/blog/variables')).body.error.code).toBe('access.scope');
    expect((await reader.ask('GET /users')).body.error.code).toBe('access.scope');
  });

  test('of scope write changes what is in environments, and neither accounts nor tokens', async () => {
    const writer = await machine('write');
    expect(
      (await writer.ask('PATCH /environments/shop/variables?wait=false', { variables: { A: '1' } })).status,
    ).toBe(204);
    for (const name of [
      'createEnvironment',
      'removeEnvironment',
      'users',
      'addUser',
      'resetUser',
      'addMember',
      'createToken',
      'removeToken',
    ] as const)
      expect((await named(name).ask(writer, 'shop')).body.error.code).toBe('access.scope');
  });

  test('of scope operator does what an operator does', async () => {
    const machineOperator = await machine('operator');
    expect((await machineOperator.ask('POST /users', { name: 'bob' })).status).toBe(201);
    expect((await machineOperator.ask('POST /tokens', { name: 'more', scope: 'operator' })).status).toBe(201);
  });

  test('limited to an environment is to the others what a member of it is', async () => {
    const limited = await machine('write', ['shop']);
    for (const example of documents.filter(({ route }) => route.path.includes(':environment'))) {
      const { body } = await example.ask(limited, 'blog');
      expect([example.name, body.error.code]).toEqual([example.name, 'environment.unknown']);
    }
    expect((await limited.ask('GET /environments')).body.items).toHaveLength(1);
    expect((await limited.ask('POST /environments', { name: 'x', root: '/srv/wiki' })).body.error.code).toBe(
      'access.denied',
    );
  });

  test('of a member sees what its member sees at that moment', async () => {
    const { token } = (await ada.ask('POST /tokens', { name: 'mine', scope: 'write' })).body;
    const mine = site.program(token);
    expect((await mine.ask('GET /environments')).body.items).toHaveLength(1);
    expect((await mine.ask('GET /session')).body).toMatchObject({
      account: 'ada',
      via: 'token',
      scope: 'write',
    });
    await site.world.control.removeMember(operator, 'shop', 'ada');
    expect((await mine.ask('GET /environments')).body.items).toEqual([]);
    await site.world.control.removeUser(operator, 'ada');
    expect((await mine.ask('GET /environments')).body.error.code).toBe('token.invalid');
  });
});
