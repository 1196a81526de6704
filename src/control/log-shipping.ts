/** Which environments send their output where, and how far it is: the receivers, and a shipment for each of them. */
import type { KeptLogReceiver, LogProgress, LogReceiver } from '../domain/log-receiver.ts';
import type { AlertBook } from './alert-book.ts';
import { reachOf } from './alert-dispatcher.ts';
import { type Held, LogShipment } from './log-shipment.ts';
import type { ControlParts } from './parts.ts';

export interface LogReceiverView {
  readonly receiver: LogReceiver;
  readonly progress: LogProgress;
  /** The time of the oldest line that is known not to be taken yet; wall time, ms. */
  readonly behindSince: number | null;
  /** Why nothing is taken at the moment; null while it is. */
  readonly held: Held | null;
}

/** A receiver may be away for so long before people are told with the environment. */
const toldAfterMs = 300_000;

type Parts = Pick<ControlParts, 'store' | 'clock' | 'logs' | 'logSender'>;

export class LogShipping {
  readonly #parts: Parts;
  readonly #book: AlertBook;
  readonly #shipments = new Map<string, LogShipment>();
  #started = false;

  constructor(parts: Parts, book: AlertBook) {
    this.#parts = parts;
    this.#book = book;
  }

  /** Reads what an earlier daemon has left, and goes on with it. */
  async start(): Promise<void> {
    this.#started = true;
    for (const kept of await this.#parts.store.logReceivers()) this.set(kept);
  }

  /** The receiver is another one from now on, or there is none any more. */
  set(kept: KeptLogReceiver): void {
    const { environment } = kept.receiver;
    this.forget(environment);
    const { store, clock, logs, logSender: sender } = this.#parts;
    const shipment = new LogShipment(kept, {
      ...{ logs, sender, clock },
      reach: () => reachOf(environment, this.#book.settings.allow),
      keep: async (progress) => {
        // One that has been replaced says nothing about its successor.
        if (this.#shipments.get(environment) === shipment) await store.saveLogProgress(environment, progress);
      },
    });
    this.#shipments.set(environment, shipment);
    if (this.#started) shipment.start();
  }

  forget(environment: string): void {
    this.#shipments.get(environment)?.close();
    this.#shipments.delete(environment);
  }

  kept(environment: string): KeptLogReceiver | undefined {
    const shipment = this.#shipments.get(environment);
    return shipment === undefined ? undefined : { ...shipment.kept, progress: shipment.progress };
  }

  view(environment: string): LogReceiverView | null {
    const shipment = this.#shipments.get(environment);
    if (shipment === undefined) return null;
    const { progress, behindSince, held } = shipment;
    return { receiver: shipment.kept.receiver, progress, behindSince, held };
  }

  /** What people should read when they look at the environment. */
  notices(environment: string): string[] {
    const shipment = this.#shipments.get(environment);
    const held = shipment?.held;
    if (shipment === undefined || held == null) return [];
    if (this.#parts.clock.wall() - held.since < toldAfterMs) return [];
    const since = new Date(held.since).toISOString().replace(/\.\d+Z$/, 'Z');
    return [
      `Output has not been taken by ${shipment.kept.receiver.target} since ${since} (${held.why}): it waits in the log and is tried again, see "nightshift ship show ${environment}".`,
    ];
  }

  close(): void {
    for (const shipment of this.#shipments.values()) shipment.close();
  }
}
