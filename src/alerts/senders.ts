/** The senders over the network. */
import type { AlertSender } from './alert-sender.ts';
import { exchange, wrongUrl } from './send/exchange.ts';
import { sendMail } from './send/mail.ts';
import { isForbiddenHost, isNetwork } from './send/reach.ts';
import { drawKey, post, sign } from './send/webhook.ts';

export const networkSenders: AlertSender = {
  post,
  mail: sendMail,
  wrongUrl,
  isForbidden: (url, reach) => isForbiddenHost(new URL(url).hostname, reach),
  isNetwork,
  sign,
  drawKey,
};

/** Who takes output in says with a few words what it would not have. */
const answerBytes = 64 * 1024;

/** A POST to where people say, for what is not an alert. */
export const postTo = (asked: Parameters<typeof exchange>[0]): ReturnType<typeof exchange> =>
  exchange(asked, answerBytes);
