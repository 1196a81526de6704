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
  const scrape = (headers: Record<string, string> = {}, remoteAddress = '192.0.2.7') =>
    app.inject({ url: '/metrics', remoteAddress, headers });
  return { scrape, asked, actors };
}

const token = { authorization: 'Bearer a-token' };

test('/metrics takes a token, and shows what its owner sees', async () => {
  const { scrape, actors } = scraped();
  const answer = await scrape(token);
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(answer.body).toContain('nightshift_build_info');
  expect(actors).toEqual([expect.objectContaining({ name: 'ada', role: 'member' })]);
});

test.each(['192.0.2.7', '127.0.0.1'])(
  '/metrics is closed to %s without a token: a proxy on this machine may stand before anybody',
  async (address) => {
    expect((await scraped().scrape({}, address)).statusCode).toBe(401);
  },
);

test('/metrics is OpenMetrics for those who ask for it', async () => {
  const { scrape, asked } = scraped();
  const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
  const answer = await scrape({ ...token, accept });
  expect(answer.headers['content-type']).toContain('application/openmetrics-text; version=1.0.0');
  expect(asked).toEqual([['exposition', 'openmetrics']]);
});
