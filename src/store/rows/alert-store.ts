/** The part of the store that keeps incidents and alerts: each method is one task of the group commit. */
import type { AlertRules, AlertSettings, Delivery, KeptChannel, NewDelivery } from '../../domain/alert.ts';
import type { Incident } from '../../domain/incident.ts';
import type { AlertStore, DeliveryFilter, WithIncident } from '../alert-store.ts';
import type { IncidentFilter } from '../store.ts';
import type { AlertRows } from './alert-rows.ts';
import type { EnvironmentRows } from './environment-rows.ts';
import type { IncidentRows } from './incident-rows.ts';
import { inTurn, type Transactions, type Work } from './work.ts';

export class RowAlertStore implements AlertStore {
  readonly #transactions: Transactions;
  readonly #alerts: AlertRows;
  readonly #incidents: IncidentRows;
  readonly #environments: EnvironmentRows;

  constructor(parts: {
    readonly transactions: Transactions;
    readonly alerts: AlertRows;
    readonly incidents: IncidentRows;
    readonly environments: EnvironmentRows;
  }) {
    this.#transactions = parts.transactions;
    this.#alerts = parts.alerts;
    this.#incidents = parts.incidents;
    this.#environments = parts.environments;
  }

  saveIncident(incident: Incident, also?: WithIncident): Promise<void> {
    return this.#transactions.write(() => this.#saveIncident(incident, also));
  }

  incidents(filter: IncidentFilter): Promise<Incident[]> {
    return this.#transactions.read(() => this.#incidentsOf(filter));
  }

  incident(id: string): Promise<Incident | undefined> {
    return this.#transactions.read(() => this.#incidents.one(id));
  }

  alertChannels(): Promise<KeptChannel[]> {
    return this.#transactions.read(() => this.#alerts.channels());
  }

  saveAlertChannel(kept: KeptChannel): Promise<void> {
    return this.#transactions.write(() => this.#alerts.saveChannel(kept));
  }

  removeAlertChannel(id: string): Promise<void> {
    return this.#transactions.write(() => this.#alerts.removeChannel(id));
  }

  alertRules(): Promise<ReadonlyMap<string, AlertRules>> {
    return this.#transactions.read(() => this.#alerts.rules());
  }

  saveAlertRules(environment: string, rules: AlertRules): Promise<void> {
    return this.#transactions.write(() => this.#alerts.saveRules(environment, rules));
  }

  alertSettings(): Promise<AlertSettings> {
    return this.#transactions.read(() => this.#alerts.settings());
  }

  saveAlertSettings(settings: AlertSettings): Promise<void> {
    return this.#transactions.write(() => this.#alerts.saveSettings(settings));
  }

  addDeliveries(deliveries: readonly NewDelivery[]): Promise<void> {
    return this.#transactions.write(() => inTurn(deliveries, (each) => this.#alerts.addDelivery(each)));
  }

  saveDeliveries(deliveries: readonly Delivery[]): Promise<void> {
    return this.#transactions.write(() => inTurn(deliveries, (each) => this.#alerts.saveDelivery(each)));
  }

  waitingDeliveries(limit: number): Promise<Delivery[]> {
    return this.#transactions.read(() => this.#alerts.waiting(limit));
  }

  deliveries(filter: DeliveryFilter): Promise<Delivery[]> {
    return this.#transactions.read(() => this.#alerts.page(filter));
  }

  unjudgedRuns(): Promise<{ environment: string; run: string }[]> {
    return this.#transactions.read(() => this.#alerts.unjudged());
  }

  runsJudged(runs: readonly string[]): Promise<void> {
    return this.#transactions.write(() => inTurn(runs, (run) => this.#alerts.judged(run)));
  }

  *#saveIncident(incident: Incident, also?: WithIncident): Work<void> {
    const { environment } = incident;
    const number = environment === null ? null : yield* this.#environments.requireId(environment);
    yield* this.#incidents.save(number, incident);
    for (const each of also?.deliveries ?? []) yield* this.#alerts.addDelivery(each);
    for (const run of also?.judged ?? []) yield* this.#alerts.judged(run);
  }

  *#incidentsOf(filter: IncidentFilter): Work<Incident[]> {
    if (filter.environment === undefined) return yield* this.#incidents.page(undefined, filter);
    const number = yield* this.#environments.idOf(filter.environment);
    return number === undefined ? [] : yield* this.#incidents.page(number, filter);
  }
}
