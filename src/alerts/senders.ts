/** The senders over the network. */
import type { AlertSender } from './alert-sender.ts';
import { sendMail } from './send/mail.ts';
import { isForbiddenHost, isNetwork } from './send/reach.ts';
import { drawKey, post, sign, wrongUrl } from './send/webhook.ts';

export const networkSenders: AlertSender = {
  post,
  mail: sendMail,
  wrongUrl,
  isForbidden: (url, reach) => isForbiddenHost(new URL(url).hostname, reach),
  isNetwork,
  sign,
  drawKey,
};
