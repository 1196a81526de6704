/** Who is told of what: channels, rules and settings of alerts. */

import { checkOperator, sees } from '../domain/access.ts';
import {
  type AlertChannel,
  type AlertRules,
  type AlertSettings,
  type ChannelSecrets,
  checkChannelName,
  checkKinds,
  checkMailAddress,
  checkQuiet,
  type JobAlerts,
  type KeptChannel,
  usualJobAlerts,
} from '../domain/alert.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { Reach } from '../domain/reach.ts';
import { findZone } from '../scheduler/zone.ts';
import type {
  AlertControl,
  ChannelSettings,
  NewChannel,
  RulesChange,
  RulesView,
  SettingsView,
} from './alert-control.ts';
import { reachOf } from './alert-dispatcher.ts';
import { CallRate } from './call-rate.ts';
import type { Actor } from './control.ts';
import type { Tools } from './tools.ts';

const operatorsAct = 'manage the alerts of the machine';

/** Changes of alerts take turns: each is made of what the one before has left. */
const turn = '/alerts';

export function alertCases(tools: Tools): AlertControl {
  const { parts, changes, serial, alerts } = tools;
  const { store, clock, senders } = parts;
  const { book, dispatcher } = alerts;
  const tests = new CallRate(limits.alertTestsPerMinute);

  /** One that the actor sees; else it is told as one that does not exist. */
  const found = (actor: Actor, id: string): KeptChannel => {
    const kept = book.channel(id);
    if (kept === undefined || !seesChannel(actor, kept.channel))
      throw new Refusal('alert.channel-unknown', { channel: id });
    return kept;
  };

  const save = async (kept: KeptChannel): Promise<void> => {
    await store.saveAlertChannel(kept);
    await book.load();
    dispatcher.poke();
  };

  return {
    async alertChannels(actor, environment) {
      if (environment !== undefined) await changes.known(actor, environment);
      return book.channels
        .map(({ channel }) => channel)
        .filter((channel) => seesChannel(actor, channel))
        .filter((channel) => environment === undefined || channel.environment === environment);
    },

    async addAlertChannel(actor, input) {
      const { environment, name, kind } = input;
      if (environment === null) checkOperator(actor, operatorsAct);
      else await changes.usable(actor, environment);
      return await serial.run(turn, async () => {
        if (environment !== null) await changes.usable(actor, environment);
        checkChannelName(name);
        const others = book.channels.filter(({ channel }) => channel.environment === environment);
        if (others.length >= limits.alertChannelsPerOwner)
          throw new Refusal('alert.channels-too-many', { limit: limits.alertChannelsPerOwner });
        const signingKey =
          kind === 'webhook' && (input.shape ?? 'nightshift') === 'nightshift' ? senders.drawKey() : null;
        const empty: KeptChannel = {
          channel: {
            ...{ id: parts.newId(), environment, name, kind },
            ...{ shape: 'nightshift', to: [], target: '', kinds: null, quiet: null, createdAt: clock.wall() },
          },
          secrets: { url: null, signingKey },
        };
        const kept = changed(tools, empty, wanted(input));
        await save(kept);
        await changes.note(
          actor,
          environment,
          'add alert channel',
          `${name}: ${kind} to ${kept.channel.target}`,
        );
        return { channel: kept.channel, signingKey };
      });
    },

    async changeAlertChannel(actor, id, change) {
      return await serial.run(turn, async () => {
        const kept = changed(tools, found(actor, id), change);
        await save(kept);
        const { environment, name } = kept.channel;
        await changes.note(
          actor,
          environment,
          'change alert channel',
          `${name}: ${Object.keys(change).sort().join(', ')}`,
        );
        return kept.channel;
      });
    },

    async removeAlertChannel(actor, id) {
      await serial.run(turn, async () => {
        const { environment, name } = found(actor, id).channel;
        await store.removeAlertChannel(id);
        await book.load();
        await changes.note(actor, environment, 'remove alert channel', name);
      });
    },

    async testAlertChannel(actor, id) {
      const kept = found(actor, id);
      const who = kept.channel.environment ?? '';
      if (!tests.take(who, clock.monotonic()))
        throw new Refusal('alert.tests-too-many', { limit: limits.alertTestsPerMinute });
      if (kept.channel.kind === 'mail' && book.settings.mailServer === null)
        throw new Refusal('alert.mail-server');
      const failure = await dispatcher.test(kept, parts.newId());
      if (failure !== null)
        throw new Refusal('alert.test-failed', { channel: kept.channel.name, why: failure.why });
    },

    async alertDeliveries(actor, filter) {
      if (filter.environment !== undefined) {
        await changes.known(actor, filter.environment);
        return await store.deliveries(filter);
      }
      if (actor.role === 'operator') return await store.deliveries(filter);
      const own = (actor.environments ?? []).filter((each) => sees(actor, each));
      const all = await Promise.all(own.map((environment) => store.deliveries({ ...filter, environment })));
      return all
        .flat()
        .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
        .slice(0, filter.limit);
    },

    async alertRules(actor, environment) {
      await changes.known(actor, environment);
      return rulesView(book.rulesOf(environment));
    },

    async changeAlertRules(actor, environment, change) {
      await changes.usable(actor, environment);
      return await serial.run(turn, async () => {
        await changes.usable(actor, environment);
        const rules = await changedRules(tools, environment, book.rulesOf(environment), change);
        await store.saveAlertRules(environment, rules);
        await book.load();
        const jobs = [...Object.keys(change.jobs ?? {}), ...Object.keys(change.pings ?? {})];
        await changes.note(actor, environment, 'change alert rules', [...new Set(jobs)].sort().join(', '));
        return rulesView(rules);
      });
    },

    async alertSettings(actor) {
      checkOperator(actor, operatorsAct);
      return await Promise.resolve(settingsView(book.settings));
    },

    async changeAlertSettings(actor, change) {
      checkOperator(actor, operatorsAct);
      return await serial.run(turn, async () => {
        const { publicUrl = book.settings.publicUrl, allow = book.settings.allow } = change;
        const wrongUrl = publicUrl === null ? null : senders.wrongUrl(publicUrl);
        if (wrongUrl !== null) throw new Refusal('alert.url', { why: wrongUrl });
        const wrong = allow.find((each) => !senders.isNetwork(each));
        if (wrong !== undefined) throw new Refusal('alert.network', { network: wrong });
        const before = book.settings.mailServer;
        const given = change.mailServer;
        if (given != null) checkMailAddress(bareAddress(given.from));
        const mailServer =
          given === undefined
            ? before
            : given === null
              ? null
              : {
                  ...given,
                  password: given.password === undefined ? (before?.password ?? null) : given.password,
                };
        const { heartbeat: heartbeatUrl = book.settings.heartbeatUrl } = change;
        if (heartbeatUrl !== null) checkUrl(senders, heartbeatUrl, 'anywhere');
        const settings: AlertSettings = { publicUrl, allow: [...new Set(allow)], mailServer, heartbeatUrl };
        await store.saveAlertSettings(settings);
        await book.load();
        dispatcher.poke();
        await changes.note(actor, null, 'change alert settings', Object.keys(change).sort().join(', '));
        return settingsView(settings);
      });
    },
  };
}

const seesChannel = (actor: Actor, { environment }: AlertChannel): boolean =>
  environment === null
    ? actor.role === 'operator' && (actor.scope === undefined || actor.scope === 'operator')
    : sees(actor, environment);

/** The settings of a new channel, without its name and kind. */
function wanted({ environment: _, name: __, kind: ___, ...settings }: NewChannel): ChannelSettings {
  return settings;
}

function changed(
  { parts, alerts }: Tools,
  { channel, secrets }: KeptChannel,
  change: ChannelSettings,
): KeptChannel {
  const url = change.url ?? secrets.url;
  const to = change.to ?? channel.to;
  const quiet = change.quiet === undefined ? channel.quiet : change.quiet;
  if (quiet !== null) checkQuiet(quiet, (name) => findZone(name) !== undefined);
  const kinds =
    change.kinds === undefined ? channel.kinds : change.kinds === null ? null : checkKinds(change.kinds);
  if (channel.kind === 'mail') {
    if (to.length === 0) throw new Refusal('alert.mail-missing');
    const addresses = [...new Set(to)].slice(0, limits.alertMailAddresses).map(checkMailAddress);
    return { channel: { ...channel, to: addresses, target: addresses.join(', '), kinds, quiet }, secrets };
  }
  const reach = reachOf(channel.environment, alerts.book.settings.allow);
  const target = checkUrl(parts.senders, url ?? '', reach);
  const shape = change.shape ?? channel.shape;
  const kept: ChannelSecrets = { ...secrets, url };
  return { channel: { ...channel, shape, target, kinds, quiet }, secrets: kept };
}

/** Its host: what people may see of it. */
function checkUrl(senders: Tools['parts']['senders'], url: string, reach: Reach): string {
  const wrong = senders.wrongUrl(url);
  if (wrong !== null) throw new Refusal('alert.url', { why: wrong });
  const { host } = new URL(url);
  if (senders.isForbidden(url, reach)) throw new Refusal('alert.address-forbidden', { host });
  return host;
}

async function changedRules(
  { parts, alerts }: Tools,
  environment: string,
  rules: AlertRules,
  change: RulesChange,
): Promise<AlertRules> {
  const jobs: Record<string, JobAlerts> = { ...rules.jobs };
  const pings: Record<string, string> = { ...rules.pings };
  const known = async (name: string) => {
    const job = await parts.store.job(environment, name);
    if (job === undefined) throw new Refusal('job.unknown', { environment, job: name });
    return job;
  };
  for (const [name, given] of Object.entries(change.jobs ?? {})) {
    // Of a job that is gone what is kept can still be taken away.
    if (rules.jobs[name] === undefined) await known(name);
    const before = rules.jobs[name] ?? usualJobAlerts;
    const { afterFails = before.afterFails } = given;
    if (!Number.isInteger(afterFails) || afterFails < 1 || afterFails > limits.alertAfterFailsMost)
      throw new Refusal('alert.after-fails', { fails: afterFails, limit: limits.alertAfterFailsMost });
    jobs[name] = { off: given.off === undefined ? before.off : checkKinds(given.off), afterFails };
    if (jobs[name].off.length === 0 && afterFails === usualJobAlerts.afterFails) delete jobs[name];
  }
  for (const [name, url] of Object.entries(change.pings ?? {})) {
    if (url === null) {
      delete pings[name];
      continue;
    }
    if ((await known(name)).type === 'worker') throw new Refusal('alert.ping-of-worker', { job: name });
    checkUrl(parts.senders, url, reachOf(environment, alerts.book.settings.allow));
    pings[name] = url;
  }
  return { off: change.off === undefined ? rules.off : checkKinds(change.off), jobs, pings };
}

const rulesView = ({ off, jobs, pings }: AlertRules): RulesView => ({
  off,
  jobs,
  pings: Object.fromEntries(Object.entries(pings).map(([job, url]) => [job, new URL(url).host])),
});

function settingsView({ mailServer, heartbeatUrl, ...settings }: AlertSettings): SettingsView {
  const heartbeat = heartbeatUrl === null ? null : new URL(heartbeatUrl).host;
  if (mailServer === null) return { ...settings, heartbeat, mailServer };
  const { password: _, ...shown } = mailServer;
  return { ...settings, heartbeat, mailServer: shown };
}

/** `Nightshift <jobs@example.com>`: the address in it. */
const bareAddress = (from: string): string => /<([^<>]*)>\s*$/.exec(from)?.[1] ?? from;
