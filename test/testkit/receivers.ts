/** Receivers of alerts for tests: a webhook's and a mail server, which go down and come up again on the same port. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { EventLog } from './event-log.ts';

export interface Received {
  readonly path: string;
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Takes every POST and answers 204, or what a test wants. */
export class WebhookReceiver {
  readonly got = new EventLog<Received>();
  status = 204;
  #server: Server | undefined;
  #port = 0;

  async up(): Promise<void> {
    this.#server = createServer((request, response) => {
      void text(request).then((body) => {
        if (this.status < 300)
          this.got.push({
            path: request.url ?? '',
            id: String(request.headers['webhook-id']),
            headers: request.headers,
            body,
          });
        response.writeHead(this.status).end();
      });
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async down(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) =>
      this.#server === undefined ? resolve(null) : this.#server.close(resolve),
    );
    this.#server = undefined;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.#port}${path}`;
  }
}

/** A real SMTP server that takes every letter. */
export class MailReceiver {
  readonly got = new EventLog<string>();
  #server: SMTPServer | undefined;
  #port = 0;

  async up(): Promise<void> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onData: (stream, _session, done) => {
        void text(stream).then((letter) => {
          this.got.push(letter);
          done();
        });
      },
    });
    // Clients that go in the middle of a sentence are no concern of a test.
    server.on('error', () => undefined);
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.server.address() as AddressInfo).port;
  }

  async down(): Promise<void> {
    await new Promise<void>((resolve) =>
      this.#server === undefined ? resolve() : this.#server.close(resolve),
    );
    this.#server = undefined;
  }

  get port(): number {
    return this.#port;
  }
}
