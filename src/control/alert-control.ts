/** The part of the port of the use cases that is about alerts. */
import type {
  AlertChannel,
  AlertRules,
  AlertSettings,
  ChannelKind,
  Delivery,
  JobAlerts,
  MailServer,
  QuietHours,
  WebhookShape,
} from '../domain/alert.ts';
import type { DeliveryFilter } from '../store/store.ts';
import type { Actor } from './control.ts';

export interface ChannelSettings {
  /** Of a webhook. */
  readonly url?: string;
  readonly shape?: WebhookShape;
  /** Of mail. */
  readonly to?: readonly string[];
  /** Null: all. */
  readonly kinds?: readonly string[] | null;
  readonly quiet?: QuietHours | null;
}

export interface NewChannel extends ChannelSettings {
  /** Null: the operator's, which hears of all environments and of the machine. */
  readonly environment: string | null;
  readonly name: string;
  readonly kind: ChannelKind;
}

/** What is left out stays. */
export interface RulesChange {
  readonly off?: readonly string[];
  readonly jobs?: Readonly<
    Record<string, { readonly off?: readonly string[]; readonly afterFails?: number }>
  >;
  /** By job; null takes it away. */
  readonly pings?: Readonly<Record<string, string | null>>;
}

export interface RulesView {
  readonly off: AlertRules['off'];
  readonly jobs: Readonly<Record<string, JobAlerts>>;
  /** By job: the host of the address, and nothing else of it. */
  readonly pings: Readonly<Record<string, string>>;
}

export interface SettingsView extends Omit<AlertSettings, 'mailServer' | 'heartbeatUrl'> {
  /** The host of the monitor that hears of the scheduler; null where none does. */
  readonly heartbeat: string | null;
  readonly mailServer: Omit<MailServer, 'password'> | null;
}

export interface SettingsChange {
  readonly publicUrl?: string | null;
  readonly allow?: readonly string[];
  /** Null takes it away. */
  readonly heartbeat?: string | null;
  /** Null takes it away. A password that is left out stays. */
  readonly mailServer?: (Omit<MailServer, 'password'> & { readonly password?: string | null }) | null;
}

export interface AlertControl {
  /** Those of an environment; absent: all that the actor sees, for operators with their own. */
  alertChannels(actor: Actor, environment?: string): Promise<readonly AlertChannel[]>;
  /** The answer alone has the key that signs what is posted; null where nothing is signed. */
  addAlertChannel(
    actor: Actor,
    input: NewChannel,
  ): Promise<{ readonly channel: AlertChannel; readonly signingKey: string | null }>;
  changeAlertChannel(actor: Actor, id: string, change: ChannelSettings): Promise<AlertChannel>;
  removeAlertChannel(actor: Actor, id: string): Promise<void>;
  /** Resolves when a test has arrived. Rejects with Refusal `alert.test-failed`, and why. */
  testAlertChannel(actor: Actor, id: string): Promise<void>;
  /** What was sent and what waits, newest first. */
  alertDeliveries(actor: Actor, filter: DeliveryFilter): Promise<readonly Delivery[]>;
  alertRules(actor: Actor, environment: string): Promise<RulesView>;
  changeAlertRules(actor: Actor, environment: string, change: RulesChange): Promise<RulesView>;
  alertSettings(actor: Actor): Promise<SettingsView>;
  changeAlertSettings(actor: Actor, change: SettingsChange): Promise<SettingsView>;
}
