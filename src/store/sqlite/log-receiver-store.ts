/** The part of the store that keeps where output is sent: each method is one task of the group commit. */
import type { KeptLogReceiver, LogProgress } from '../../domain/log-receiver.ts';
import type { LogReceiverStore } from '../log-receiver-store.ts';
import { SqliteAlertStore } from './alert-store.ts';
import type { GroupCommit } from './group-commit.ts';
import type { LogReceiverRows } from './log-receiver-rows.ts';

type AlertParts = ConstructorParameters<typeof SqliteAlertStore>[0];

export class SqliteLogReceiverStore extends SqliteAlertStore implements LogReceiverStore {
  readonly #commits: GroupCommit;
  readonly #logReceivers: LogReceiverRows;

  constructor(parts: AlertParts & { readonly logReceivers: LogReceiverRows }) {
    super(parts);
    this.#commits = parts.commits;
    this.#logReceivers = parts.logReceivers;
  }

  logReceivers(): Promise<KeptLogReceiver[]> {
    return this.#commits.read(() => this.#logReceivers.all());
  }

  saveLogReceiver(kept: KeptLogReceiver): Promise<void> {
    return this.#commits.write(() => this.#logReceivers.save(kept));
  }

  saveLogProgress(environment: string, progress: LogProgress): Promise<void> {
    return this.#commits.write(() => this.#logReceivers.saveProgress(environment, progress));
  }

  removeLogReceiver(environment: string): Promise<void> {
    return this.#commits.write(() => this.#logReceivers.remove(environment));
  }
}
