import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebhookReceiver } from '../../../test/testkit/receivers.ts';
import { wrongUrl } from '../../outbound/exchange.ts';
import { post, sign } from './webhook.ts';

const receiver = new WebhookReceiver();
const send = (url: string, reach: 'anywhere' | readonly string[] = 'anywhere') =>
  post({
    url,
    body: '{"a":"ä"}',
    headers: { 'content-type': 'application/json', 'webhook-id': 'd1' },
    reach,
  });

describe('a webhook', () => {
  beforeEach(() => receiver.up());
  afterEach(() => receiver.down());

  test('is posted whole, and has arrived when it was answered so', async () => {
    expect(await send(receiver.url('/x?y=1'))).toBeNull();
    expect(receiver.got.all.at(-1)).toMatchObject({ path: '/x?y=1', id: 'd1', body: '{"a":"ä"}' });
  });

  test.each([
    [404, true],
    [410, true],
    [429, false],
    [500, false],
    [302, true],
  ])('that is answered %i has not arrived; for good: %s', async (status, refused) => {
    receiver.status = status;
    const failure = await send(receiver.url('/x'));
    receiver.status = 204;
    expect(failure).toEqual({ why: expect.stringContaining(`answered ${status}`), refused });
  });

  test('reaches nobody inside from an environment, whatever the address is called', async () => {
    const before = receiver.got.all.length;
    const port = new URL(receiver.url('/')).port;
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0x7f.1'])
      expect(await send(`http://${host}:${port}/`, [])).toMatchObject({ refused: true });
    expect(receiver.got.all).toHaveLength(before);
    expect(await send(receiver.url('/'), ['127.0.0.1'])).toBeNull();
  });

  test('that nobody takes says why, and is not heard without end', async () => {
    const url = receiver.url('/');
    await receiver.down();
    expect(await send(url)).toEqual({ why: '127.0.0.1 could not be reached (ECONNREFUSED)', refused: false });
    // Answers, and goes on for ever.
    const endless = createServer((_, response) => {
      response.writeHead(200);
      const talk = (): void =>
        void (response.writable && response.write('x'.repeat(65_536)) && setImmediate(talk));
      talk();
    });
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    const { port } = endless.address() as { port: number };
    expect(await send(`http://127.0.0.1:${port}/`)).toBeNull();
    endless.closeAllConnections();
    await new Promise((resolve) => endless.close(resolve));
    await receiver.up();
  });
});

test('is signed as the standard has it', () => {
  // The example of the specification's libraries.
  const key = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  expect(sign(key, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}')).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  );
});

test.each(['x', 'ftp://example.com/', 'https://user:secret@example.com/', 'file:///etc/passwd', 'https://'])(
  '%s is no address to post to',
  (url) => {
    expect(wrongUrl(url)).not.toBeNull();
  },
);
