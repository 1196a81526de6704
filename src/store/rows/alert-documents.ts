/** The records of alerts as JSON documents, checked on reading. */
import { z } from 'zod';
import {
  type AlertChannel,
  type AlertRules,
  type AlertSettings,
  type ChannelSecrets,
  channelKinds,
  type Delivery,
  deliveryPhases,
  deliveryStates,
  webhookShapes,
} from '../../domain/alert.ts';
import { incidentKinds } from '../../domain/incident.ts';
import { reader } from './documents.ts';

const wallTime = z.number();
const kinds = z.array(z.enum(incidentKinds));

const channel = z.looseObject({
  id: z.string(),
  environment: z.string().nullable(),
  name: z.string(),
  kind: z.enum(channelKinds),
  shape: z.enum(webhookShapes),
  to: z.array(z.string()),
  target: z.string(),
  kinds: kinds.nullable(),
  quiet: z.looseObject({ from: z.string(), until: z.string(), timezone: z.string() }).nullable(),
  createdAt: wallTime,
}) satisfies z.ZodType<AlertChannel>;

const channelSecrets = z.looseObject({
  url: z.string().nullable(),
  signingKey: z.string().nullable(),
}) satisfies z.ZodType<ChannelSecrets>;

const rules = z.looseObject({
  off: kinds,
  jobs: z.record(z.string(), z.looseObject({ off: kinds, afterFails: z.int() })),
}) satisfies z.ZodType<Omit<AlertRules, 'pings'>>;

const pings = z.record(z.string(), z.string()) satisfies z.ZodType<AlertRules['pings']>;

const settings = z.looseObject({
  publicUrl: z.string().nullable(),
  mailServer: z
    .looseObject({
      host: z.string(),
      port: z.int(),
      tls: z.boolean(),
      user: z.string().nullable(),
      password: z.null(),
      from: z.string(),
    })
    .nullable(),
  allow: z.array(z.string()),
}) satisfies z.ZodType<Omit<AlertSettings, 'heartbeatUrl'>>;

const settingsSecrets = z.looseObject({
  password: z.string().nullable(),
  heartbeatUrl: z.string().nullable(),
});

const delivery = z.looseObject({
  id: z.string(),
  environment: z.string().nullable(),
  channel: z.string(),
  phase: z.enum(deliveryPhases),
  incident: z.string().nullable(),
  run: z.string().nullable(),
  about: z.string().nullable(),
  createdAt: wallTime,
  dueAt: wallTime,
  attempts: z.int(),
  state: z.enum(deliveryStates),
  endedAt: wallTime.nullable(),
  trouble: z.string().nullable(),
}) satisfies z.ZodType<Delivery>;

export const readChannel = reader<AlertChannel>(channel);
export const readChannelSecrets = reader<ChannelSecrets>(channelSecrets);
export const readRules = reader<Omit<AlertRules, 'pings'>>(rules);
export const readPings = reader<AlertRules['pings']>(pings);
export const readSettings = reader<Omit<AlertSettings, 'heartbeatUrl'>>(settings);
export const readSettingsSecrets = reader<z.infer<typeof settingsSecrets>>(settingsSecrets);
export const readDelivery = reader<Delivery>(delivery);
