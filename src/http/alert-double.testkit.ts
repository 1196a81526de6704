/** What the double of `Control` answers about alerts. */
import type { AlertControl } from '../control/alert-control.ts';
import type { AlertChannel, Delivery } from '../domain/alert.ts';

/** 2026-11-22 03:12:07.250 UTC */
const anInstant = Date.UTC(2026, 10, 22, 3, 12, 7, 250);

export const aChannel: AlertChannel = {
  id: 'channel-1',
  environment: 'demo',
  name: 'chat',
  kind: 'webhook',
  shape: 'slack',
  to: [],
  target: 'hooks.example.com',
  kinds: ['cron-failed', 'cron-missed'],
  quiet: { from: '22:00', until: '07:00', timezone: 'Europe/Berlin' },
  createdAt: anInstant,
};

export const aDelivery: Delivery = {
  id: 'incident-1.begin.channel-1',
  environment: 'demo',
  channel: 'channel-1',
  phase: 'begin',
  incident: 'incident-1',
  run: 'run-2',
  about: 'demo',
  createdAt: anInstant,
  dueAt: anInstant + 10_000,
  attempts: 2,
  state: 'waiting',
  endedAt: null,
  trouble: 'hooks.example.com answered 503',
};

const settings = {
  publicUrl: 'https://jobs.example.com',
  allow: ['10.0.0.0/8'],
  heartbeat: 'hc.example.com',
  mailServer: { host: 'smtp.example.com', port: 587, tls: false, user: 'jobs', from: 'jobs@example.com' },
};
const rules = {
  off: ['swap'],
  jobs: { 'a-cron': { off: [], afterFails: 2 } },
  pings: { 'a-cron': 'hc.example.com' },
} as const;

export const alertAnswers: AlertControl = {
  alertChannels: async () => [aChannel],
  addAlertChannel: async () => ({ channel: aChannel, signingKey: 'whsec_c2VjcmV0' }),
  changeAlertChannel: async () => aChannel,
  removeAlertChannel: async () => undefined,
  testAlertChannel: async () => undefined,
  alertDeliveries: async () => [aDelivery],
  alertRules: async () => rules,
  changeAlertRules: async () => rules,
  alertSettings: async () => settings,
  changeAlertSettings: async () => settings,
};
