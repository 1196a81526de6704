/** The part of the store's port that keeps where output is sent. */
import type { KeptLogReceiver, LogProgress } from '../domain/log-receiver.ts';

export interface LogReceiverStore {
  /** Of all environments that have one, in order of their names. */
  logReceivers(): Promise<KeptLogReceiver[]>;
  /** Replaces the one of its environment. Rejects with Refusal `environment.unknown`. */
  saveLogReceiver(kept: KeptLogReceiver): Promise<void>;
  /** Of one that is not there, nothing is kept. */
  saveLogProgress(environment: string, progress: LogProgress): Promise<void>;
  removeLogReceiver(environment: string): Promise<void>;
}
