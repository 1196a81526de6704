/** The part of the store that keeps where output is sent: each method is one task of the group commit. */
import type { KeptLogReceiver, LogProgress } from '../../domain/log-receiver.ts';
import type { LogReceiverStore } from '../log-receiver-store.ts';
import { RowAlertStore } from './alert-store.ts';
import type { LogReceiverRows } from './log-receiver-rows.ts';
import type { Transactions } from './work.ts';

type AlertParts = ConstructorParameters<typeof RowAlertStore>[0];

export class RowLogReceiverStore extends RowAlertStore implements LogReceiverStore {
  readonly #transactions: Transactions;
  readonly #logReceivers: LogReceiverRows;

  constructor(parts: AlertParts & { readonly logReceivers: LogReceiverRows }) {
    super(parts);
    this.#transactions = parts.transactions;
    this.#logReceivers = parts.logReceivers;
  }

  logReceivers(): Promise<KeptLogReceiver[]> {
    return this.#transactions.read(() => this.#logReceivers.all());
  }

  saveLogReceiver(kept: KeptLogReceiver): Promise<void> {
    return this.#transactions.write(() => this.#logReceivers.save(kept));
  }

  saveLogProgress(environment: string, progress: LogProgress): Promise<void> {
    return this.#transactions.write(() => this.#logReceivers.saveProgress(environment, progress));
  }

  removeLogReceiver(environment: string): Promise<void> {
    return this.#transactions.write(() => this.#logReceivers.remove(environment));
  }
}
