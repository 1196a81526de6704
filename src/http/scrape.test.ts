import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { Refusal } from '../domain/errors.ts';
import { controlDouble } from './control-double.testkit.ts';
import { createHttpServer } from './server.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server on TCP at which nobody is known but the owner of one token. */
function scraped() {
  const { control, asked, actors } = controlDouble();
  const app = createHttpServer({
    control,
    log: pino({ level: 'silent' }),
    actorOf: ({ headers }) => {
      if (headers.authorization === 'Bearer a-token') return { name: 'ada', role: 'member', via: 'http' };
      throw new Refusal('access.unauthenticated');
    },
  });
  closing.push(() => app.close());
  const scrape = (remoteAddress: string, headers: Record<string, string> = {}) =>
    app.inject({ url: '/metrics', remoteAddress, headers: { host: 'localhost:8484', ...headers } });
  return { scrape, asked, actors };
}

test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])(
  '/metrics is open to this machine (%s)',
  async (address) => {
    const answer = await scraped().scrape(address);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.body).toContain('nightshift_build_info');
  },
);

test.each([
  ['comes from another machine', '192.0.2.7', {}],
  ['came through a proxy', '127.0.0.1', { 'x-forwarded-for': '192.0.2.7' }],
  ['came through a proxy that keeps to the standard', '127.0.0.1', { forwarded: 'for=192.0.2.7' }],
  ['was led here by a name of its own', '127.0.0.1', { host: 'rebound.example.com' }],
  ['has a token that is none', '127.0.0.1', { authorization: 'Bearer wrong' }],
])('/metrics is closed to who %s', async (_, address, headers) => {
  expect((await scraped().scrape(address, headers as Record<string, string>)).statusCode).toBe(401);
});

test('/metrics takes a token, and shows what its owner sees', async () => {
  const { scrape, actors } = scraped();
  const answer = await scrape('192.0.2.7', { authorization: 'Bearer a-token' });
  expect(answer.statusCode).toBe(200);
  expect(actors).toEqual([expect.objectContaining({ name: 'ada', role: 'member' })]);
});

test('/metrics is OpenMetrics for those who ask for it', async () => {
  const { scrape, asked } = scraped();
  const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
  const answer = await scrape('127.0.0.1', { accept });
  expect(answer.headers['content-type']).toContain('application/openmetrics-text; version=1.0.0');
  expect(asked).toEqual([['exposition', 'openmetrics']]);
});
