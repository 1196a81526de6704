/** Over a real connection of ssh2 with itself, whose client grants room when a test reads. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import ssh2, { type ClientChannel, type ServerChannel } from 'ssh2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ChannelOutput } from './channel-output.ts';

let output: ChannelOutput;
let channel: ServerChannel;
let reader: ClientChannel;
let leaving: AbortController;
let closing: (() => void)[];

beforeEach(async () => {
  leaving = new AbortController();
  const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');
  const protocol = new ssh2.Server({ hostKeys: [key] });
  const opened = Promise.withResolvers<ServerChannel>();
  protocol.on('connection', (connection) => {
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => context.accept());
    connection.on('session', (accept) => accept().on('exec', (acceptExec) => opened.resolve(acceptExec())));
  });
  let taken: Socket | undefined;
  const server = createServer((socket) => {
    taken = socket;
    protocol.injectSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new ssh2.Client();
  client.on('error', () => undefined); // the server's end is torn down first
  client.connect({ host: '127.0.0.1', port: (server.address() as { port: number }).port, username: 'x' });
  await once(client, 'ready');
  reader = await new Promise((resolve, reject) =>
    client.exec('x', (error, stream) => (error === undefined ? resolve(stream) : reject(error))),
  );
  channel = await opened.promise;
  output = new ChannelOutput(channel, taken as Socket, leaving.signal);
  closing = [() => client.end(), () => taken?.destroy(), () => server.close()];
});
afterEach(() => {
  for (const close of closing) close();
});

async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

test('both streams arrive whole, also when the window was too small for either, again and again', async () => {
  const [out, err] = [randomBytes(5_000_000), randomBytes(5_000_000)];
  for (let start = 0; start < out.length; start += 50_000) {
    output.stdout.write(out.subarray(start, start + 50_000));
    output.stderr.write(err.subarray(start, start + 50_000));
  }
  output.stdout.end();
  output.stderr.end();
  const ended = Promise.all([finished(output.stdout), finished(output.stderr)]).then(() => {
    channel.exit(0);
    channel.end();
  });
  const [readOut, readErr] = await Promise.all([readAll(reader), readAll(reader.stderr)]);
  await ended;
  expect(readOut.equals(out)).toBe(true);
  expect(readErr.equals(err)).toBe(true);
});

test('holds what a client does not read within bounds, and lets go of it when the client leaves', async () => {
  let accepted = 0;
  const piece = Buffer.alloc(64 * 1024);
  while (output.stdout.write(piece)) accepted += piece.length;
  // The window of the client, and the buffer here.
  expect(accepted).toBeLessThan(4 * 1024 * 1024);
  expect(output.waitingBytes).toBeGreaterThan(0);
  leaving.abort();
  output.stdout.end(piece);
  await finished(output.stdout);
  await output.flushed();
});

test('is flushed when all has gone that was written, and not what was being written just then', async () => {
  const out = randomBytes(5_000_000);
  const reading = readAll(reader);
  for (let start = 0; start < out.length; start += 50_000) {
    // As a command's last words: nobody waits for each of them.
    if (!output.stdout.write(out.subarray(start, start + 50_000))) await once(output.stdout, 'drain');
  }
  await output.flushed();
  expect(output.waitingBytes).toBe(0);
  channel.exit(0);
  channel.end();
  expect((await reading).equals(out)).toBe(true);
});
