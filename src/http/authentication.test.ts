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
