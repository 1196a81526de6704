import { describe, expect, test } from 'vitest';
import { sessionHeader } from '../contract/account.ts';
import { limits } from '../domain/limits.ts';
import { makeSite, password } from './browser.testkit.ts';

describe('the first operator', () => {
  test('is set up by a link that is good once, and is logged in by it', async () => {
    const { world, browser } = await makeSite();
    const link = await world.control.setUpLink();
    expect(link?.url).toMatch(/^http:\/\/127\.0\.0\.1:8080\/set-up#[\w-]{43}$/);
    const secret = link?.path.split('#')[1];
    const first = browser();
    expect((await first.ask('POST /invitations/look', { secret })).body).toMatchObject({
      kind: 'set-up',
      account: null,
    });
    const answer = await first.ask('POST /set-up', { secret, name: 'ada', password });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ name: 'ada', role: 'operator', via: 'http' });
    expect((await first.ask('GET /session')).body).toEqual(answer.body);
    expect((await browser().ask('POST /set-up', { secret, name: 'eve', password })).body.error.code).toBe(
      'link.invalid',
    );
    expect(await world.control.setUpLink()).toBeNull();
  });
});

describe('the cookie of a session', () => {
  test('is not for scripts, not for other sites, and behind TLS for this host alone', async () => {
    const { browser, person } = await makeSite({ trustProxy: ['192.0.2.1'] });
    await person('ada', 'member');
    const plain = await browser().logIn('ada');
    expect(plain.headers['set-cookie']).toMatch(
      /^nightshift=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const proxied = await browser('192.0.2.1').ask(
      'POST /session',
      { name: 'ada', password },
      { [sessionHeader]: '1', 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.4' },
    );
    expect(proxied.headers['set-cookie']).toMatch(
      /^__Host-nightshift=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
    );
    expect(proxied.headers['strict-transport-security']).toBe('max-age=31536000');
    expect(plain.headers['strict-transport-security']).toBeUndefined();
  });

  test('lets in until it was not used for long, or is old', async () => {
    const { world, person } = await makeSite();
    const ada = await person('ada', 'member');
    for (let day = 0; day < 30; day += 5) {
      expect((await ada.ask('GET /session')).status).toBe(200);
      world.clock.advance(5 * 86_400_000);
    }
    expect((await ada.ask('GET /session')).body.error.code).toBe('session.ended');
    await ada.logIn('ada');
    world.clock.advance(limits.sessionIdleSeconds * 1000);
    expect((await ada.ask('GET /session')).status).toBe(401);
  });
});

describe('a log-in', () => {
  test('that is wrong ten times is told when to try again, and the right one has to wait as well', async () => {
    const { world, person, browser } = await makeSite();
    await person('ada', 'member');
    const stranger = browser('198.51.100.4');
    const answers = [];
    for (let n = 0; n < 10; n += 1)
      answers.push(await stranger.ask('POST /session', { name: 'ada', password: `wrong password ${n}` }));
    expect(answers.slice(0, 6).map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 401]);
    expect(answers[9]).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
      body: {
        error: { code: 'session.too-many', message: 'too many log-ins have failed: try again in 1 s' },
      },
    });
    expect((await stranger.logIn('ada')).status).toBe(429);
    world.clock.advance(1_000);
    expect((await stranger.logIn('ada')).status).toBe(200);
  });

  test('of a name that is none is answered as one with a wrong password, and its name is not written down', async () => {
    const { world, person, browser } = await makeSite();
    await person('ada', 'member');
    const [wrong, unknown] = await Promise.all(
      ['ada', 'my secret password'].map((name) =>
        browser('198.51.100.4').ask('POST /session', { name, password: 'a wrong one' }),
      ),
    );
    expect(unknown?.body).toEqual(wrong?.body);
    expect(unknown?.status).toBe(wrong?.status);
    const entries = await world.store.activity({ limit: 9 });
    expect(entries.filter(({ act }) => act === 'fail to log in')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          actor: 'ada',
          detail: 'wrong password',
          address: '198.51.100.4',
          via: 'http',
        }),
        expect.objectContaining({ actor: 'unknown', detail: 'no such account' }),
      ]),
    );
    expect(JSON.stringify(entries)).not.toContain('my secret');
  });

  test('of a member of a trusted proxy counts for the address that the proxy tells, and of no other', async () => {
    const { person, browser } = await makeSite({ trustProxy: ['192.0.2.1'] });
    await person('ada', 'member');
    const guess = (from: string, forwarded: string) =>
      browser(from).ask(
        'POST /session',
        { name: `nobody-${Math.random()}`, password: 'wrong' },
        { [sessionHeader]: '1', 'x-forwarded-for': forwarded },
      );
    for (let n = 0; n < 11; n += 1) await guess('192.0.2.1', '198.51.100.4');
    expect((await guess('192.0.2.1', '198.51.100.4')).status).toBe(429);
    expect((await guess('192.0.2.1', '198.51.100.5')).status).toBe(401);
    // What a stranger says of itself is not believed.
    for (let n = 0; n < 11; n += 1) await guess('203.0.113.9', `198.51.100.${n + 10}`);
    expect((await guess('203.0.113.9', '198.51.100.99')).status).toBe(429);
  });
});

describe('a request with the cookie', () => {
  const foreign = 'https://evil.example';

  test.each([
    ['without our header', {}, 'access.unmarked'],
    ['from a page of another origin', { [sessionHeader]: '1', origin: foreign }, 'access.foreign-origin'],
    ['from nowhere', { [sessionHeader]: '1', origin: 'null' }, 'access.foreign-origin'],
    [
      'from the same host at another port',
      { [sessionHeader]: '1', origin: 'http://jobs.example.org:81' },
      'access.foreign-origin',
    ],
    [
      'that the browser calls cross-site',
      { [sessionHeader]: '1', 'sec-fetch-site': 'cross-site' },
      'access.foreign-origin',
    ],
    [
      'that the browser calls same-site, as of a neighbour',
      { [sessionHeader]: '1', 'sec-fetch-site': 'same-site' },
      'access.foreign-origin',
    ],
  ])('%s changes nothing', async (_, headers, code) => {
    const { person } = await makeSite();
    const root = await person('root', 'operator');
    const answer = await root.ask('POST /users', { name: 'eve', role: 'operator' }, headers);
    expect([answer.status, answer.body.error.code]).toEqual([403, code]);
    expect((await root.ask('GET /users')).body.items).toHaveLength(1);
    // Nor signs the browser in as somebody else.
    const entry = await root.ask('POST /session', { name: 'root', password }, headers);
    expect([entry.status, entry.body.error.code, entry.headers['set-cookie']]).toEqual([
      403,
      code,
      undefined,
    ]);
  });

  test('from our own pages does, whatever the browser says of them', async () => {
    const { person } = await makeSite();
    const root = await person('root', 'operator');
    for (const [name, headers] of [
      ['a', { origin: 'http://jobs.example.org' }],
      ['b', { origin: 'https://jobs.example.org', 'sec-fetch-site': 'same-origin' }],
      ['c', {}],
    ] as const)
      expect((await root.ask('POST /users', { name }, { [sessionHeader]: '1', ...headers })).status).toBe(
        201,
      );
  });

  test('to look is refused to a page of another site, and needs no header', async () => {
    const { person } = await makeSite();
    const root = await person('root', 'operator');
    expect((await root.ask('GET /users', undefined, {})).status).toBe(200);
    expect((await root.ask('GET /users', undefined, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  test('as a form of another page can send it is no request that is read', async () => {
    const { person } = await makeSite();
    const root = await person('root', 'operator');
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const answer = await root.ask('POST /users', '{"name":"eve"}', {
        [sessionHeader]: '1',
        'content-type': type,
      });
      expect(answer.status).toBe(400);
    }
  });

  test('by a token needs no header: no page can send a token', async () => {
    const { world, program } = await makeSite();
    const { token } = await world.control.createToken(
      { name: 'root', role: 'operator', via: 'socket' },
      { name: 'ci', scope: 'operator', expiresAt: null },
    );
    expect((await program(token).ask('POST /users', { name: 'bob' }, {})).status).toBe(201);
    const bad = await program(`${token}x`).ask('GET /users', undefined, {});
    expect([bad.status, bad.body.error.code]).toEqual([401, 'token.invalid']);
  });
});

describe('a session', () => {
  test('ends with its log-out, and the cookie is taken', async () => {
    const { person, browser } = await makeSite();
    const ada = await person('ada', 'member');
    const kept = browser();
    kept.cookie = ada.cookie;
    const answer = await ada.ask('DELETE /session');
    expect(answer.status).toBe(204);
    expect(answer.headers['set-cookie']).toMatch(/^nightshift=; Max-Age=0; /);
    expect((await kept.ask('GET /session')).body.error.code).toBe('session.ended');
  });

  test('ends everywhere when asked to, and those of others go on', async () => {
    const { person, browser } = await makeSite();
    const [ada, bob] = [await person('ada', 'member'), await person('bob', 'member')];
    const elsewhere = browser('198.51.100.4');
    await elsewhere.logIn('ada');
    await ada.ask('DELETE /session?everywhere=true');
    expect((await elsewhere.ask('GET /session')).status).toBe(401);
    expect((await bob.ask('GET /session')).status).toBe(200);
  });

  test('goes on where the password was changed, and ends elsewhere', async () => {
    const { person, browser } = await makeSite();
    const ada = await person('ada', 'member');
    const elsewhere = browser();
    await elsewhere.logIn('ada');
    const wrong = await ada.ask('POST /users/ada/password', {
      current: 'not it',
      password: 'a new password',
    });
    expect(wrong.body.error).toMatchObject({ code: 'password.wrong', field: 'current' });
    expect((await elsewhere.ask('GET /session')).status).toBe(200);
    const changed = await ada.ask('POST /users/ada/password', {
      current: password,
      password: 'a new password',
    });
    expect(changed.status).toBe(204);
    expect((await elsewhere.ask('GET /session')).status).toBe(401);
    expect((await ada.ask('GET /session')).status).toBe(200);
    expect((await browser().logIn('ada')).status).toBe(401);
    expect((await browser().ask('POST /session', { name: 'ada', password: 'a new password' })).status).toBe(
      200,
    );
  });

  test('ends when the account is reset or removed, and knows a new role at once', async () => {
    const { person } = await makeSite();
    const root = await person('root', 'operator');
    const [ada, bob] = [await person('ada', 'member'), await person('bob', 'member')];
    expect((await ada.ask('GET /users')).status).toBe(403);
    await root.ask('PATCH /users/ada', { role: 'operator' });
    expect((await ada.ask('GET /users')).status).toBe(200);
    await root.ask('PATCH /users/ada', { role: 'member' });
    expect((await ada.ask('GET /users')).status).toBe(403);
    const { path } = (await root.ask('POST /users/ada/reset')).body;
    expect((await ada.ask('GET /session')).status).toBe(401);
    await root.ask('DELETE /users/bob');
    expect((await bob.ask('GET /session')).status).toBe(401);
    expect((await ada.logIn('ada')).body.error.code).toBe('session.wrong');
    const secret = path.split('#')[1];
    await ada.ask('POST /invitations/accept', { secret, password: 'another password' });
    expect((await ada.ask('GET /session')).body.name).toBe('ada');
  });
});

test('a link is good until its time, and a refused password does not use it up', async () => {
  const { world, person, browser } = await makeSite();
  const root = await person('root', 'operator');
  const { path } = (await root.ask('POST /users', { name: 'ada' })).body.link;
  const secret = path.split('#')[1];
  const ada = browser();
  const short = await ada.ask('POST /invitations/accept', { secret, password: 'short' });
  expect(short.body.error).toMatchObject({ code: 'password.short', field: 'password' });
  expect((await ada.ask('POST /invitations/look', { secret })).body).toMatchObject({ account: 'ada' });
  world.clock.advance(limits.invitationSeconds * 1000);
  expect((await ada.ask('POST /invitations/look', { secret })).body.error.code).toBe('link.invalid');
  const late = await ada.ask('POST /invitations/accept', { secret, password });
  expect(late.body.error.code).toBe('link.invalid');
});

test('every answer tells the browser how little it may do with it', async () => {
  const { browser } = await makeSite();
  for (const line of ['GET /session', 'GET /api/v1/nothing', 'GET /plans']) {
    const { headers } = await browser().ask(line);
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'permissions-policy': expect.stringContaining('camera=()'),
    });
    expect(headers['content-security-policy']).not.toContain('unsafe');
  }
});
