/** The handlers of alerts. */
import type { AlertControl } from '../control/alert-control.ts';
import {
  alertChannelToWire,
  alertRulesToWire,
  alertSettingsToWire,
  deliveryToWire,
} from '../wire/alert-to-wire.ts';
import { nothing, page, present, whole } from './answers.ts';
import type { Handlers } from './handlers.ts';

export const alertHandlers = (control: AlertControl) =>
  ({
    alertChannels: async ({ actor, query }) =>
      whole((await control.alertChannels(actor, query.environment)).map(alertChannelToWire)),
    addAlertChannel: async ({ actor, body }) => {
      const { channel, signingKey } = await control.addAlertChannel(actor, present(body));
      return { channel: alertChannelToWire(channel), signingKey };
    },
    changeAlertChannel: async ({ actor, params, body }) =>
      alertChannelToWire(await control.changeAlertChannel(actor, params.channel, present(body))),
    removeAlertChannel: ({ actor, params }) => nothing(control.removeAlertChannel(actor, params.channel)),
    testAlertChannel: ({ actor, params }) => nothing(control.testAlertChannel(actor, params.channel)),
    alertDeliveries: async ({ actor, query }) => {
      const deliveries = await control.alertDeliveries(actor, present(query));
      return page(deliveries.map(deliveryToWire), query.limit, ({ id }) => id);
    },
    alertSettings: async ({ actor }) => alertSettingsToWire(await control.alertSettings(actor)),
    changeAlertSettings: async ({ actor, body: { mailServer, ...body } }) =>
      alertSettingsToWire(
        await control.changeAlertSettings(actor, {
          ...present(body),
          ...(mailServer === undefined
            ? {}
            : { mailServer: mailServer === null ? null : present(mailServer) }),
        }),
      ),
    alertRules: async ({ actor, params }) =>
      alertRulesToWire(await control.alertRules(actor, params.environment)),
    changeAlertRules: async ({ actor, params, body: { jobs, ...body } }) =>
      alertRulesToWire(
        await control.changeAlertRules(actor, params.environment, {
          ...present(body),
          ...(jobs === undefined
            ? {}
            : { jobs: Object.fromEntries(Object.entries(jobs).map(([job, each]) => [job, present(each)])) }),
        }),
      ),
  }) satisfies Partial<Handlers>;
