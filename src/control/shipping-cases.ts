/** Where the output of an environment is sent as well. */
import { Refusal } from '../domain/errors.ts';
import { checkHeaders, type KeptLogReceiver, nothingSent } from '../domain/log-receiver.ts';
import { reachOf } from './alert-dispatcher.ts';
import type { ShippingControl } from './shipping-control.ts';
import type { Tools } from './tools.ts';

export function shippingCases(tools: Tools): ShippingControl {
  const { parts, changes, serial, shipping } = tools;
  const { store, clock } = parts;
  return {
    async logReceiver(actor, environment) {
      await changes.known(actor, environment);
      return shipping.view(environment);
    },

    async setLogReceiver(actor, environment, { url, headers = {} }) {
      await changes.usable(actor, environment);
      return await serial.run(environment, async () => {
        await changes.usable(actor, environment);
        const target = checkAddress(tools, environment, url);
        checkHeaders(headers);
        const before = shipping.kept(environment);
        const kept: KeptLogReceiver = {
          receiver: {
            ...{ environment, target, headers: Object.keys(headers).sort() },
            since: before?.receiver.since ?? clock.wall(),
          },
          secrets: { url: logsAddress(url), headers },
          // Another address or key for the same output: it goes on where it was.
          progress: before?.progress ?? nothingSent,
        };
        await store.saveLogReceiver(kept);
        shipping.set(kept);
        await changes.note(actor, environment, 'send logs', `to ${target}`);
        return shipping.view(environment);
      });
    },

    async removeLogReceiver(actor, environment) {
      await changes.usable(actor, environment);
      await serial.run(environment, async () => {
        const view = shipping.view(environment);
        if (view === null) throw new Refusal('log.receiver-none', { environment });
        await store.removeLogReceiver(environment);
        shipping.forget(environment);
        await changes.note(actor, environment, 'send logs no more', `to ${view.receiver.target}`);
      });
    },
  };
}

function checkAddress({ parts, alerts }: Tools, environment: string, url: string): string {
  const { senders } = parts;
  const why = senders.wrongUrl(url);
  if (why !== null) throw new Refusal('log.receiver-url', { why });
  const { host } = new URL(url);
  if (senders.isForbidden(url, reachOf(environment, alerts.book.settings.allow)))
    throw new Refusal('log.receiver-forbidden', { host });
  return host;
}

/** The address as OpenTelemetry has it: of one without a path, the usual path for logs. */
function logsAddress(url: string): string {
  const address = new URL(url);
  if (address.pathname === '/') address.pathname = '/v1/logs';
  return address.href;
}
