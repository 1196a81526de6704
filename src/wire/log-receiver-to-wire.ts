import type { LogReceiverOrNone } from '../contract/log-receiver.ts';
import type { LogReceiverView } from '../control/shipping-control.ts';
import { toTime, toTimeOrNull } from './to-wire.ts';

export function logReceiverToWire(view: LogReceiverView | null): LogReceiverOrNone {
  if (view === null) return { receiver: null };
  const { receiver, progress, behindSince, held } = view;
  return {
    receiver: {
      target: receiver.target,
      headers: [...receiver.headers],
      since: toTime(receiver.since),
      sentLines: progress.sentLines,
      refusedLines: progress.refusedLines,
      gaps: progress.gaps,
      sentAt: toTimeOrNull(progress.sentAt),
      behindSince: toTimeOrNull(behindSince),
      held:
        held === null
          ? null
          : {
              why: held.why,
              since: toTime(held.since),
              attempts: held.attempts,
              nextAt: toTime(held.nextAt),
            },
    },
  };
}
