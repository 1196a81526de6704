import type { AlertChannel, AlertDelivery, AlertRules, AlertSettings } from '../contract/alert.ts';
import type { RulesView, SettingsView } from '../control/alert-control.ts';
import type { AlertChannel as Channel, Delivery } from '../domain/alert.ts';
import { toTime, toTimeOrNull } from './to-wire.ts';

export const alertChannelToWire = ({
  id,
  environment,
  name,
  kind,
  shape,
  target,
  kinds,
  quiet,
  createdAt,
}: Channel): AlertChannel => ({
  ...{ id, environment, name, kind, target },
  shape: kind === 'mail' ? null : shape,
  kinds: kinds === null ? null : [...kinds],
  quiet: quiet === null ? null : { from: quiet.from, until: quiet.until, timezone: quiet.timezone },
  createdAt: toTime(createdAt),
});

export const deliveryToWire = (delivery: Delivery): AlertDelivery => {
  const { id, environment, channel, phase, incident, run, attempts, state, trouble } = delivery;
  return {
    ...{ id, environment, channel, phase, incident, run, attempts, state, trouble },
    createdAt: toTime(delivery.createdAt),
    dueAt: state === 'waiting' ? toTime(delivery.dueAt) : null,
    endedAt: toTimeOrNull(delivery.endedAt),
  };
};

export const alertRulesToWire = ({ off, jobs, pings }: RulesView): AlertRules => ({
  off: [...off],
  jobs: Object.fromEntries(
    Object.entries(jobs).map(([job, each]) => [job, { off: [...each.off], afterFails: each.afterFails }]),
  ),
  pings: { ...pings },
});

export const alertSettingsToWire = ({
  publicUrl,
  allow,
  heartbeat,
  mailServer,
}: SettingsView): AlertSettings => {
  if (mailServer === null) return { publicUrl, allow: [...allow], heartbeat, mailServer };
  const { host, port, tls, user, from } = mailServer;
  return { publicUrl, allow: [...allow], heartbeat, mailServer: { host, port, tls, user, from } };
};
