/** What the double of `Control` answers about the sending of output. */
import type { LogReceiverView, ShippingControl } from '../control/shipping-control.ts';

/** 2026-11-22 03:12:07.250 UTC */
const anInstant = Date.UTC(2026, 10, 22, 3, 12, 7, 250);

const aReceiver: LogReceiverView = {
  receiver: {
    environment: 'demo',
    target: 'collector.example.com',
    headers: ['authorization'],
    since: anInstant,
  },
  progress: { cursor: 'c1', sentLines: 1_200, refusedLines: 3, gaps: 1, sentAt: anInstant - 600_000 },
  behindSince: anInstant - 540_000,
  held: {
    why: 'collector.example.com answered 503',
    since: anInstant - 500_000,
    attempts: 9,
    nextAt: anInstant + 20_000,
  },
};

export const shippingAnswers: ShippingControl = {
  logReceiver: async () => aReceiver,
  setLogReceiver: async () => aReceiver,
  removeLogReceiver: async () => undefined,
};
