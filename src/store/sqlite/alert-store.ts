/** The part of the store that keeps incidents and alerts: each method is one task of the group commit. */
import type { AlertRules, AlertSettings, Delivery, KeptChannel, NewDelivery } from '../../domain/alert.ts';
import type { Incident } from '../../domain/incident.ts';
import type { AlertStore, DeliveryFilter, WithIncident } from '../alert-store.ts';
import type { IncidentFilter } from '../store.ts';
import type { AlertRows } from './alert-rows.ts';
import type { EnvironmentRows } from './environment-rows.ts';
import type { GroupCommit } from './group-commit.ts';
import type { IncidentRows } from './incident-rows.ts';

export class SqliteAlertStore implements AlertStore {
  readonly #commits: GroupCommit;
  readonly #alerts: AlertRows;
  readonly #incidents: IncidentRows;
  readonly #environments: EnvironmentRows;

  constructor(parts: {
    readonly commits: GroupCommit;
    readonly alerts: AlertRows;
    readonly incidents: IncidentRows;
    readonly environments: EnvironmentRows;
  }) {
    this.#commits = parts.commits;
    this.#alerts = parts.alerts;
    this.#incidents = parts.incidents;
    this.#environments = parts.environments;
  }

  saveIncident(incident: Incident, also?: WithIncident): Promise<void> {
    return this.#commits.write(() => {
      const { environment } = incident;
      const number = environment === null ? null : this.#environments.requireId(environment);
      this.#incidents.save(number, incident);
      for (const each of also?.deliveries ?? []) this.#alerts.addDelivery(each);
      for (const run of also?.judged ?? []) this.#alerts.judged(run);
    });
  }

  incidents(filter: IncidentFilter): Promise<Incident[]> {
    return this.#commits.read(() => {
      if (filter.environment === undefined) return this.#incidents.page(undefined, filter);
      const number = this.#environments.idOf(filter.environment);
      return number === undefined ? [] : this.#incidents.page(number, filter);
    });
  }

  incident(id: string): Promise<Incident | undefined> {
    return this.#commits.read(() => this.#incidents.one(id));
  }

  alertChannels(): Promise<KeptChannel[]> {
    return this.#commits.read(() => this.#alerts.channels());
  }

  saveAlertChannel(kept: KeptChannel): Promise<void> {
    return this.#commits.write(() => this.#alerts.saveChannel(kept));
  }

  removeAlertChannel(id: string): Promise<void> {
    return this.#commits.write(() => this.#alerts.removeChannel(id));
  }

  alertRules(): Promise<ReadonlyMap<string, AlertRules>> {
    return this.#commits.read(() => this.#alerts.rules());
  }

  saveAlertRules(environment: string, rules: AlertRules): Promise<void> {
    return this.#commits.write(() => this.#alerts.saveRules(environment, rules));
  }

  alertSettings(): Promise<AlertSettings> {
    return this.#commits.read(() => this.#alerts.settings());
  }

  saveAlertSettings(settings: AlertSettings): Promise<void> {
    return this.#commits.write(() => this.#alerts.saveSettings(settings));
  }

  addDeliveries(deliveries: readonly NewDelivery[]): Promise<void> {
    return this.#commits.write(() => {
      for (const each of deliveries) this.#alerts.addDelivery(each);
    });
  }

  saveDeliveries(deliveries: readonly Delivery[]): Promise<void> {
    return this.#commits.write(() => {
      for (const each of deliveries) this.#alerts.saveDelivery(each);
    });
  }

  waitingDeliveries(limit: number): Promise<Delivery[]> {
    return this.#commits.read(() => this.#alerts.waiting(limit));
  }

  deliveries(filter: DeliveryFilter): Promise<Delivery[]> {
    return this.#commits.read(() => this.#alerts.page(filter));
  }

  unjudgedRuns(): Promise<{ environment: string; run: string }[]> {
    return this.#commits.read(() => this.#alerts.unjudged());
  }

  runsJudged(runs: readonly string[]): Promise<void> {
    return this.#commits.write(() => {
      for (const run of runs) this.#alerts.judged(run);
    });
  }
}
