/** A mail server of a test, which can be down, busy, or refuse somebody for good. */
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { EventLog } from '../testkit/event-log.ts';
import { findFreePort } from '../testkit/free-port.ts';

export interface Letter {
  readonly to: string;
  readonly messageId: string;
  readonly text: string;
}

/** As a mail server says it. */
const refusal = (code: number, words: string): Error =>
  Object.assign(new Error(words), { responseCode: code });

export class MailServer {
  readonly port: number;
  readonly letters = new EventLog<Letter>();
  /** Says "later" to so many recipients. */
  busyFor = 0;
  #server: SMTPServer | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  /** It is down at first. */
  static async make(): Promise<MailServer> {
    return new MailServer(await findFreePort());
  }

  async up(): Promise<void> {
    const server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      onRcptTo: ({ address }, _session, callback) => {
        if (address.startsWith('nobody@')) callback(refusal(550, 'no such user here'));
        else if (this.busyFor-- > 0) callback(refusal(451, 'try again later'));
        else callback();
      },
      onData: (stream, session, callback) => {
        void text(stream).then((letter) => {
          const to = session.envelope.rcptTo.map(({ address }) => address).join();
          // A letter is taken when that was said: a server that went down between the two would get it again.
          callback();
          const messageId = /^Message-ID: (.*)$/im.exec(letter)?.[1]?.trim() ?? '';
          this.letters.push({ to, messageId, text: letter });
        });
      },
    });
    // Clients that go in the middle of a sentence are no concern of a test.
    server.on('error', () => undefined);
    server.listen(this.port, '127.0.0.1');
    await once(server.server, 'listening');
    this.#server = server;
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
