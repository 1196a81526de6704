/** The senders over the network. */

import { wrongUrl } from '../outbound/exchange.ts';
import { isForbiddenHost, isNetwork } from '../outbound/reach.ts';
import type { AlertSender } from './alert-sender.ts';
import { sendMail } from './send/mail.ts';
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
