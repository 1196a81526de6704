/** The part of the port of the use cases that is about sending output on. */
import type { Actor } from './control.ts';
import type { LogReceiverView } from './log-shipping.ts';

export type { LogReceiverView };

export interface NewLogReceiver {
  /** Of a receiver of OTLP over HTTP; without a path it is `/v1/logs`. */
  readonly url: string;
  /** They go along with each request, such as an API key. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ShippingControl {
  /** Where the output is sent and how far that is; null where it is sent nowhere. */
  logReceiver(actor: Actor, environment: string): Promise<LogReceiverView | null>;
  /** From now on; where there is a receiver already, from where that one was. */
  setLogReceiver(actor: Actor, environment: string, input: NewLogReceiver): Promise<LogReceiverView | null>;
  /** Rejects with Refusal `log.receiver-none`. */
  removeLogReceiver(actor: Actor, environment: string): Promise<void>;
}
