/** Senders that bring nothing anywhere: they remember what they were given, and fail where a test says so. */
import type { AlertSender, Mail, Post } from '../alerts/alert-sender.ts';
import type { Failure } from '../alerts/core/deliveries.ts';
import { networkSenders } from '../alerts/senders.ts';
import type { MailServer } from '../domain/alert.ts';

export class RecordingSenders implements AlertSender {
  /** What arrived. */
  readonly posts: Post[] = [];
  readonly mails: (Mail & { readonly server: MailServer })[] = [];
  /** What was tried in vain. */
  readonly tried: string[] = [];
  /** From now on nothing arrives, for this reason; null mends it. */
  failure: Failure | null = null;

  post(post: Post): Promise<Failure | null> {
    return this.#take(post.headers['webhook-id'] ?? '', () => this.posts.push(post));
  }

  mail(server: MailServer, mail: Mail): Promise<Failure | null> {
    return this.#take(mail.id, () => this.mails.push({ ...mail, server }));
  }

  wrongUrl = networkSenders.wrongUrl;
  isForbidden = networkSenders.isForbidden;
  isNetwork = networkSenders.isNetwork;
  sign = networkSenders.sign;
  drawKey = networkSenders.drawKey;

  #take(id: string, arrive: () => void): Promise<Failure | null> {
    if (this.failure === null) arrive();
    else this.tried.push(id);
    return Promise.resolve(this.failure);
  }
}
