/**
 * Alerts: who is told of incidents, and how. A channel is an address that notices go to: of one environment, or the operator's, which
 * hears of all of them and of the machine. A delivery is one notice on its way to one channel; it is kept until it has arrived.
 */
import { Refusal } from './errors.ts';
import { type IncidentKind, incidentKinds } from './incident.ts';
import { limits } from './limits.ts';

export const channelKinds = ['webhook', 'mail'] as const;
export type ChannelKind = (typeof channelKinds)[number];

/** What a webhook's receiver wants to read. */
export const webhookShapes = ['nightshift', 'slack', 'discord', 'teams'] as const;
export type WebhookShape = (typeof webhookShapes)[number];

/** From one time of day until another, which may be of the next day; in this time zone. */
export interface QuietHours {
  /** `22:00` */
  readonly from: string;
  readonly until: string;
  readonly timezone: string;
}

export interface AlertChannel {
  readonly id: string;
  /** Null: the operator's. */
  readonly environment: string | null;
  /** Unique among those of the same environment. */
  readonly name: string;
  readonly kind: ChannelKind;
  /** Of a webhook. */
  readonly shape: WebhookShape;
  /** Of mail: the addresses. */
  readonly to: readonly string[];
  /** What people may see of where it goes: the host of a webhook, the addresses of mail. */
  readonly target: string;
  /** Only these; null: all. */
  readonly kinds: readonly IncidentKind[] | null;
  readonly quiet: QuietHours | null;
  readonly createdAt: number;
}

/** What is sealed of a channel, and never shown. */
export interface ChannelSecrets {
  /** Of a webhook: whoever knows it may post there. */
  readonly url: string | null;
  /** Signs what is posted (standardwebhooks.com): `whsec_…`. */
  readonly signingKey: string | null;
}

export interface KeptChannel {
  readonly channel: AlertChannel;
  readonly secrets: ChannelSecrets;
}

/** What an environment wants to be told of one job. */
export interface JobAlerts {
  /** Not of these. */
  readonly off: readonly IncidentKind[];
  /** Of a failed cron only after so many fails in a row. */
  readonly afterFails: number;
}

export interface AlertRules {
  /** Of no job. */
  readonly off: readonly IncidentKind[];
  readonly jobs: Readonly<Record<string, JobAlerts>>;
  /** Addresses that are told of each run of a cron, by the cron's name: sealed, and never shown whole. */
  readonly pings: Readonly<Record<string, string>>;
}

export const noRules: AlertRules = { off: [], jobs: {}, pings: {} };
export const usualJobAlerts: JobAlerts = { off: [], afterFails: 1 };

/** Where mail is handed in. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; else STARTTLS where it is offered. */
  readonly tls: boolean;
  readonly user: string | null;
  /** Sealed. */
  readonly password: string | null;
  readonly from: string;
}

/** What holds for all environments; the operator's. */
export interface AlertSettings {
  /** Where people reach the dashboard: links in notices begin with it. */
  readonly publicUrl: string | null;
  readonly mailServer: MailServer | null;
  /** Private addresses and networks that webhooks of environments may reach: `10.0.0.0/8`. */
  readonly allow: readonly string[];
  /** An outside monitor that is told every minute that the scheduler lives. Sealed. */
  readonly heartbeatUrl: string | null;
}

export const noSettings: AlertSettings = { publicUrl: null, mailServer: null, allow: [], heartbeatUrl: null };

export const deliveryPhases = ['begin', 'over', 'test', 'start', 'success', 'fail'] as const;
export type DeliveryPhase = (typeof deliveryPhases)[number];

export const deliveryStates = ['waiting', 'delivered', 'given-up', 'left-out'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

export interface Delivery {
  /** The same for the same notice to the same channel, however often it is made: it is kept once, and receivers can tell by it. */
  readonly id: string;
  /** Null: the operator's. Of whose channel it is. */
  readonly environment: string | null;
  /** The id of the channel; of a ping `ping/JOB`. */
  readonly channel: string;
  readonly phase: DeliveryPhase;
  /** What it is about; null for a test. */
  readonly incident: string | null;
  readonly run: string | null;
  /** Where the incident or the run is, which may be another than the channel's. */
  readonly about: string | null;
  readonly createdAt: number;
  /** When it is to be tried next; wall time, ms. */
  readonly dueAt: number;
  readonly attempts: number;
  readonly state: DeliveryState;
  /** When it arrived, or was given up. */
  readonly endedAt: number | null;
  /** Why the last attempt failed, or why it was left out. */
  readonly trouble: string | null;
}

/** Only together with the delivery of this id, where that one is there. */
export interface NewDelivery {
  readonly delivery: Delivery;
  readonly after: string | null;
}

const clockTime = /^([01]\d|2[0-3]):[0-5]\d$/;

/** @param knowsZone whether there is a time zone of that name */
export function checkQuiet(quiet: QuietHours, knowsZone: (name: string) => boolean): void {
  if (!clockTime.test(quiet.from) || !clockTime.test(quiet.until) || quiet.from === quiet.until)
    throw new Refusal('alert.quiet', { quiet: `${quiet.from}-${quiet.until}` });
  if (!knowsZone(quiet.timezone)) throw new Refusal('cron.timezone', { timezone: quiet.timezone });
}

export function checkChannelName(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) || name.length > limits.alertChannelNameCharacters)
    throw new Refusal('alert.channel-name', { name });
  return name;
}

export function checkKinds(kinds: readonly string[]): readonly IncidentKind[] {
  const wrong = kinds.find((kind) => !(incidentKinds as readonly string[]).includes(kind));
  if (wrong !== undefined) throw new Refusal('alert.kind', { kind: wrong, kinds: incidentKinds });
  return [...new Set(kinds)] as IncidentKind[];
}

/** Enough to tell an address from a slip; what receives it knows the rest. No blank, comma or control character gets into a header. */
export function checkMailAddress(address: string): string {
  if (!/^[^\s@,;:<>"()[\]\\\p{Cc}]+@[^\s@,;:<>"()[\]\\\p{Cc}]+$/u.test(address) || address.length > 254)
    throw new Refusal('alert.mail-address', { address });
  return address;
}
