/** The routes of alerts. */
import {
  addedAlertChannel,
  alertChannel,
  alertChannelChange,
  alertChannelParams,
  alertChannelsQuery,
  alertDeliveriesQuery,
  alertDelivery,
  alertRules,
  alertRulesChange,
  alertSettings,
  alertSettingsChange,
  newAlertChannel,
} from './alert.ts';
import { type Route, route } from './route.ts';
import { environmentParams, listOf } from './wire.ts';

export const alertRoutes = {
  alertChannels: route('GET /alerts/channels', 'Who is told of incidents', {
    query: alertChannelsQuery,
    response: listOf(alertChannel),
  }),
  addAlertChannel: route('POST /alerts/channels', 'Have a webhook or mail addresses told of incidents', {
    once: true,
    body: newAlertChannel,
    response: addedAlertChannel,
    status: 201,
  }),
  changeAlertChannel: route('PATCH /alerts/channels/:channel', 'Change where notices go, of what, and when', {
    params: alertChannelParams,
    body: alertChannelChange,
    response: alertChannel,
  }),
  removeAlertChannel: route('DELETE /alerts/channels/:channel', 'Tell it no more; what waits for it goes', {
    params: alertChannelParams,
  }),
  testAlertChannel: route('POST /alerts/channels/:channel/test', 'Send a test, and say whether it arrived', {
    params: alertChannelParams,
  }),
  alertDeliveries: route('GET /alerts/deliveries', 'What was sent and what waits, newest first', {
    query: alertDeliveriesQuery,
    response: listOf(alertDelivery),
  }),
  alertSettings: route('GET /alerts/settings', 'What holds for the alerts of all environments', {
    response: alertSettings,
  }),
  changeAlertSettings: route(
    'PATCH /alerts/settings',
    'Set the mail server, the public address, what may be reached',
    {
      body: alertSettingsChange,
      response: alertSettings,
    },
  ),
  alertRules: route('GET /environments/:environment/alert-rules', 'What an environment wants to be told of', {
    params: environmentParams,
    response: alertRules,
  }),
  changeAlertRules: route(
    'PATCH /environments/:environment/alert-rules',
    'Say of what nobody is to be told, and which monitors hear of the runs of crons',
    { params: environmentParams, body: alertRulesChange, response: alertRules },
  ),
} as const satisfies Record<string, Route>;
