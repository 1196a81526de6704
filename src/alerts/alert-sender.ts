/** The port of senders: one attempt to bring a notice to somebody. What is sent again, and when, is decided elsewhere. */
import type { MailServer } from '../domain/alert.ts';
import type { Reach } from '../domain/reach.ts';
import type { Failure } from './core/deliveries.ts';

export interface Post {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly reach: Reach;
}

export interface Mail {
  /** The same with each attempt, so that a letter that comes twice is shown once. */
  readonly id: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

export interface AlertSender {
  /** Null: it has arrived. Never rejects. */
  post(post: Post): Promise<Failure | null>;
  mail(server: MailServer, mail: Mail): Promise<Failure | null>;
  /** The sentence that says why an address can't be used; null when it can, as far as can be said without asking the network. */
  wrongUrl(url: string): string | null;
  /** Whether the address leads to this machine or its private network by its looks alone; names are looked up when it is connected to. */
  isForbidden(url: string, reach: Reach): boolean;
  isNetwork(text: string): boolean;
  /** The header that proves to the receiver who sent it (standardwebhooks.com). */
  sign(key: string, id: string, seconds: number, body: string): string;
  drawKey(): string;
}
