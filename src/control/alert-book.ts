/** What is kept about alerts, at hand: who is told of what. Read once, and changed together with the store. */
import { deliveriesOf } from '../alerts/core/deliveries.ts';
import {
  type AlertRules,
  type AlertSettings,
  type KeptChannel,
  type NewDelivery,
  noRules,
  noSettings,
} from '../domain/alert.ts';
import type { Incident } from '../domain/incident.ts';
import type { ControlParts } from './parts.ts';

export class AlertBook {
  readonly #parts: Pick<ControlParts, 'store' | 'clock'>;
  #channels: readonly KeptChannel[] = [];
  #rules: ReadonlyMap<string, AlertRules> = new Map();
  #settings: AlertSettings = noSettings;

  constructor(parts: Pick<ControlParts, 'store' | 'clock'>) {
    this.#parts = parts;
  }

  /** Reads it anew: at the start, and after each change. */
  async load(): Promise<void> {
    const { store } = this.#parts;
    const [channels, rules, settings] = await Promise.all([
      store.alertChannels(),
      store.alertRules(),
      store.alertSettings(),
    ]);
    this.#channels = channels;
    this.#rules = rules;
    this.#settings = settings;
  }

  get channels(): readonly KeptChannel[] {
    return this.#channels;
  }

  get settings(): AlertSettings {
    return this.#settings;
  }

  channel(id: string): KeptChannel | undefined {
    return this.#channels.find(({ channel }) => channel.id === id);
  }

  rulesOf(environment: string | null): AlertRules {
    return (environment === null ? undefined : this.#rules.get(environment)) ?? noRules;
  }

  /** The address that is told of each run of this cron; undefined where there is none. */
  pingUrl(environment: string, job: string): string | undefined {
    return this.rulesOf(environment).pings[job];
  }

  /** The crons that have such an address. */
  pinged(): { readonly environment: string; readonly job: string }[] {
    return [...this.#rules].flatMap(([environment, { pings }]) =>
      Object.keys(pings).map((job) => ({ environment, job })),
    );
  }

  /** What is to be sent of an incident that has changed so. */
  deliveriesOf(before: Incident | undefined, incident: Incident): NewDelivery[] {
    const channels = this.#channels.map(({ channel }) => channel);
    const rules = this.rulesOf(incident.environment);
    return deliveriesOf(before, incident, rules, channels, this.#parts.clock.wall());
  }
}
