/** The part of the store's port that keeps alerts. */
import type { AlertRules, AlertSettings, Delivery, KeptChannel, NewDelivery } from '../domain/alert.ts';
import type { Incident } from '../domain/incident.ts';

export interface DeliveryFilter {
  /** Those of an environment's channels; absent: of all, and the operator's. */
  readonly environment?: string;
  /** Only deliveries made before this one, for paging back. */
  readonly before?: string;
  readonly limit: number;
}

/** What is kept together with an incident, in one step. */
export interface WithIncident {
  /** Those that are there already are left as they are. */
  readonly deliveries: readonly NewDelivery[];
  /** Runs whose end needs no look any more. */
  readonly judged: readonly string[];
}

export interface AlertStore {
  incident(id: string): Promise<Incident | undefined>;

  /** Of all environments, and the operator's, in order of their names. */
  alertChannels(): Promise<KeptChannel[]>;
  /** Adds it, or replaces the one with its id. Rejects with Refusal `alert.channel-exists` or `environment.unknown`. */
  saveAlertChannel(kept: KeptChannel): Promise<void>;
  /** With what waits for it. */
  removeAlertChannel(id: string): Promise<void>;
  /** Of the environments that have any. */
  alertRules(): Promise<ReadonlyMap<string, AlertRules>>;
  /** Rejects with Refusal `environment.unknown`. */
  saveAlertRules(environment: string, rules: AlertRules): Promise<void>;
  alertSettings(): Promise<AlertSettings>;
  saveAlertSettings(settings: AlertSettings): Promise<void>;

  /** Those that are there already are left as they are. */
  addDeliveries(deliveries: readonly NewDelivery[]): Promise<void>;
  /** Replaces those with these ids; what is not there any more stays away. */
  saveDeliveries(deliveries: readonly Delivery[]): Promise<void>;
  /** Oldest first: those that have neither arrived nor been given up. */
  waitingDeliveries(limit: number): Promise<Delivery[]>;
  /** Newest first. */
  deliveries(filter: DeliveryFilter): Promise<Delivery[]>;

  /** Runs that ended badly and were not looked at yet: a daemon that dies between the two loses nothing. */
  unjudgedRuns(): Promise<{ readonly environment: string; readonly run: string }[]>;
  runsJudged(runs: readonly string[]): Promise<void>;
}
