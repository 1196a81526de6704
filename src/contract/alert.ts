import { z } from 'zod';
import { incidentKinds } from './incident.ts';
import { count, name, time } from './wire.ts';

const address = z.string().max(2_000);
const kinds = z.array(z.string().max(100)).max(100);

/** From one time of day until another, which may be of the next day. */
export const quietHours = z.strictObject({
  /** `22:00` */
  from: z.string().max(5),
  until: z.string().max(5),
  timezone: z.string().max(100),
});

const channelKind = z.enum(['webhook', 'mail']);
const webhookShape = z.enum(['nightshift', 'slack', 'discord', 'teams']);

/** An address that notices go to. What is secret of it is never told. */
export const alertChannel = z.strictObject({
  id: z.string(),
  /** Null: the operator's, which hears of all environments and of the machine. */
  environment: z.string().nullable(),
  name: z.string(),
  kind: channelKind,
  /** What the receiver of a webhook wants to read; null for mail. */
  shape: webhookShape.nullable(),
  /** The host of a webhook, the addresses of mail. */
  target: z.string(),
  /** Only these; null: all. */
  kinds: z.array(z.enum(incidentKinds)).nullable(),
  quiet: quietHours.nullable(),
  createdAt: time,
});
export type AlertChannel = z.infer<typeof alertChannel>;

export const newAlertChannel = z.strictObject({
  /** Null, or left away: the operator's. */
  environment: name.nullable().default(null),
  name,
  kind: channelKind,
  /** Of a webhook. It is sealed, and never told again. */
  url: address.optional(),
  shape: webhookShape.optional(),
  /** Of mail. */
  to: z.array(z.string().max(1_000)).max(100).optional(),
  /** Only of these kinds of incidents; null, or left away: all. */
  kinds: kinds.nullable().optional(),
  quiet: quietHours.nullable().optional(),
});
export type NewAlertChannel = z.input<typeof newAlertChannel>;

/** What is left out stays. */
export const alertChannelChange = z.strictObject({
  url: address.optional(),
  shape: webhookShape.optional(),
  to: z.array(z.string().max(1_000)).max(100).optional(),
  kinds: kinds.nullable().optional(),
  quiet: quietHours.nullable().optional(),
});
export type AlertChannelChange = z.input<typeof alertChannelChange>;

export const addedAlertChannel = z.strictObject({
  channel: alertChannel,
  /** Signs what is posted, as standardwebhooks.com has it; told once. Null where nothing is signed. */
  signingKey: z.string().nullable(),
});
export type AddedAlertChannel = z.infer<typeof addedAlertChannel>;

export const alertChannelParams = z.strictObject({ channel: name });
export const alertChannelsQuery = z.strictObject({
  /** All that the caller may see when absent. */
  environment: name.optional(),
});

/** One notice on its way to one channel. */
export const alertDelivery = z.strictObject({
  /** The same with each attempt: receivers tell by it what they have had already. */
  id: z.string(),
  /** Of whose channel it is; null: the operator's. */
  environment: z.string().nullable(),
  /** The id of the channel; `ping/JOB` for the monitor of a cron. */
  channel: z.string(),
  phase: z.enum(['begin', 'over', 'test', 'start', 'success', 'fail']),
  incident: z.string().nullable(),
  run: z.string().nullable(),
  createdAt: time,
  /** When it is tried next; null once it is not any more. */
  dueAt: time.nullable(),
  attempts: z.int().nonnegative(),
  state: z.enum(['waiting', 'delivered', 'given-up', 'left-out']),
  endedAt: time.nullable(),
  /** Why the last attempt failed, or why it was left out. */
  trouble: z.string().nullable(),
});
export type AlertDelivery = z.infer<typeof alertDelivery>;

export const alertDeliveriesQuery = z.strictObject({
  environment: name.optional(),
  /** Only deliveries made before this one: the `next` of the page before. */
  before: name.optional(),
  limit: count(1_000, 50),
});

const jobAlerts = z.strictObject({ off: z.array(z.enum(incidentKinds)), afterFails: z.int() });

/** What an environment wants to be told of. */
export const alertRules = z.strictObject({
  /** Of no job. */
  off: z.array(z.enum(incidentKinds)),
  /** By job: not of these, and of fails only after so many in a row. */
  jobs: z.record(z.string(), jobAlerts),
  /** By cron: the host of the monitor that is told of each of its runs. */
  pings: z.record(z.string(), z.string()),
});
export type AlertRules = z.infer<typeof alertRules>;

/** What is left out stays. */
export const alertRulesChange = z.strictObject({
  off: kinds.optional(),
  jobs: z
    .record(name, z.strictObject({ off: kinds.optional(), afterFails: z.number().optional() }))
    .optional(),
  /** By cron: an address that is told of each run; null takes it away. */
  pings: z.record(name, address.nullable()).optional(),
});
export type AlertRulesChange = z.input<typeof alertRulesChange>;

const mailServer = z.strictObject({
  host: z.string().min(1).max(255),
  port: z.int().min(1).max(65_535),
  tls: z.boolean(),
  user: z.string().max(1_000).nullable(),
  from: z.string().max(1_000),
});

/** What holds for the alerts of all environments. */
export const alertSettings = z.strictObject({
  /** Where people reach the dashboard: links in notices begin with it. */
  publicUrl: z.string().nullable(),
  /** Private addresses and networks that webhooks of environments may reach. */
  allow: z.array(z.string()),
  /** The host of the monitor that is told every minute that the scheduler lives; null where none is. */
  heartbeat: z.string().nullable(),
  mailServer: mailServer.nullable(),
});
export type AlertSettings = z.infer<typeof alertSettings>;

/** What is left out stays. */
export const alertSettingsChange = z.strictObject({
  publicUrl: address.nullable().optional(),
  allow: z.array(z.string().max(100)).max(100).optional(),
  /** An address that is told every minute that the scheduler lives; null takes it away. It is sealed, and never told again. */
  heartbeat: address.nullable().optional(),
  /** Null takes it away. The password is sealed and never told; left out, it stays. */
  mailServer: mailServer
    .extend({ password: z.string().max(1_000).nullable().optional() })
    .nullable()
    .optional(),
});
export type AlertSettingsChange = z.input<typeof alertSettingsChange>;
